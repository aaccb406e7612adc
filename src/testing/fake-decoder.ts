import type {
  AttentionQuestion,
  CacheBlock,
  CacheView,
  Decoder,
  DecoderRow,
  LogitBias,
  RowAttention,
  RowOutput,
  RowResult,
} from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import { logSumExp } from '@/lib/statistics.ts';

/** What a scripted row is asked: where it writes, and all tokens it can see. */
export interface FakeQuery {
  /** Name of the write block. */
  readonly block: string;
  /** Tokens of the whole view, the new ones included. */
  readonly visibleIds: readonly number[];
  readonly newIds: readonly number[];
  /** What the row wants. */
  readonly wants: RowOutput['kind'];
}

/** Logits by token id; ids that are not named have logit 0. */
export type FakeLogits = ReadonlyMap<number, number>;

export interface FakeCall {
  readonly rows: readonly { readonly view: readonly string[]; readonly tokenIds: readonly number[] }[];
}

/** A `Decoder` without a model: blocks hold token ids, and a function gives the logits. */
export class FakeDecoder implements Decoder {
  readonly vocabSize: number;
  readonly contextLength: number;
  /** Every forward so far. */
  readonly calls: FakeCall[] = [];
  readonly #logits: (query: FakeQuery) => FakeLogits;
  readonly #blocks = new Set<FakeBlock>();
  readonly #biases = new Set<FakeLogitBias>();

  constructor(options: {
    readonly vocabSize: number;
    readonly contextLength?: number;
    readonly logits: (query: FakeQuery) => FakeLogits;
  }) {
    this.vocabSize = options.vocabSize;
    this.contextLength = options.contextLength ?? 1_000_000;
    this.#logits = options.logits;
  }

  get freeTokens(): number {
    return this.contextLength - [...this.#blocks].reduce((sum, block) => sum + block.length, 0);
  }

  /** Blocks and biases created and not disposed of: 0 after a run that cleaned up. */
  get numLiveObjects(): number {
    return this.#blocks.size + this.#biases.size;
  }

  /** Everything ever encoded into blocks of this name, in order, cut or not. */
  encodedInto(name: string): number[] {
    return this.calls.flatMap(({ rows }) =>
      rows.filter(({ view }) => view.at(-1) === name).flatMap(({ tokenIds }) => tokenIds),
    );
  }

  createBlock(name: string): CacheBlock {
    return this.#adopt(name, []);
  }

  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias {
    const created = new FakeLogitBias(new Map(bias), (disposed) => this.#biases.delete(disposed));
    this.#biases.add(created);
    return created;
  }

  forward(rows: readonly DecoderRow[]): Promise<RowResult[]> {
    return new Promise((resolve) => {
      resolve(this.#forward(rows));
    });
  }

  #adopt(name: string, tokenIds: readonly number[]): FakeBlock {
    const block: FakeBlock = new FakeBlock(name, tokenIds, {
      adopt: (forkName, ids) => this.#adopt(forkName, ids),
      release: (disposed) => this.#blocks.delete(disposed),
    });
    this.#blocks.add(block);
    return block;
  }

  #forward(rows: readonly DecoderRow[]): RowResult[] {
    const numNewTokens = rows.reduce((sum, row) => sum + row.tokenIds.length, 0);
    if (numNewTokens > this.freeTokens) throw new Failure('contextFull', 'The fake context is full.');
    this.calls.push({
      rows: rows.map(({ view, tokenIds }) => ({ view: view.map((block) => block.name), tokenIds: [...tokenIds] })),
    });
    for (const row of rows)
      this.#held(row.view)
        .at(-1)
        ?.tokenIds.push(...row.tokenIds);
    return rows.map((row) => this.#answer(row));
  }

  #answer({ view, tokenIds, output, attention }: DecoderRow): RowResult {
    const blocks = this.#held(view);
    const visibleIds = blocks.flatMap((block) => block.tokenIds);
    const raw = new Float64Array(this.vocabSize);
    const query = { block: at(blocks, blocks.length - 1).name, visibleIds, newIds: tokenIds, wants: output.kind };
    for (const [id, logit] of this.#logits(query)) raw[id] = logit;
    const biased = raw.slice();
    if (output.kind === 'token' && output.bias instanceof FakeLogitBias)
      for (const [id, bias] of output.bias.values) biased[id] = at(biased, id) + bias;
    const top = [...biased]
      .map((logit, id): [number, number] => [id, logit])
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, 5);
    const lengths = blocks.map((block) => block.length);
    const total = visibleIds.length - tokenIds.length;
    return {
      tokenId: output.kind === 'token' ? at(top, 0)[0] : -1,
      logProb: output.kind === 'token' ? at(top, 0)[1] - logSumExp(biased) : NaN,
      top,
      logsumexp: logSumExp(raw),
      logits: logitsFor(output, raw),
      ...(attention && { attention: fakeAttention(blocks, attention) }),
      lengths,
      rotaryOffsets: lengths.map((_, b) => total - lengths.slice(0, b).reduce((sum, length) => sum + length, 0)),
    };
  }

  #held(view: CacheView): FakeBlock[] {
    return view.map((block) => {
      if (block instanceof FakeBlock && this.#blocks.has(block)) return block;
      throw new Error(`Block "${block.name}" does not belong to this decoder, or was disposed of.`);
    });
  }
}

function logitsFor(output: RowOutput, raw: Float64Array): number[] {
  if (output.kind === 'allLogits') return [...raw];
  return output.kind === 'logitsOf' ? output.tokenIds.map((id) => at(raw, id)) : [];
}

const FAKE_LAYERS = 2;

/** One head a layer, and every token is read by its id, so that any difference in a view shows. */
function fakeAttention(blocks: readonly FakeBlock[], { keys, withHead = false }: AttentionQuestion): RowAttention {
  const ids = blocks.flatMap(({ tokenIds }) => tokenIds);
  const total = ids.reduce((sum, id) => sum + id + 1, 0);
  const weights = ids.map((id) => (id + 1) / total);
  const mass = blocks.map(({ tokenIds }) => tokenIds.reduce((sum, id) => sum + (id + 1) / total, 0));
  return {
    mass: Array.from({ length: FAKE_LAYERS }, () => [mass]),
    keys: Array.from({ length: keys === 'byLayer' ? FAKE_LAYERS : 1 }, () => weights),
    ...(withHead && { head: { layer: 1, head: 0, ropeTheta: 10_000, query: [1, 0], keys: [] } }),
  };
}

interface FakeBlockOwner {
  readonly adopt: (name: string, tokenIds: readonly number[]) => FakeBlock;
  readonly release: (block: FakeBlock) => void;
}

class FakeBlock implements CacheBlock {
  readonly name: string;
  readonly tokenIds: number[];
  readonly #owner: FakeBlockOwner;

  constructor(name: string, tokenIds: readonly number[], owner: FakeBlockOwner) {
    this.name = name;
    this.tokenIds = [...tokenIds];
    this.#owner = owner;
  }

  get length(): number {
    return this.tokenIds.length;
  }

  truncate(length: number): void {
    if (length < 0 || length > this.length) throw new RangeError(`Cannot cut ${this.length} tokens to ${length}.`);
    this.tokenIds.length = length;
  }

  clear(): void {
    this.truncate(0);
  }

  fork(name: string, length: number = this.length): FakeBlock {
    return this.#owner.adopt(name, this.tokenIds.slice(0, length));
  }

  [Symbol.dispose](): void {
    this.#owner.release(this);
  }
}

class FakeLogitBias implements LogitBias {
  readonly values: ReadonlyMap<number, number>;
  readonly #release: (bias: FakeLogitBias) => void;

  constructor(values: ReadonlyMap<number, number>, release: (bias: FakeLogitBias) => void) {
    this.values = values;
    this.#release = release;
  }

  [Symbol.dispose](): void {
    this.#release(this);
  }
}
