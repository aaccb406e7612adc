/** A run of Thinking as the scenario that repeats it. */
import { modelKeyOf } from '@/protocol/model.ts';
import type { Recording } from '@/protocol/recording.ts';
import { REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ReasoningSettings, StreamName } from '@/protocol/reasoning.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import { streamNameOf } from '@/protocol/scenario/stream-names.ts';
import type { AppState } from '../app-store.ts';
import type { RunMaker } from '../run-film.ts';
import { nameOfText, SCENARIO_HEAD } from './scenario-file.ts';
import { modelPart, notRepeatable } from './scenario-model.ts';
import { isTypedRun, typedDrafts, typedRemarks } from './typed-inputs.ts';

const STREAMS: readonly StreamName[] = ['thinker', 'writer'];

/** The page's own run, and what it was made with. */
export interface MadeRun {
  readonly run: Recording;
  readonly maker: RunMaker;
}

/**
 * @param detokenize  of the loaded model, which has to be the one that made the run
 * @throws {Failure} 'invalidConfig' with the reason if a file cannot repeat it
 */
export async function scenarioOfThinking(
  { model }: Pick<AppState, 'model'>,
  { run, maker }: MadeRun,
  detokenize: (ids: readonly number[]) => Promise<string>,
): Promise<WrittenScenario> {
  const { info } = maker.model;
  if (maker.adapter !== null)
    throw notRepeatable(
      `The adapter ${maker.adapter} was attached to this run, which a scenario has no place for. Detach it, and ask again.`,
    );
  const { note, ...part } = modelPart(maker.model);
  if (info === null || model.info === null || modelKeyOf(model.info) !== modelKeyOf(info))
    throw notRepeatable('Another model is loaded than the one that made this run.');
  const isTyped = isTypedRun(run) && !maker.wereSettingsChanged;
  return {
    ...SCENARIO_HEAD,
    name: nameOfText(run.setup.problem ?? '', 'A run of Thinking'),
    description: `Saved from the Thinking panel. It repeats what was typed, at the steps at which it was read.${note}`,
    panel: 'thinking',
    ...part,
    ...(isTyped
      ? await typedPart(run, otherSettings(maker.settings, info.hasThinkTokens), detokenize)
      : { inputs: { kind: 'setup', setup: run.setup } }),
    expect: { tokenIds: tokenIdsOf(run) },
  };
}

type TypedPart = Pick<Extract<WrittenScenario, { panel: 'thinking' }>, 'inputs' | 'settings' | 'seed'>;

/** Those that are not what a script would have. The page's own defaults also depend on the machine's speed. */
function otherSettings(settings: ReasoningSettings, hasThinkTokens: boolean): Partial<ReasoningSettings> {
  const defaults = defaultSettingsFor(hasThinkTokens);
  return Object.fromEntries(
    REASONING_KEYS.filter((key) => JSON.stringify(settings[key]) !== JSON.stringify(defaults[key])).map((key) => [
      key,
      settings[key],
    ]),
  );
}

async function typedPart(
  run: Recording,
  given: Partial<ReasoningSettings>,
  detokenize: (ids: readonly number[]) => Promise<string>,
): Promise<TypedPart> {
  const { seed, ...settings } = given;
  const drafts = await typedDrafts(run, detokenize);
  const remarks = typedRemarks(run);
  const { steps, final } = run.result;
  const question = drafts.find(({ sent }) => sent)?.text ?? drafts.at(-1)?.text ?? '';
  if (question === '') throw notRepeatable('Nothing was read in this run.');
  return {
    inputs: {
      kind: 'question',
      question,
      drafts,
      ...(remarks.length > 0 && { remarks }),
      // A full context ends the run by itself, in the middle of a step.
      ...(final.stop !== 'context_full' && { stopAt: { step: steps.length } }),
    },
    // The page waits for the next question behind an answer.
    settings: { ...settings, followUps: true },
    ...(seed !== undefined && { seed }),
  };
}

function tokenIdsOf({ result: { turns = [], final } }: Recording): Record<string, number[]> {
  return Object.fromEntries(
    [...turns, final].flatMap((tokens, turn) =>
      STREAMS.map((stream) => [streamNameOf(turn, stream), [...tokens[`${stream}_tokens`]]]),
    ),
  );
}
