import type { AdamWUpdate, PassOptions, RowGradient, TokenRow, Trainer } from '@/engine/generation/trainer.ts';
import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';
import type { NamedTensor, RowLogProbs, TensorNorm } from '@/protocol/training.ts';

/**
 * A `Trainer` over a table in float64: the logits of the next token depend on the last one only. The "adapter" is what
 * is added to the table, one tensor `row.{last token}` for every last token.
 */
export class FakeTrainer implements Trainer {
  readonly vocabSize: number;
  /** Added to the logits, [last token][next token]. */
  readonly adapter: number[][];
  /** Every call so far that a test may want to count. */
  readonly calls: string[] = [];
  readonly updates: AdamWUpdate[] = [];
  /** Last token whose tensor gets a gradient that is not a number. */
  broken: number | undefined;
  readonly #base: readonly (readonly number[])[];
  readonly #gradients: number[][];
  readonly #firstMoments: number[][];
  readonly #secondMoments: number[][];

  /** @param base  logits without the adapter, [last token][next token] */
  constructor(base: readonly (readonly number[])[]) {
    const zeros = (): number[][] => base.map((row) => row.map(() => 0));
    this.vocabSize = base.length;
    this.#base = base;
    this.adapter = zeros();
    this.#gradients = zeros();
    this.#firstMoments = zeros();
    this.#secondMoments = zeros();
  }

  /** Probabilities of the next token. */
  policy(lastToken: number, temperature = 1): number[] {
    return this.#logProbs(lastToken, 'on', temperature).map(Math.exp);
  }

  async logProbs(
    rows: readonly TokenRow[],
    adapter: 'on' | 'off',
    { temperature }: PassOptions,
  ): Promise<RowLogProbs[]> {
    this.calls.push(`logProbs ${adapter} ${rows.length}`);
    return rows.map((row) => this.#rowLogProbs(row, adapter, temperature));
  }

  clearGradients(): void {
    this.calls.push('clearGradients');
    for (const row of this.#gradients) row.fill(0);
  }

  async accumulate(
    rows: readonly TokenRow[],
    gradientOf: (rowIndex: number, result: RowLogProbs) => RowGradient,
    _dropoutSeed: number,
    { temperature }: PassOptions,
  ): Promise<RowLogProbs[]> {
    this.calls.push(`accumulate ${rows.length}`);
    return rows.map((row, rowIndex) => {
      const result = this.#rowLogProbs(row, 'on', temperature);
      const { logProbs } = gradientOf(rowIndex, result);
      for (const [t, tokenId] of row.completionIds.entries()) {
        const last = lastTokenOf(row, t);
        const sums = at(this.#gradients, last);
        for (const [next, p] of this.policy(last, temperature).entries())
          sums[next] = at(sums, next) + (at(logProbs, t) * ((next === tokenId ? 1 : 0) - p)) / temperature;
      }
      return result;
    });
  }

  async gradientNorms(): Promise<TensorNorm[]> {
    if (this.broken !== undefined) at(this.#gradients, this.broken)[0] = Number.NaN;
    return this.#gradients.map((row, last) => ({ name: `row.${last}`, l2: Math.hypot(...row) }));
  }

  update(update: AdamWUpdate): void {
    this.calls.push('update');
    this.updates.push(update);
    const { learningRate, beta1, beta2, eps, weightDecay, step, gradientScale } = update;
    for (const [last, values] of this.adapter.entries())
      for (const [next, value] of values.entries()) {
        const g = gradientScale * at(at(this.#gradients, last), next);
        const m = beta1 * at(at(this.#firstMoments, last), next) + (1 - beta1) * g;
        const v = beta2 * at(at(this.#secondMoments, last), next) + (1 - beta2) * g * g;
        at(this.#firstMoments, last)[next] = m;
        at(this.#secondMoments, last)[next] = v;
        const direction = m / (1 - beta1 ** step) / (Math.sqrt(v / (1 - beta2 ** step)) + eps);
        values[next] = value * (1 - learningRate * weightDecay) - learningRate * direction;
      }
  }

  async readGradients(): Promise<NamedTensor[]> {
    return this.#gradients.map((row, last) => ({
      name: `row.${last}`,
      shape: [row.length],
      values: Float32Array.from(row),
    }));
  }

  #rowLogProbs(row: TokenRow, adapter: 'on' | 'off', temperature: number): RowLogProbs {
    const distributions = row.completionIds.map((_, t) => this.#logProbs(lastTokenOf(row, t), adapter, temperature));
    return {
      logProbs: distributions.map((logProbs, t) => at(logProbs, at(row.completionIds, t))),
      entropies: distributions.map((logProbs) => -logProbs.reduce((sum, value) => sum + value * Math.exp(value), 0)),
    };
  }

  #logProbs(lastToken: number, adapter: 'on' | 'off', temperature: number): number[] {
    const added = at(this.adapter, lastToken);
    const scaled = at(this.#base, lastToken).map(
      (logit, next) => (logit + (adapter === 'on' ? at(added, next) : 0)) / temperature,
    );
    const total = logSumExp(scaled);
    return scaled.map((value) => value - total);
  }
}

function lastTokenOf({ promptIds, completionIds }: TokenRow, t: number): number {
  return t === 0 ? at(promptIds, promptIds.length - 1) : at(completionIds, t - 1);
}
