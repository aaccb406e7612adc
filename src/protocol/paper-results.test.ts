import { expect, test } from 'vitest';
import { PAPER_RESULTS } from './paper-results.ts';

test("the paper's figures hang together as its text says", () => {
  for (const row of PAPER_RESULTS) {
    expect(row.accuracy).toBeGreaterThan(0.5);
    expect(row.accuracy).toBeLessThan(1);
    // Silences shortened are less than silences, and the first token is waited for in all.
    expect(row.adjustedDelaySeconds).toBeLessThan(row.totalDelaySeconds);
    expect(row.totalDelaySeconds).toBeGreaterThanOrEqual(row.timeToFirstTokenSeconds);
    expect(row.stepsDelay).toBeGreaterThanOrEqual(row.stepsToFirstToken);
  }
  for (const benchmark of ['MATH-500', 'MMLU-Pro']) {
    const [thinking, direct, asynchronous] = PAPER_RESULTS.filter((row) => row.benchmark === benchmark);
    expect(asynchronous?.accuracy).toBeLessThan(thinking?.accuracy ?? 0);
    expect(asynchronous?.accuracy).toBeGreaterThan(direct?.accuracy ?? 1);
  }
  const delays = PAPER_RESULTS.filter(({ benchmark }) => benchmark === 'MMLU-Pro').map((row) => row.totalDelaySeconds);
  expect((delays[0] ?? 0) / (delays[2] ?? 1)).toBeCloseTo(5.8, 1);
});
