/** Compares a run with a reference trace by the rules of the reference data. Pure: runs in Node and in a browser. */
import type {
  TraceEventResult,
  TracePrefillResult,
  TraceProbe,
  TraceResult,
  TraceRow,
  TraceStep,
} from '@/protocol/reasoning.ts';
import { at } from '@/lib/assert.ts';

export interface CompareTraceOptions {
  /** Largest allowed absolute difference of any number. */
  readonly tolerance: number;
  /**
   * Where the reference's margin between the two best tokens, or the absolute value of a probe's score, is below this, a
   * different choice ends the comparison without being a mismatch: rounding may decide there.
   */
  readonly marginLimit: number;
}

export interface TraceComparison {
  /** Steps compared in full. */
  readonly stepsCompared: number;
  readonly maxDifference: number;
  /** Empty when the run agrees. */
  readonly mismatches: string[];
  /** The step at which the run took another way at a near tie. */
  readonly leftAtStep?: number;
}

interface HasResult {
  readonly result: TraceResult;
}

/** @param golden  the reference; fields that this code does not know are ignored */
export function compareTrace(golden: HasResult, actual: HasResult, options: CompareTraceOptions): TraceComparison {
  const comparison = new Comparison(options);
  comparison.prefills(golden.result.prefill_results, actual.result.prefill_results);
  let stepsCompared = 0;
  for (const expected of golden.result.steps) {
    const step = actual.result.steps[stepsCompared];
    const where = `step ${expected.step}`;
    if (step === undefined) {
      comparison.mismatches.push(`${where}: missing, the run ended before`);
      break;
    }
    if (comparison.step(where, expected, step) === 'left')
      return { ...comparison.summary(stepsCompared), leftAtStep: expected.step };
    if (comparison.mismatches.length > 0) break;
    stepsCompared++;
  }
  if (comparison.mismatches.length === 0) comparison.final(golden.result, actual.result);
  return comparison.summary(stepsCompared);
}

type Verdict = 'same' | 'left';

class Comparison {
  readonly mismatches: string[] = [];
  readonly #options: CompareTraceOptions;
  #maxDifference = 0;

  constructor(options: CompareTraceOptions) {
    this.#options = options;
  }

  summary(stepsCompared: number): TraceComparison {
    return { stepsCompared, maxDifference: this.#maxDifference, mismatches: this.mismatches };
  }

  prefills(golden: readonly TracePrefillResult[], actual: readonly TracePrefillResult[]): void {
    this.#same('prefill_results', golden.length, actual.length);
    golden.forEach((expected, i) => {
      const result = actual[i];
      if (result === undefined) return;
      const where = `prefill ${i} (${expected.block})`;
      this.#same(`${where} block`, expected.block, result.block);
      this.#sameView(where, expected, result);
      this.#top(where, expected.last_top, result.last_top);
      this.#number(`${where} logsumexp`, expected.logsumexp, result.logsumexp);
    });
  }

  step(where: string, golden: TraceStep, actual: TraceStep): Verdict {
    this.#same(`${where} number`, golden.step, actual.step);
    this.#same(`${where} state`, golden.state, actual.state);
    const verdicts = [this.#events(where, golden.events ?? [], actual.events ?? [])];
    if (verdicts.includes('left')) return 'left';
    this.#same(`${where} rows`, golden.rows.length, actual.rows.length);
    golden.rows.forEach((row, r) => {
      const result = actual.rows[r];
      if (result !== undefined) verdicts.push(this.#row(`${where} ${row.stream}`, row, result));
    });
    if (verdicts.includes('left')) return 'left';
    this.#same(
      `${where} writer_paragraph_end`,
      golden.writer_paragraph_end === true,
      actual.writer_paragraph_end === true,
    );
    this.#same(`${where} end_of_think`, golden.end_of_think === true, actual.end_of_think === true);
    this.#same(`${where} has a probe`, golden.probe !== undefined, actual.probe !== undefined);
    if (golden.probe !== undefined && actual.probe !== undefined)
      if (this.#probe(`${where} probe`, golden.probe, actual.probe) === 'left') return 'left';
    this.#same(`${where} state_after`, golden.state_after, actual.state_after);
    return 'same';
  }

  final(golden: TraceResult, actual: TraceResult): void {
    this.#same('number of steps', golden.steps.length, actual.steps.length);
    for (const field of ['stop', 'state', 'thinker_tokens', 'writer_tokens'] as const)
      this.#same(`final ${field}`, golden.final[field], actual.final[field]);
    for (const [block, length] of Object.entries(golden.final.lengths))
      this.#same(`final length of ${block}`, length, actual.final.lengths[block]);
  }

  #events(where: string, golden: readonly TraceEventResult[], actual: readonly TraceEventResult[]): Verdict {
    this.#same(`${where} events`, golden.length, actual.length);
    for (const [i, expected] of golden.entries()) {
      const result = actual[i];
      if (result === undefined) break;
      const label = `${where} event ${i} (${expected.kind})`;
      this.#same(`${label} kind`, expected.kind, result.kind);
      this.#sameView(label, expected, result);
      this.#same(`${label} stream`, expected.stream, result.stream);
      this.#same(`${label} encoded`, expected.encoded, result.encoded);
      if (expected.token !== undefined && this.#choice(label, expected, result) === 'left') return 'left';
    }
    return 'same';
  }

  #row(where: string, golden: TraceRow, actual: TraceRow): Verdict {
    this.#same(`${where} stream`, golden.stream, actual.stream);
    this.#same(`${where} input`, golden.input, actual.input);
    this.#sameView(where, golden, actual);
    return this.#choice(where, golden, actual);
  }

  #choice(where: string, golden: Partial<TraceRow>, actual: Partial<TraceRow>): Verdict {
    this.#top(where, golden.top ?? [], actual.top ?? []);
    this.#number(`${where} logsumexp`, golden.logsumexp ?? NaN, actual.logsumexp ?? NaN);
    this.#number(`${where} margin`, golden.margin ?? NaN, actual.margin ?? NaN, 2);
    if (golden.token !== actual.token && (golden.margin ?? Infinity) < this.#options.marginLimit) return 'left';
    this.#same(`${where} token`, golden.token, actual.token);
    return 'same';
  }

  #probe(where: string, golden: TraceProbe, actual: TraceProbe): Verdict {
    this.#same(`${where} why`, golden.why, actual.why);
    this.#sameView(where, golden, actual);
    this.#numbers(`${where} yes_logits`, golden.yes_logits, actual.yes_logits);
    this.#numbers(`${where} no_logits`, golden.no_logits, actual.no_logits);
    this.#number(`${where} score`, golden.score, actual.score, 2);
    this.#number(`${where} logsumexp`, golden.logsumexp, actual.logsumexp);
    if (golden.yes !== actual.yes && Math.abs(golden.score) < this.#options.marginLimit) return 'left';
    this.#same(`${where} yes`, golden.yes, actual.yes);
    return 'same';
  }

  #sameView(
    where: string,
    golden: { readonly lengths: readonly number[]; readonly loc: readonly number[] },
    actual: { readonly lengths: readonly number[]; readonly loc: readonly number[] },
  ): void {
    this.#same(`${where} lengths`, golden.lengths, actual.lengths);
    this.#same(`${where} loc`, golden.loc, actual.loc);
  }

  /** By rank, because near ties may swap ids, and by id where both lists have it. */
  #top(where: string, golden: TraceRow['top'], actual: TraceRow['top']): void {
    this.#numbers(
      `${where} top`,
      golden.map(([, logit]) => logit),
      actual.map(([, logit]) => logit),
    );
    const byId = new Map(actual);
    for (const [id, logit] of golden) this.#number(`${where} logit of ${id}`, logit, byId.get(id) ?? logit);
  }

  #numbers(where: string, golden: readonly number[], actual: readonly number[]): void {
    this.#same(`${where} count`, golden.length, actual.length);
    if (golden.length === actual.length)
      golden.forEach((value, i) => this.#number(`${where}[${i}]`, value, at(actual, i)));
  }

  /** @param factor  differences of two numbers may be off by twice the tolerance */
  #number(where: string, golden: number, actual: number, factor = 1): void {
    const difference = Math.abs(golden - actual);
    // Written so that NaN counts as a mismatch.
    if (!(difference <= factor * this.#options.tolerance))
      this.mismatches.push(`${where}: ${golden} expected, ${actual} found`);
    if (!(difference <= this.#maxDifference)) this.#maxDifference = difference;
  }

  #same(where: string, golden: unknown, actual: unknown): void {
    const expected = JSON.stringify(golden);
    const found = JSON.stringify(actual);
    if (expected !== found) this.mismatches.push(`${where}: ${expected} expected, ${found} found`);
  }
}
