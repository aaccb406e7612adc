/** An evaluation of a tiny model through `window.duet`, ended in the middle and taken up again. */
import type {
  EvaluationConfig,
  EvaluationEvent,
  EvaluationRecord,
  EvaluationReport,
} from '../src/protocol/evaluation.ts';
import { expect, test } from './fixtures.ts';

const CONFIG: EvaluationConfig = {
  source: { kind: 'builtIn', set: 'arithmetic', numItems: 2, seed: 3 },
  configurations: [
    { name: 'Async', mode: 'asynchronous', settings: { budget: 100, probeInterval: 10, yesBias: 20 } },
    { name: 'Direct', mode: 'noThinking', settings: { budget: 3 } },
  ],
};

/** What repeats: everything but the clock. */
const withoutTimes = (records: readonly EvaluationRecord[]): unknown =>
  records.map(({ metrics, trace, tokens, ...record }) => ({
    ...record,
    counts: [metrics.steps, metrics.stepsToFirstToken, metrics.stepsDelay, metrics.thinkerTokens, metrics.writerTokens],
    tokens:
      trace?.result.steps.map(({ rows }) => rows.map(({ stream, token }) => [stream, token])) ??
      tokens?.map(({ step, stream, text }) => [step, stream, text]),
  }));

test('an evaluation that is cancelled in the middle of an item is taken up to the records of a whole one', async ({
  tinyEngine: api,
}) => {
  const whole: EvaluationReport = await api.evaluate((d, config) => d.evaluate(config), CONFIG);
  expect(whole.records.map(({ itemId, configuration }) => [itemId, configuration])).toEqual(
    whole.items.flatMap(({ id }) => ['Async', 'Direct'].map((name) => [id, name])),
  );
  expect(whole).toMatchObject({ model: { id: 'tiny-llama-F32.gguf' }, device: { isSoftware: true } });
  const [asynchronous, direct] = whole.records;
  expect(asynchronous?.trace?.result.steps).toHaveLength(100);
  expect(asynchronous?.metrics).toMatchObject({ steps: 100, thinkerTokens: 100 });
  expect(asynchronous?.metrics.writerTokens).toBeGreaterThan(0);
  expect(direct?.metrics).toMatchObject({ stepsToFirstToken: 1, thinkerTokens: 0 });
  expect(direct?.trace).toBeUndefined();
  expect(direct?.tokens?.map(({ text }) => text).join('')).toBe(direct?.text.writer);
  expect(whole.summary.rows.map(({ numItems }) => numItems)).toEqual([2, 2]);

  const taken = whole.records.slice(0, 1);
  const stopped = await api.evaluate(
    async (d, config) => {
      const controller = new AbortController();
      const records = [...(config.done ?? [])];
      let numStarted = 0;
      const onEvent = (event: EvaluationEvent): void => {
        if (event.kind === 'itemEnded') records.push(event.record);
        // Long enough for the run to be under way, and too short for it to end.
        if (event.kind === 'itemStarted' && ++numStarted === 2) setTimeout(() => controller.abort(), 50);
      };
      const code = await d.evaluate(config, onEvent, { signal: controller.signal }).then(
        () => 'finished',
        (error: { code?: string }) => error.code,
      );
      return { code, records, numStarted };
    },
    { ...CONFIG, done: taken },
  );
  expect(stopped).toMatchObject({ code: 'cancelled', numStarted: 2 });
  expect(stopped.records).toHaveLength(2);

  const resumed = await api.evaluate(
    async (d, config) => {
      const events: EvaluationEvent[] = [];
      const report = await d.evaluate(config, (event) => events.push(event));
      return { report, kinds: events.map(({ kind }) => kind) };
    },
    { ...CONFIG, done: stopped.records },
  );
  expect(resumed.kinds).toEqual(['started', 'itemStarted', 'itemEnded', 'itemStarted', 'itemEnded']);
  expect(withoutTimes(resumed.report.records)).toEqual(withoutTimes(whole.records));
  expect(resumed.report.records.slice(0, 2)).toEqual(stopped.records);
  const refused = api.evaluate((d, done) => d.evaluate({ ...done }).catch((error: Error) => error.message), {
    ...CONFIG,
    done: [...stopped.records, ...stopped.records],
  });
  expect(await refused).toContain('is there twice');
});
