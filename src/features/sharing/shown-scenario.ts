/** What was done on a page as the scenario that repeats it. */
import { assertNever } from '@/lib/assert.ts';
import type { DuetApi } from '@/client/duet-api.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { SharedPage } from '@/protocol/shared-content.ts';
import type { AppState } from '@/state/app-store.ts';
import { openChatOf } from '@/state/chat-slice.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { isRunning, recordOf } from '@/state/negotiation-view.ts';
import { scenarioOfChat } from '@/state/scenario/scenario-of-chat.ts';
import { scenarioOfGroup } from '@/state/scenario/scenario-of-group.ts';
import { scenarioOfThinking } from '@/state/scenario/scenario-of-thinking.ts';
import { scenarioOfFineTune, scenarioOfTraining } from '@/state/scenario/scenario-of-training.ts';
import { toRecording } from '@/state/to-recording.ts';

type Engine = Pick<DuetApi, 'traceSoFar' | 'detokenize'>;

/** Whether there is something on the page that "Save as scenario" would be offered for. */
export function hasScenario(state: AppState, page: SharedPage): boolean {
  switch (page) {
    case 'thinking':
      return state.live.steps.length > 0 && state.live.phase !== 'failed';
    case 'negotiation':
      return !isRunning(state.rollout) && state.rollout.plan !== null && state.rollout.dialogues.length > 0;
    case 'training':
      return shownRun(state)?.isRecorded === false;
    case 'chat':
      return openChatOf(state) !== undefined;
    case 'fineTune':
      return state.fineTune.phase !== 'running' && state.fineTune.points.length > 0;
    case 'evaluation':
    case 'thinkingEvaluation':
      return false;
    default:
      return assertNever(page);
  }
}

/**
 * Null where there is none.
 *
 * @throws {Failure} 'invalidConfig' with the reason if a file cannot repeat it
 */
export async function scenarioOf(state: AppState, page: SharedPage, engine: Engine): Promise<WrittenScenario | null> {
  switch (page) {
    case 'thinking':
      return ofThinking(state, engine);
    case 'negotiation': {
      const group = recordOf(state.rollout);
      return group === null ? null : scenarioOfGroup(state, group);
    }
    case 'training': {
      const shown = shownRun(state);
      return shown === null ? null : scenarioOfTraining(state, shown.run, shown.step);
    }
    case 'chat': {
      const chat = openChatOf(state);
      return chat === undefined ? null : scenarioOfChat(state, chat);
    }
    case 'fineTune':
      return scenarioOfFineTune(state);
    case 'evaluation':
    case 'thinkingEvaluation':
      return null;
    default:
      return assertNever(page);
  }
}

async function ofThinking(state: AppState, engine: Engine): Promise<WrittenScenario | null> {
  const trace = state.live.trace ?? (await engine.traceSoFar());
  if (trace === null || state.runMaker === null || state.film.numSteps === 0) return null;
  const made = { run: toRecording(state.film, trace), maker: state.runMaker };
  return scenarioOfThinking(state, made, (ids) => engine.detokenize(ids));
}
