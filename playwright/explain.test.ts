import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ReasoningTrace, TraceStep } from '../src/protocol/reasoning.ts';
import { compareRuns } from '../src/state/compare-runs.ts';
import { NEAR_TIE as NEAR_TIE_OF_RUNS } from '@/protocol/run-comparison.ts';
import { explainMemory, explainReplay, explainTokens, NEAR_TIE } from './explain.mjs';

const FILE = new URL('../src/testing/golden/async/smollm2-b3-input.json', import.meta.url);
const STORED = JSON.parse(await readFile(FILE, 'utf8')) as ReasoningTrace;

/** The stored run with one step changed. */
function changed(step: number, change: (step: TraceStep) => TraceStep): ReasoningTrace {
  const steps = STORED.result.steps.map((each) => (each.step === step ? change(each) : each));
  return { ...STORED, result: { ...STORED.result, steps } };
}

function explained(replayed: ReasoningTrace): string {
  return explainReplay(compareRuns(STORED, replayed), { stored: STORED, replayed, adapter: 'google swiftshader' });
}

/** Another token of the first row, chosen by this margin. */
function otherToken(margin: number): ReasoningTrace {
  return changed(5, (step) => ({
    ...step,
    rows: step.rows.map((row, index) => (index === 0 ? { ...row, token: 7, margin } : row)),
  }));
}

describe('a replayed run', () => {
  test('that is the same says on how many steps', () => {
    expect(explained(STORED)).toBe(
      `All ${STORED.result.steps.length} steps of the run are as stored, on google swiftshader.`,
    );
  });

  test('with another token names step, stream, tokens, margins, and that the choice was clear', () => {
    const replayed = otherToken(1.25);
    const row = STORED.result.steps[5]?.rows[0];
    // The stored margin must be clear too, or the sentence would be the other one.
    expect(row?.margin).toBeGreaterThan(0.05);
    const text = explained(replayed);
    expect(text).toContain('The first 5 of');
    expect(text).toContain('Step 5 is not, on google swiftshader.');
    expect(text).toContain(`differs   the token of the ${row?.stream}`);
    expect(text).toContain(`(token ${row?.token}, top-2 margin`);
    expect(text).toContain('(token 7, top-2 margin 1.25)');
    expect(text).toContain('This is no near tie');
  });

  test('with another token by a hair is a near tie, where compareRuns says so too', () => {
    for (const margin of [0.049, 0.051]) {
      const comparison = compareRuns(STORED, otherToken(margin));
      const isTie = comparison.first?.why.startsWith('Two tokens were nearly as good') ?? false;
      expect(isTie).toBe(margin < 0.05);
      expect(comparison.first?.isNearTie).toBe(isTie);
    }
    expect(NEAR_TIE).toBe(NEAR_TIE_OF_RUNS);
    expect(explained(otherToken(0.001))).toContain('This is a near tie');
  });

  test('with another decision of the probe shows its logits on both sides', () => {
    const at = STORED.result.steps.find(({ probe }) => probe !== undefined)?.step ?? -1;
    const replayed = changed(at, (step) =>
      step.probe === undefined ? step : { ...step, probe: { ...step.probe, yes: !step.probe.yes, score: 9 } },
    );
    const text = explained(replayed);
    expect(text).toContain("differs   the probe's decision");
    expect(text).toMatch(/probe {5}stored: logits yes \[.+\], no \[.+\], score /);
    expect(text).toMatch(/probe {5}replayed: logits yes .+ score 9, /);
  });

  test('that ends earlier says so', () => {
    const steps = STORED.result.steps.slice(0, 3);
    const text = explained({ ...STORED, result: { ...STORED.result, steps } });
    expect(text).toContain('differs   the end of the run');
    expect(text).toContain('replayed  the run has ended');
  });
});

describe('generated tokens', () => {
  const tokens = [
    { tokenId: 1, text: 'The', margin: 2 },
    { tokenId: 2, text: ' sky', margin: 0.01 },
  ];

  test('that are the same need no explanation', () => {
    expect(explainTokens(tokens, tokens, 'x')).toBeNull();
  });

  test('that differ name place, texts, ids and margin, and a near tie', () => {
    const expected = [tokens[0], { tokenId: 3, text: ' sea', margin: null }].flatMap((each) => each ?? []);
    const text = explainTokens(expected, tokens, 'google swiftshader');
    expect(text).toContain('The first 1 of 2 tokens are as expected. Token 1 is not, on google swiftshader.');
    expect(text).toContain('expected  " sea" (token 3)');
    expect(text).toContain('received  " sky" (token 2, top-2 margin 0.01)');
    expect(text).toContain('received ids: [1,2]');
    expect(text).toContain('nearly as good');
  });

  test('that are too few or too many differ where one list ends', () => {
    expect(explainTokens(tokens, tokens.slice(0, 1), 'x')).toContain('received  no more tokens');
    expect(explainTokens(tokens.slice(0, 1), tokens, 'x')).toContain('expected  no more tokens');
  });
});

describe('GPU memory', () => {
  const before = { weights: 10, kvCache: 5, activations: 1, training: 0, other: 0, total: 16 };

  test('that no owner has more of is released', () => {
    expect(explainMemory(before, { ...before, weights: 0, total: 6 })).toBeNull();
  });

  test('names owners that hold more, even if the total is smaller', () => {
    const text = explainMemory(before, { ...before, weights: 0, training: 3, total: 9 });
    expect(text).toContain('training: 0, 3 (3 more)');
    expect(text).not.toContain('kvCache');
  });
});
