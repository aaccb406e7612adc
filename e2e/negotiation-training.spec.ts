/** Training on negotiations through `window.duet`, of the embedded model and, where steps are repeated, of a tiny one. */
import type { JSHandle, Page } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type {
  NegotiationTrainingEvent,
  NegotiationTrainingRequest,
  NegotiationTrainingStep,
  StartTraining,
  TrainingRun,
} from '../src/protocol/negotiation-training.ts';
import { HELD_OUT_DILEMMAS } from '../src/protocol/negotiation/held-out.ts';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { SHORT_TEMPLATES } from './short-templates.ts';

const OWN = { split: 'train', origin: 'own', category: 'everyday', goal: 'Settle it at last' } as const;
const DILEMMAS = [
  { id: 'tree', prompt: 'Cut the old tree?', ...OWN },
  { id: 'song', prompt: 'Sing at night?', ...OWN },
];
const PAIR = {
  id: 'yes-no',
  theme: 'yes and no',
  persona1: 'Do it.',
  persona2: 'Leave it.',
  split: 'train',
  origin: 'own',
} as const;
const SMALL: StartTraining = {
  kind: 'start',
  name: 'Small steps',
  steps: 2,
  dilemmas: DILEMMAS,
  pairs: [PAIR],
  templates: SHORT_TEMPLATES,
  settings: {
    groupSize: 2,
    maxTurns: 1,
    maxUtteranceTokens: 5,
    maxCompletionTokens: 4,
    // Everybody agrees: what is tested is the training.
    agreementThreshold: 0,
    seed: 3,
  },
  training: { learningRate: 1e-3 },
  lora: { r: 4, loraAlpha: 8 },
};

async function loaded(page: Page): Promise<JSHandle<DuetApi>> {
  await page.goto('/?model=none');
  const api = await duet(page);
  await loadTinyModel(api, { contextLength: 2048 });
  return api;
}

interface Outcome {
  readonly run: TrainingRun;
  readonly kinds: readonly string[];
}

/** @param stopIn  the step in whose dialogues the run is stopped */
function train(api: JSHandle<DuetApi>, request: NegotiationTrainingRequest, stopIn?: number): Promise<Outcome> {
  return api.evaluate(
    async (d, { given, last }) => {
      const kinds: string[] = [];
      const stop = new AbortController();
      let step = 0;
      const take = (event: NegotiationTrainingEvent): void => {
        kinds.push(event.kind === 'progress' ? event.progress.phase : event.kind);
        if (event.kind === 'stepStarted') step = event.step;
        if (event.kind === 'rollout' && event.event.kind === 'stepped' && step === last) stop.abort();
      };
      const run = await d.negotiation.train(given, take, { signal: stop.signal });
      return { run, kinds: [...new Set(kinds)] };
    },
    { given: request, last: stopIn },
  );
}

async function stepOf(api: JSHandle<DuetApi>, run: TrainingRun, step: number): Promise<NegotiationTrainingStep> {
  const record = await api.evaluate((d, [id, index]) => d.negotiation.readTrainingStep(id, index), [
    run.id,
    step,
  ] as const);
  if (record === null) throw new Error(`Step ${step} of "${run.name}" was not kept.`);
  return record;
}

/** All that has to be equal in a step that is repeated. */
function essence({ groups, rewards, advantages, rows, metrics, updates }: NegotiationTrainingStep): unknown {
  const { step_time: _time, ...numbers } = metrics;
  const said = groups.map(({ dialogues, dilemma, pair }) => ({ dialogues, dilemma: dilemma.id, pair: pair.id }));
  return { said, rewards, advantages, rows, numbers, updates };
}

test('a group negotiates, is judged, and trains; reloaded and stopped in the middle, it goes on bit by bit', async ({
  page,
}) => {
  test.setTimeout(300_000);
  let api = await loaded(page);
  const straight = await train(api, SMALL);
  expect(straight.run.steps).toHaveLength(2);
  expect(straight.kinds).toEqual(
    expect.arrayContaining([
      'prepared',
      'saved',
      'rollout',
      'judge',
      'forward',
      'backward',
      'update',
      'measure',
      'stepped',
    ]),
  );
  // Both dilemmas come before any comes again.
  expect(new Set(straight.run.steps.flatMap(({ tasks }) => tasks.map(({ dilemma }) => dilemma))).size).toBe(2);

  const first = await stepOf(api, straight.run, 1);
  expect(first.rows).toHaveLength(2);
  expect(first.rows.every(({ lossMask, tokenIds }) => lossMask.length === tokenIds.length)).toBe(true);
  expect(new Set(first.advantages.flat()).size).toBeGreaterThan(1);
  // The trainer reads what the decoder wrote: the same policy, up to rounding.
  expect(first.metrics['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
  expect(first.metrics['clip_ratio/region_mean']).toBe(0);
  // The update moves what was said towards its advantage.
  for (const { advantage, logProbs, logProbsAfter } of first.rows) {
    const moved = logProbs.reduce((sum, before, t) => sum + (logProbsAfter?.[t] ?? Number.NaN) - before, 0);
    expect(Math.sign(moved)).toBe(Math.sign(advantage));
  }

  await page.reload();
  api = await loaded(page);
  const [stored] = await api.evaluate((d) => d.negotiation.listTrainingRuns());
  expect(stored).toMatchObject({ id: straight.run.id, name: 'Small steps', isOfLoadedModel: true });
  expect(stored?.checkpoints.map(({ runStep }) => runStep)).toEqual([2, 1, 0]);
  // From behind the first step once more, in a run of its own, which is stopped while it negotiates and taken up.
  const checkpointId = stored?.checkpoints.find(({ runStep }) => runStep === 1)?.id ?? '';
  const branch = { kind: 'branch', runId: straight.run.id, checkpointId, name: 'Once more', steps: 2 } as const;
  const stopped = await train(api, branch, 2);
  expect(stopped.run.steps).toEqual(straight.run.steps.slice(0, 1));
  expect(stopped.run.parent).toEqual({ runId: straight.run.id, name: 'Small steps', step: 1 });
  const resumed = await train(api, { kind: 'resume', runId: stopped.run.id });
  for (const step of [1, 2]) {
    const [a, b] = [await stepOf(api, resumed.run, step), await stepOf(api, straight.run, step)];
    expect(essence(a)).toEqual(essence(b));
  }

  // The adapter goes out as a file, comes back, and speaks in chat as the trained one.
  const said = await api.evaluate(async (d, adapterId) => {
    const ask = { messages: [{ role: 'user' as const, content: 'Hello' }], maxNewTokens: 4 };
    const text = async (): Promise<string> => (await d.generate(ask)).text;
    const sumOf = async (adapter: 'on' | 'off'): Promise<number> => {
      const rows = [{ promptIds: [1, 2], completionIds: [3, 4, 5], lossMask: [1, 1, 1], advantage: 0 }];
      const [row] = await d.training.logProbs({ rows }, { adapter });
      return (row?.logProbs ?? []).reduce((sum, value) => sum + value, 0);
    };
    const trained = [await text(), await sumOf('on')];
    const files = await d.training.exportAdapter(adapterId, 'files');
    const { id } = await d.training.importAdapter(files, 'Come back');
    await d.training.attachAdapter(id);
    return { trained, imported: [await text(), await sumOf('on')], base: await sumOf('off') };
  }, resumed.run.adapterId);
  expect(said.imported).toEqual(said.trained);
  expect(said.base).not.toBe(said.trained[1]);
});

test('the single agent trains its answers; what is held out, or trains nothing, is refused', async ({
  engine: api,
}) => {
  test.setTimeout(200_000);
  const alone = await train(api, { ...SMALL, name: 'Alone', method: 'singleAgent', steps: 1 });
  const step = await stepOf(api, alone.run, 1);
  expect(step.rows.map(({ utterance }) => utterance)).toEqual([null, null]);
  expect(step.groups[0]?.dialogues.every(({ utterances }) => utterances.length === 0)).toBe(true);

  const refusal = (request: Partial<StartTraining>): Promise<string> =>
    api.evaluate((d, given) => d.negotiation.train(given).then(() => 'trained', String), { ...SMALL, ...request });
  const [heldOut = ''] = HELD_OUT_DILEMMAS;
  expect(await refusal({ dilemmas: [heldOut] })).toContain(`"${heldOut}" is held out`);
  expect(await refusal({ settings: { groupSize: 1 } })).toContain('groupSize');
  expect(await refusal({ training: { lossType: 'sft' } })).toContain('lossType');
  expect(await refusal({ adapterId: 'nobody' })).toContain('deleted');
});
