import type { CacheBlock, Decoder, DecoderRow, LogitBias, RowResult } from '@/engine/generation/decoder.ts';
import {
  drawReference,
  keptReference,
  temperedReference,
} from '@/engine/kernels/sample-token/sample-token.reference.ts';
import { at } from '@/lib/assert.ts';
import { logSumExp } from '@/lib/statistics.ts';

/** Draws as the GPU does, over a decoder that only chooses greedily. */
export class SamplingDecoder implements Decoder {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly #inner: Decoder;

  constructor(inner: Decoder) {
    this.#inner = inner;
    this.vocabSize = inner.vocabSize;
    this.contextLength = inner.contextLength;
  }

  get freeTokens(): number {
    return this.#inner.freeTokens;
  }

  createBlock(name: string): CacheBlock {
    return this.#inner.createBlock(name);
  }

  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias {
    return new OpenLogitBias(bias, this.#inner.createLogitBias(bias));
  }

  async forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    const everyId = Array.from({ length: this.vocabSize }, (_, id) => id);
    const results = await this.#inner.forward(
      rows.map((row) => (isDrawn(row) ? { ...row, output: { kind: 'logitsOf', tokenIds: everyId } } : withInner(row))),
    );
    return results.map((result, r) => {
      const row = at(rows, r);
      return isDrawn(row) ? this.#drawn(row, result) : result;
    });
  }

  #drawn({ output }: DrawnRow, result: RowResult): RowResult {
    const { bias, step = 0 } = output;
    const { temperature = 0, topK = 0, topP = 1, minP = 0, seed = 0 } = output.sampling;
    const added = new Float32Array(this.vocabSize);
    if (bias instanceof OpenLogitBias) for (const [id, value] of bias.values) added[id] = value;
    const biased = result.logits.map((logit, id) => logit + at(added, id));
    const tempered = temperedReference(Float32Array.from(result.logits), added, temperature);
    const { id } = drawReference(tempered, keptReference(tempered, { temperature, topK, topP, minP }), seed, step);
    const top = biased
      .map((logit, tokenId): [number, number] => [tokenId, logit])
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 5);
    return { ...result, tokenId: id, logProb: at(tempered, id) - logSumExp([...tempered]), top, logits: [] };
  }
}

type DrawnRow = DecoderRow & {
  readonly output: Extract<DecoderRow['output'], { readonly kind: 'token' }> & {
    readonly sampling: NonNullable<Extract<DecoderRow['output'], { readonly kind: 'token' }>['sampling']>;
  };
};

function isDrawn(row: DecoderRow): row is DrawnRow {
  return row.output.kind === 'token' && (row.output.sampling?.temperature ?? 0) > 0;
}

/** With the inner decoder's own bias. */
function withInner(row: DecoderRow): DecoderRow {
  if (row.output.kind !== 'token' || !(row.output.bias instanceof OpenLogitBias)) return row;
  return { ...row, output: { ...row.output, bias: row.output.bias.inner } };
}

class OpenLogitBias implements LogitBias {
  readonly values: ReadonlyMap<number, number>;
  readonly inner: LogitBias;

  constructor(values: ReadonlyMap<number, number>, inner: LogitBias) {
    this.values = values;
    this.inner = inner;
  }

  [Symbol.dispose](): void {
    this.inner[Symbol.dispose]();
  }
}
