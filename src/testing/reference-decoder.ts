import type { CacheBlock, Decoder, DecoderRow, LogitBias, RowOutput, RowResult } from '@/engine/generation/decoder.ts';
import { ReferenceBlock } from '@/engine/model/block.reference.ts';
import { forwardReference, type ReferenceModel, type ReferenceRowResult } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { logSumExp } from '@/lib/statistics.ts';
import { referenceAttention } from './reference-attention.ts';

/** A `Decoder` over the CPU oracle: greedy choice, double precision. Slow; for tiny models. */
export class ReferenceDecoder implements Decoder {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly #model: ReferenceModel;
  readonly #blocks = new Set<CountedBlock>();

  constructor(model: ReferenceModel, options: { readonly contextLength?: number } = {}) {
    this.#model = model;
    this.vocabSize = model.config.vocabSize;
    this.contextLength = options.contextLength ?? model.config.maxContextLength;
  }

  get freeTokens(): number {
    return this.contextLength - [...this.#blocks].reduce((sum, block) => sum + block.length, 0);
  }

  /** Blocks created and not yet disposed of: 0 after a run that cleaned up. */
  get numLiveBlocks(): number {
    return this.#blocks.size;
  }

  createBlock(name: string): CountedBlock {
    return this.#adopt(new ReferenceBlock(name, this.#model.config));
  }

  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias {
    return new ReferenceLogitBias(bias);
  }

  /** @throws {Error} if a row asks for sampling at a temperature above 0 */
  forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    return new Promise((resolve) => {
      resolve(this.#forward(rows));
    });
  }

  #adopt(block: ReferenceBlock): CountedBlock {
    const counted = new CountedBlock(
      block,
      (forked) => this.#adopt(forked),
      (disposed) => this.#blocks.delete(disposed),
    );
    this.#blocks.add(counted);
    return counted;
  }

  #forward(rows: readonly DecoderRow[]): RowResult[] {
    const numNewTokens = rows.reduce((sum, row) => sum + row.tokenIds.length, 0);
    if (numNewTokens > this.freeTokens)
      throw new Failure('contextFull', `${numNewTokens} tokens do not fit in the ${this.freeTokens} left.`);
    const asked = rows.map((row) => ({ view: row.view.map((block) => this.#held(block)), tokenIds: row.tokenIds }));
    const results = forwardReference(this.#model, asked, { collectAttention: true });
    return rows.map((row, r) => {
      const result = at(results, r);
      const read =
        row.attention &&
        referenceAttention(this.#model.config, result.attention ?? [], at(asked, r).view, row.attention);
      return { ...rowResult(row, result), ...(read && { attention: read }) };
    });
  }

  #held(block: CacheBlock): ReferenceBlock {
    if (!(block instanceof CountedBlock) || !this.#blocks.has(block))
      throw new Error(`Block "${block.name}" does not belong to this decoder, or was disposed of.`);
    return block.block;
  }
}

/** A block of the oracle with an owner that counts it. */
class CountedBlock implements CacheBlock {
  readonly block: ReferenceBlock;
  readonly #adopt: (block: ReferenceBlock) => CountedBlock;
  readonly #release: (block: CountedBlock) => void;

  constructor(
    block: ReferenceBlock,
    adopt: (block: ReferenceBlock) => CountedBlock,
    release: (block: CountedBlock) => void,
  ) {
    this.block = block;
    this.#adopt = adopt;
    this.#release = release;
  }

  get name(): string {
    return this.block.name;
  }

  get length(): number {
    return this.block.length;
  }

  truncate(length: number): void {
    this.block.truncate(length);
  }

  clear(): void {
    this.block.clear();
  }

  fork(name: string, length?: number): CountedBlock {
    return this.#adopt(this.block.fork(name, length));
  }

  [Symbol.dispose](): void {
    this.#release(this);
  }
}

class ReferenceLogitBias implements LogitBias {
  readonly values: ReadonlyMap<number, number>;

  constructor(values: ReadonlyMap<number, number>) {
    this.values = new Map(values);
  }

  [Symbol.dispose](): void {
    // Nothing is held outside of JavaScript's own memory.
  }
}

function rowResult(row: DecoderRow, result: ReferenceRowResult): RowResult {
  const { output } = row;
  const raw = result.logits;
  const common = {
    lengths: result.lengths,
    rotaryOffsets: result.rotaryOffsets,
    logsumexp: logSumExp(raw),
    logits: logitsFor(output, raw),
  };
  if (output.kind !== 'token') return { ...common, tokenId: -1, logProb: NaN, top: topFive(raw) };
  if ((output.sampling?.temperature ?? 0) > 0) throw new Error('The reference decoder is greedy.');
  const biased = raw.slice();
  if (output.bias instanceof ReferenceLogitBias)
    for (const [id, bias] of output.bias.values) biased[id] = at(biased, id) + bias;
  const top = topFive(biased);
  const [tokenId, logit] = at(top, 0);
  return { ...common, tokenId, logProb: logit - logSumExp(biased), top };
}

function logitsFor(output: RowOutput, raw: Float64Array): number[] {
  if (output.kind === 'allLogits') return [...raw];
  return output.kind === 'logitsOf' ? output.tokenIds.map((id) => at(raw, id)) : [];
}

/** Descending; equal logits by ascending id. */
function topFive(logits: Float64Array): [number, number][] {
  return [...logits]
    .map((logit, id): [number, number] => [id, logit])
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, 5);
}
