import { at } from '@/lib/assert.ts';
import { Failure } from '@/lib/failure.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { visibleFragments } from '../cache/cache-view.ts';
import type { StepPlan, StepTable } from '../cache/step-table.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { readerWords } from '../kernels/attention-readout/attention-readout.ts';
import type { Reader } from '../kernels/attention-readout/attention-readout.ts';
import type { ReadoutPlan } from '../model/forward.ts';
import type { ModelConfig } from '../model/model-config.ts';
import { MAX_READ_BLOCKS, MAX_READ_ROWS, shownLayer } from './decoder.ts';
import type { AttentionQuestion, DecoderRow, HeadVectors, RowAttention } from './decoder.ts';

/** A row of a step that asks. */
interface AskingRow {
  /** Of the step's plan. */
  readonly index: number;
  readonly numTokens: number;
  readonly question: AttentionQuestion;
}

interface PlannedReader {
  readonly row: AskingRow;
  readonly reader: Reader;
  /** Per fragment that the token sees, its block in the view and its keys. */
  readonly fragments: readonly { readonly blockIndex: number; readonly numVisible: number }[];
  readonly lengths: readonly number[];
}

/** The readers of one submit, as the forward records them and as their results are taken apart. */
export interface PlannedReadout extends ReadoutPlan {
  readonly numWords: number;
  readonly readers: readonly PlannedReader[];
}

/** The rows of a step that ask for their attention. @throws {Failure} 'invalidConfig' if they are too many */
export function readingRows(rows: readonly DecoderRow[]): AskingRow[] {
  const asking = rows.flatMap(({ tokenIds, attention: question }, index) =>
    question === undefined ? [] : [{ index, numTokens: tokenIds.length, question }],
  );
  if (asking.length <= MAX_READ_ROWS) return asking;
  throw new Failure<FailureCode>('invalidConfig', `At most ${MAX_READ_ROWS} rows of a forward can be read.`);
}

/** Words of the reader's buffers: what is allocated and what an estimate counts. */
export function attentionReaderSizes(
  config: ModelConfig,
  maxKeys: number,
): { readonly weights: number; readonly results: number } {
  const { numHiddenLayers: L, numAttentionHeads: H, headDim: K } = config;
  const mostWords = L * H * MAX_READ_BLOCKS + L * maxKeys + K + MAX_READ_BLOCKS * (K + 2);
  return { weights: MAX_READ_ROWS * H * maxKeys, results: MAX_READ_ROWS * mostWords };
}

/** From a step's rows that ask for their attention to what they read. Its buffers are sized for the whole context. */
export class AttentionReader {
  readonly #recorder: CommandRecorder;
  readonly #config: ModelConfig;
  readonly #maxKeys: number;
  readonly #weights: GpuBuffer;
  readonly #results: GpuBuffer;

  /** @param maxKeys  of one view */
  constructor(gpu: Gpu, recorder: CommandRecorder, config: ModelConfig, maxKeys: number) {
    this.#recorder = recorder;
    this.#config = config;
    this.#maxKeys = maxKeys;
    const sizes = attentionReaderSizes(config, maxKeys);
    this.#weights = gpu.createBuffer('activations', 'attention weights', sizes.weights * 4);
    this.#results = gpu.createBuffer('activations', 'attention read-out', sizes.results * 4);
  }

  /** Writes the readers into the table; undefined when no row can be read. */
  plan(rows: readonly AskingRow[], step: StepPlan, table: StepTable): PlannedReadout | undefined {
    let numWords = 0;
    const take = (words: number): number => (numWords += words) - words;
    const { numHiddenLayers: L, numAttentionHeads: H, headDim: K } = this.#config;
    const readers = rows
      .filter(({ index }) => this.#isReadable(at(step.rows, index).lengths))
      .map((row): PlannedReader => {
        const { lengths, rotaryOffsets, firstToken } = at(step.rows, row.index);
        const fragments = visibleFragments(lengths, rotaryOffsets, row.numTokens - 1);
        const numKeys = fragments.reduce((sum, { numVisible }) => sum + numVisible, 0);
        const byLayer = row.question.keys === 'byLayer';
        const isShown = row.question.withHead === true;
        const reader: Reader = {
          token: firstToken + row.numTokens - 1,
          numKeys,
          byLayer,
          massAt: take(L * H * fragments.length),
          keysAt: take((byLayer ? L : 1) * numKeys),
          vectorsAt: take(isShown ? K + fragments.length * (K + 2) : 0),
          ...(isShown && { shownLayer: shownLayer(L) }),
        };
        return { row, reader, fragments, lengths };
      });
    if (readers.length === 0) return undefined;
    return {
      readers,
      numWords,
      weights: this.#weights,
      results: this.#results,
      maxKeys: this.#maxKeys,
      numReaders: readers.length,
      numKeys: Math.max(...readers.map(({ reader }) => reader.numKeys)),
      readersAt: table.addWords(readers.flatMap(({ reader }) => readerWords(reader))),
    };
  }

  #isReadable(lengths: readonly number[]): boolean {
    return lengths.length <= MAX_READ_BLOCKS && lengths.reduce((sum, length) => sum + length, 0) <= this.#maxKeys;
  }

  /** What each row read, by its index in the step. Ask before `submit`. */
  async read(plan: PlannedReadout | undefined): Promise<ReadonlyMap<number, RowAttention>> {
    if (plan === undefined) return new Map();
    const words = new Float32Array(await this.#recorder.read(this.#results, 0, plan.numWords * 4));
    return new Map(plan.readers.map((planned) => [planned.row.index, this.#attentionOf(planned, words)]));
  }

  #attentionOf({ reader, fragments, lengths }: PlannedReader, words: Float32Array): RowAttention {
    const { numHiddenLayers: L, numAttentionHeads: H } = this.#config;
    const mass = Array.from({ length: L }, (_, layer) =>
      Array.from({ length: H }, (__, head) => {
        const from = reader.massAt + (layer * H + head) * fragments.length;
        const byBlock = lengths.map(() => 0);
        fragments.forEach(({ blockIndex }, f) => (byBlock[blockIndex] = at(words, from + f)));
        return byBlock;
      }),
    );
    const keys = Array.from({ length: reader.byLayer ? L : 1 }, (_, layer) => {
      const from = reader.keysAt + layer * reader.numKeys;
      return Array.from(words.subarray(from, from + reader.numKeys));
    });
    return { mass, keys, ...(reader.shownLayer !== undefined && { head: this.#vectorsOf(reader, fragments, words) }) };
  }

  #vectorsOf(reader: Reader, fragments: PlannedReader['fragments'], words: Float32Array): HeadVectors {
    const { headDim: K, ropeTheta } = this.#config;
    const vector = (from: number): number[] => Array.from(words.subarray(from, from + K));
    return {
      layer: reader.shownLayer ?? 0,
      head: 0,
      ropeTheta,
      query: vector(reader.vectorsAt),
      keys: fragments.map(({ blockIndex }, f) => {
        const from = reader.vectorsAt + K + f * (K + 2);
        return { block: blockIndex, token: at(words, from), weight: at(words, from + 1), key: vector(from + 2) };
      }),
    };
  }

  [Symbol.dispose](): void {
    this.#weights[Symbol.dispose]();
    this.#results[Symbol.dispose]();
  }
}
