/** The method through `window.duet`: edits, remarks, pauses, turns, both designs, studies. */
import type { JSHandle } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type {
  ReasoningConfig,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningTrace,
  TraceInputEvent,
} from '../src/protocol/reasoning.ts';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';

interface Outcome {
  readonly trace: ReasoningTrace;
  readonly events: readonly ReasoningEvent[];
}

function reason(api: JSHandle<DuetApi>, config: ReasoningConfig): Promise<Outcome> {
  return api.evaluate(async (d, given) => {
    const events: ReasoningEvent[] = [];
    const trace = await d.reason(given, (event) => events.push(event));
    return { trace, events };
  }, config);
}

const kindsAt = ({ trace }: Outcome, step: number): TraceInputEvent['kind'][] =>
  trace.setup.events.filter((event) => event.step === step).map(({ kind }) => kind);
const withoutTimes = ({ setup, result, text }: ReasoningTrace): unknown => ({
  setup,
  text,
  result: { ...result, steps: result.steps.map((step) => ({ ...step, elapsed_ms: 0 })) },
});
/** The writer goes on without asking, so that the answer ends within a few steps; every probe would read a question. */
const AT_ONCE = { paragraphPause: false, probeInterval: 100, probeAtParagraphs: false } as const;
const affectedBy = ({ events }: Outcome): { policy: string; tokens: number }[] =>
  events.flatMap((event) =>
    event.kind === 'thoughtsAffected' ? [{ policy: event.policy, tokens: event.tokens }] : [],
  );

test('an edit in the middle keeps thoughts, rolls them back or starts them anew; twice the same, and replayed', async ({
  page,
}) => {
  await page.goto('/?model=none');
  const api = await duet(page);
  await loadTinyModel(api);
  const config = (onEdit: 'keep' | 'rewind' | 'restart'): ReasoningConfig => ({
    question: 'What is the capital of Italy and its river?',
    drafts: [
      { step: 0, text: 'What is the capital ', sent: false },
      { step: 4, text: 'What is the capital of France and its ', sent: false },
      { step: 9, text: 'What is the capital of Italy and its river?', sent: true },
    ],
    settings: { budget: 10, onEdit, keepThoughtsFrom: 0, reminders: true, allowThinkEnd: false },
  });
  const kept = await reason(api, config('keep'));
  expect(kindsAt(kept, 9)).toEqual(['set_params', 'edit_input', 'inject', 'start_writer']);
  // Read at step 4, so the thoughts of steps 4 to 8 rest on France.
  expect(affectedBy(kept)).toEqual([{ policy: 'keep', tokens: 5 }]);

  const rewound = await reason(api, config('rewind'));
  expect(kindsAt(rewound, 9)).toEqual(['set_params', 'edit_input', 'rewind', 'start_writer']);
  expect(affectedBy(rewound)).toEqual([{ policy: 'rewind', tokens: 5 }]);
  const cut = rewound.trace.setup.events.find((event) => event.kind === 'rewind');
  expect(cut?.thinker).toBe((rewound.trace.setup.stream_tokens.thinker.length ?? 0) + 4);

  const restarted = await reason(api, config('restart'));
  expect(kindsAt(restarted, 9)).toEqual(['set_params', 'edit_input', 'start_thinker', 'start_writer']);

  const again = await reason(api, config('rewind'));
  expect(withoutTimes(again.trace)).toEqual(withoutTimes(rewound.trace));
  const replayed = await reason(api, rewound.trace.setup);
  expect(withoutTimes(replayed.trace)).toEqual(withoutTimes(rewound.trace));
});

test('a remark reaches the input, the thinker and the writer, which goes on', async ({ engine: api }) => {
  const outcome = await reason(api, {
    question: 'What is the capital of France?',
    remarks: [{ step: 4, text: 'And of Italy?' }],
    settings: { ...AT_ONCE, budget: 24 },
  });
  expect(kindsAt(outcome, 4)).toEqual(['append_input', 'inject']);
  expect(outcome.events.filter(({ kind }) => kind === 'remarkRead')).toHaveLength(1);
  expect(outcome.trace.text.thinker).toContain('And of Italy?');
  const { writer: writerText } = outcome.trace.text;
  const told = outcome.trace.setup.events.find(
    (event) => (event.kind === 'wake' || event.kind === 'inject') && event.stream === 'writer',
  );
  expect(told).toBeDefined();
  const [, behind = ''] = writerText.split('[SYSTEM: additional user input 1 received]');
  expect(behind.replace('<|im_end|>', '').trim()).not.toBe('');
});

/** Two questions, of which the second is read behind the answer to the first. */
const askOn = (settings: Partial<ReasoningSettings>): ReasoningConfig => ({
  question: 'unused',
  drafts: [
    { step: 0, text: 'What is the capital of France?', sent: true },
    { step: 999, text: 'And of Italy?', sent: true },
  ],
  settings: { ...settings, followUps: true },
});

function expectNextTurn({ trace }: Outcome, input: string): void {
  expect(trace.setup.events.find((event) => event.kind === 'next_turn')).toBeDefined();
  const { lengths } = trace.result.final;
  expect(lengths[`${input}@1`]).toBeLessThan(lengths[input] ?? 0);
  // The answer's tokens still stand in the block that they were written to.
  const [answered] = trace.result.turns ?? [];
  const written = lengths['writer_output'] ?? 0;
  expect([0, 1]).toContain((answered?.writer_tokens.length ?? 0) - written);
}

test('the next turn reads the answer from the cache', async ({ engine: api }) => {
  // A few steps of thoughts about Italy come first.
  const settings = { probeInterval: 6, probeAtParagraphs: false, yesBias: 20, budget: 20 };
  const outcome = await reason(api, askOn(settings));
  expectNextTurn(outcome, 'input_block');
  expect(outcome.trace.text.thinker).toMatch(/Rome|Ital/);
});

test('so it does in both designs, and is replayed', async ({ tinyEngine: api }) => {
  for (const design of ['A', 'B'] as const) {
    const outcome = await reason(api, askOn({ ...AT_ONCE, budget: 16, design }));
    expectNextTurn(outcome, design === 'B' ? 'input_block' : 'writer_input');
    const replayed = await reason(api, outcome.trace.setup);
    expect(withoutTimes(replayed.trace)).toEqual(withoutTimes(outcome.trace));
  }
});

test('pausing holds a run, resuming lets it go on, stopping ends it', async ({ engine: api }) => {
  const outcome = await api.evaluate(async (d) => {
    const events: ReasoningEvent[] = [];
    let numSteps = 0;
    let stepsWhilePaused = 0;
    let isPaused = false;
    const controller = new AbortController();
    const run = d.reasonLive(
      { budget: 200 },
      (event) => {
        events.push(event);
        if (event.kind === 'stepped') {
          numSteps++;
          if (isPaused) stepsWhilePaused++;
          if (numSteps === 3) void d.pause();
          if (numSteps === 8) controller.abort();
        }
        if (event.kind === 'waiting' && event.reason === 'paused') {
          isPaused = true;
          setTimeout(() => {
            isPaused = false;
            void d.resume();
          }, 400);
        }
      },
      { signal: controller.signal },
    );
    await d.updateDraft({ text: 'Why is the sky blue?', sent: true });
    const trace = await run;
    return { waits: events.filter(({ kind }) => kind === 'waiting').length, stepsWhilePaused, trace };
  });
  expect(outcome.stepsWhilePaused).toBe(0);
  expect(outcome.waits).toBeGreaterThan(0);
  expect(outcome.trace.result.final.stop).toBe('stopped');
  expect(outcome.trace.result.steps.length).toBeGreaterThanOrEqual(8);
});

test('a text that does not fit waits for a shorter one, and a context that fills up ends the run', async ({ page }) => {
  await page.goto('/?model=none');
  const api = await duet(page);
  await loadTinyModel(api, { contextLength: 1536 });
  const words = Array.from({ length: 2000 }, (_, i) => `word${i % 10}`).join(' ');
  const shortened = await reason(api, {
    question: 'unused',
    drafts: [
      { step: 0, text: words, sent: false, settled: true },
      { step: 1, text: 'Name three fruits.', sent: true },
    ],
    settings: { budget: 4 },
  });
  const waits = shortened.events.flatMap((event) => (event.kind === 'waiting' ? [event] : []));
  expect(waits[0]).toMatchObject({ reason: 'contextFull' });
  expect(waits[0]?.missingTokens).toBeGreaterThan(2000);
  expect(shortened.trace.result.steps).toHaveLength(4);

  const full = await reason(api, {
    question: Array.from({ length: 60 }, (_, i) => `item ${i}`).join(', '),
    settings: { budget: 400, allowThinkEnd: false },
  });
  expect(['context_full', 'writer_eos']).toContain(full.trace.result.final.stop);
  expect(await api.evaluate((d) => d.tokenize('yes'))).not.toHaveLength(0);
});

test('compares the four ways on one question', async ({ tinyEngine: api }) => {
  const comparison = await api.evaluate((d) =>
    d.compare({
      question: 'What is the capital of France?',
      settings: { budget: 16, thoughtBudget: 10, yesBias: 20, probeInterval: 4 },
    }),
  );
  expect(comparison.runs.map(({ mode }) => mode)).toEqual([
    'asynchronous',
    'thinkThenAnswer',
    'noThinking',
    'interleaved',
  ]);
  const [asynchronous, sequential, direct] = comparison.runs;
  expect(direct?.metrics).toMatchObject({ stepsToFirstToken: 1, thinkerTokens: 0 });
  expect(sequential?.metrics.stepsToFirstToken).toBe(11);
  expect(asynchronous?.metrics.stepsToFirstToken).toBeLessThan(11);
  expect(comparison.model.id).toContain('tiny-llama');
});

test('calibrates the probe', async ({ engine: api }) => {
  const report = await api.evaluate((d) =>
    d.calibrate({
      questions: ['Name a colour.'],
      steps: 8,
      targetShare: 0.6,
      settings: { yesBias: 0, probeInterval: 4 },
    }),
  );
  // The reference data: this model's margins lie between about -1.6 and -.7.
  expect(report.before).toMatchObject({ yesShare: 0, writingShare: 0 });
  expect(Math.max(...report.before.margins.flat())).toBeLessThan(0);
  expect(report.marginThreshold).toBeLessThan(0);
  expect(report.after.yesShare).toBeGreaterThan(0);
  expect(report.after.writingShare).toBeGreaterThan(0);
  expect(report.summary).toMatch(/^1 question, \d+ probes: margins from -\d/);
});

test('a setting out of range, an unknown one and mixed times are refused by name', async ({ engine: api }) => {
  const refuse = (config: object): Promise<string> =>
    api.evaluate(
      (d, given) =>
        d.reason(given as never).then(
          () => 'accepted',
          (error: { code: string; message: string }) => `${error.code} ${error.message}`,
        ),
      config,
    );
  expect(await refuse({ question: 'Why?', settings: { topP: 3 } })).toMatch(/invalidConfig .*topP/);
  expect(await refuse({ question: 'Why?', settings: { yesbias: 1 } })).toMatch(/invalidConfig .*yesbias/);
  const mixed = { drafts: [{ step: 0, text: 'a', sent: true }], remarks: [{ atMs: 5, text: 'b' }] };
  expect(await refuse({ question: 'Why?', ...mixed })).toMatch(/invalidConfig .*steps/);
});
