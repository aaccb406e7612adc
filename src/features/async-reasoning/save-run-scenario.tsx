import type { ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { scenarioFile, type ScenarioFile } from '@/state/scenario/scenario-file.ts';
import { scenarioOfThinking } from '@/state/scenario/scenario-of-thinking.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { SaveScenario } from '@/ui/save-scenario.tsx';
import { currentRecording } from './runs/current-recording.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

/** Of the page's own run; also in the middle of one, up to then. */
export function SaveRunScenario({ run }: { readonly run: ReasoningRun }): ReactElement {
  const store = useAppStore();
  const duet = useDuet();
  const isPossible = useAppState(({ live }) => live.steps.length > 0 && live.phase !== 'failed');
  const make = async (): Promise<ScenarioFile> => {
    const state = store.getState();
    const recording = await currentRecording(state, run);
    if (recording === null || state.runMaker === null) throw new Error('There is no run to repeat yet.');
    const made = { run: recording, maker: state.runMaker };
    return scenarioFile(await scenarioOfThinking(state, made, (ids) => duet.detokenize(ids)));
  };
  return <SaveScenario size="compact-xs" isPossible={isPossible} make={make} />;
}
