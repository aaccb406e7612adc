/** What was read, and views recomputed from scratch: the embedded model through `window.duet`. */
import { expect, test } from './fixtures.ts';

const TOLERANCE = 1e-4;

test('a run records what the writer read; attention and check rebuild it and agree', async ({ engine: api }) => {
  const found = await api.evaluate(async (d) => {
    const settings = { budget: 8, probeInterval: 3, probeAtParagraphs: false, paragraphPause: false, yesBias: 20 };
    const trace = await d.reason({ question: 'Why is the sky blue?', settings });
    const [reading] = await d.attention({ trace });
    const progress: number[] = [];
    const report = await d.check({ trace }, ({ doneSteps }) => progress.push(doneSteps));
    const refusal = await d
      .check({ trace: { ...trace, result: { ...trace.result, steps: [] } } })
      .catch((error: unknown) => (error as { readonly code: string }).code);
    const abort = new AbortController();
    abort.abort();
    const cancelled = await d
      .attention({ trace }, undefined, { signal: abort.signal })
      .catch((error: unknown) => (error as { readonly code: string }).code);
    return { trace, reading, progress, report, refusal, cancelled };
  });
  const { trace, reading, report } = found;

  const written = trace.result.steps.flatMap(({ rows }) => rows.filter(({ stream }) => stream === 'writer'));
  expect(written.length).toBeGreaterThan(3);
  for (const { attention, lengths } of written) {
    expect(attention?.mass).toHaveLength(30);
    for (const layer of attention?.mass ?? []) {
      expect(layer).toHaveLength(lengths.length);
      expect(Math.abs(layer.reduce((sum, mass) => sum + mass, 0) - 1)).toBeLessThan(TOLERANCE);
    }
    expect(attention?.most_read).toHaveLength(16);
  }
  expect(written[0]?.attention?.head?.query).toHaveLength(64);

  const last = written.at(-1);
  expect(reading?.lengths).toEqual(last?.lengths);
  const differences = (reading?.mass ?? []).flatMap((heads, layer) =>
    (heads[0] ?? []).map((_, block) => {
      const mean = heads.reduce((sum, head) => sum + (head[block] ?? NaN), 0) / heads.length;
      return Math.abs(mean - (last?.attention?.mass[layer]?.[block] ?? NaN));
    }),
  );
  expect(differences).toHaveLength(30 * (last?.lengths.length ?? 0));
  expect(Math.max(...differences)).toBeLessThan(TOLERANCE);

  const [thinker, writer] = report.rows;
  expect(thinker).toMatchObject({ stream: 'thinker', expected: 'exact', staleTokens: 0, reason: '' });
  expect(thinker?.maxLogitDifference).toBeLessThan(report.tolerance);
  expect(writer).toMatchObject({ stream: 'writer', expected: 'stale' });
  expect(writer?.maxLogitDifference).toBeGreaterThan(10 * report.tolerance);
  expect(report.rebuildDifference).toBeLessThan(report.tolerance);
  expect(found.progress.at(-1)).toBe(report.step);
  expect([found.refusal, found.cancelled]).toEqual(['invalidConfig', 'cancelled']);
});
