import { Failure } from '@/lib/failure.ts';
import { at } from '@/lib/assert.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { SamplingSettings } from '@/protocol/generation.ts';
import type { BlockPool } from '../cache/block-pool.ts';
import { PAGE_SIZE, pooledView } from '../cache/cache-block.ts';
import { StepTable } from '../cache/step-table.ts';
import type { RowSampling, StepPlan } from '../cache/step-table.ts';
import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { RESULT_WORDS } from '../kernels/select-token/select-token.ts';
import type { ModelConfig } from '../model/model-config.ts';
import type { Forward, RecordExtras } from '../model/forward.ts';
import type { GpuAdapter } from '../model/gpu-adapter.ts';
import type { AdapterUse, CacheBlock, CacheView, Decoder, DecoderRow, LogitBias, RowResult } from './decoder.ts';
import { AttentionReader, readingRows } from './attention-reader.ts';
import { BiasTable } from './bias-table.ts';
import { checkRows, chunked, geometry, NO_OUTPUT } from './planned-rows.ts';
import type { PlannedRow } from './planned-rows.ts';
import { TokenHead, type HeadResult } from './token-head.ts';

/** Words of one submit's metadata and ids that it can carry. */
const TABLE_WORDS = 262_144;
const TOKEN_IDS = 4096;
const GREEDY: RowSampling = { biasIndex: 0, temperature: 0, topK: 0, topP: 1, minP: 0, seed: 0, step: 0 };

/** A token of a burst. */
export type BurstToken = Pick<HeadResult, 'tokenId' | 'logProb' | 'top' | 'scaledLogsumexp'>;

/** A row's result, and what `logProb` is normalised by; NaN where nothing was asked. */
export type ModelRowResult = RowResult & Pick<HeadResult, 'scaledLogsumexp'>;

export interface BurstOptions {
  readonly numTokens: number;
  readonly bias?: LogitBias;
  readonly sampling?: SamplingSettings;
  /** Number of the first drawn token; separates the random draws of one seed. */
  readonly firstStep: number;
  readonly adapter?: AdapterUse;
}

/** `Decoder` on the GPU. One submit and at most one readback per call. Borrows the pool, the forward and the recorder. */
export class ModelDecoder implements Decoder {
  readonly vocabSize: number;
  readonly contextLength: number;
  readonly #gpu: Gpu;
  readonly #recorder: CommandRecorder;
  readonly #config: ModelConfig;
  readonly #pool: BlockPool;
  readonly #forward: Forward;
  readonly #table = new StepTable(TABLE_WORDS);
  readonly #tableBuffer: GpuBuffer;
  readonly #tokenIds: GpuBuffer;
  readonly #biases: BiasTable;
  readonly #head: TokenHead;
  readonly #reader: AttentionReader;
  #adapterScale = 0;

  constructor(
    gpu: Gpu,
    recorder: CommandRecorder,
    config: ModelConfig,
    pool: BlockPool,
    forward: Forward,
    numTokens: number | undefined,
  ) {
    this.vocabSize = config.vocabSize;
    this.contextLength = pool.shape.contextLength;
    this.#gpu = gpu;
    this.#recorder = recorder;
    this.#config = config;
    this.#pool = pool;
    this.#forward = forward;
    this.#tableBuffer = gpu.createBuffer('activations', 'step table', TABLE_WORDS * 4);
    this.#tokenIds = gpu.createBuffer('activations', 'token ids', TOKEN_IDS * 4);
    this.#biases = new BiasTable(gpu, config.vocabSize, numTokens ?? config.vocabSize);
    this.#head = new TokenHead(gpu, recorder, config.vocabSize, forward, {
      table: this.#tableBuffer,
      tokenIds: this.#tokenIds,
      bias: this.#biases.buffer,
    });
    this.#reader = new AttentionReader(gpu, recorder, config, this.contextLength);
  }

  get freeTokens(): number {
    return this.#pool.freePages * PAGE_SIZE;
  }

  /** Tokens that can still be appended to `block`. */
  roomIn(block: CacheBlock): number {
    return at(
      pooledView([block]).map((pooled) => this.#pool.roomIn(pooled)),
      0,
    );
  }

  createBlock(name: string): CacheBlock {
    return this.#pool.createBlock(name);
  }

  createLogitBias(bias: ReadonlyMap<number, number>): LogitBias {
    return this.#biases.create(bias);
  }

  /**
   * Borrows an adapter for all rows that do not say 'off'; null lets go of it. Blocks that exist keep what they were
   * encoded with.
   *
   * @param blend  0 (as without) to 1 (as trained)
   */
  attachAdapter(adapter: GpuAdapter | null, blend = 1): void {
    this.#forward.attach(adapter);
    this.#adapterScale = adapter === null ? 0 : adapter.layout.scaling * blend;
  }

  async forward(rows: readonly DecoderRow[]): Promise<ModelRowResult[]> {
    this.#gpu.check();
    const planned = rows.map((row) => ({
      view: pooledView(row.view),
      tokenIds: row.tokenIds,
      adapter: row.adapter ?? 'on',
    }));
    this.#checkRows(planned);
    const numTokens = rows.reduce((sum, row) => sum + row.tokenIds.length, 0);
    const last = rows[0];
    if (numTokens > this.#forward.chunkSize && rows.length === 1 && last !== undefined) {
      const chunks = chunked(last.tokenIds, this.#forward.chunkSize);
      const start = at(last.view, last.view.length - 1).length;
      for (const tokenIds of chunks.slice(0, -1)) {
        this.#submitStep([{ view: pooledView(last.view), tokenIds, adapter: last.adapter ?? 'on' }]);
        await this.#gpu.workDone();
      }
      const [result] = await this.forward([{ ...last, tokenIds: at(chunks, chunks.length - 1) }]);
      if (result === undefined) throw new RangeError('A row gave no result.');
      const done = at(last.view, last.view.length - 1).length - start;
      const rotaryOffsets = result.rotaryOffsets.map((offset) => offset + at(chunks, chunks.length - 1).length - done);
      return [{ ...result, rotaryOffsets }];
    }
    if (numTokens > this.#forward.chunkSize) {
      throw new Failure<FailureCode>(
        'internal',
        `${numTokens} tokens in one call; several rows take at most ${this.#forward.chunkSize}.`,
      );
    }
    return this.#forwardChunk(rows, planned);
  }

  /**
   * Decodes several tokens of one row without waiting for the CPU in between: each chosen id stays on the GPU as the next
   * step's input. All of them are appended except the last, which is the new pending token.
   *
   * @param pendingTokenId  the id to encode first
   */
  async decodeBurst(view: CacheView, pendingTokenId: number, options: BurstOptions): Promise<BurstToken[]> {
    this.#gpu.check();
    const pooled = pooledView(view);
    const adapter = options.adapter ?? 'on';
    const tokenIdsOfBurst = Array.from({ length: options.numTokens }, () => pendingTokenId);
    this.#checkRows([{ view: pooled, tokenIds: tokenIdsOfBurst, adapter }]);
    this.#table.reset();
    const sampling = this.#sampling(options.bias, options.sampling, options.firstStep);
    const scalesAt = this.#addScales([{ view: pooled, tokenIds: [pendingTokenId], adapter }]);
    const steps = Array.from({ length: options.numTokens }, (_, index) => {
      const plan = this.#table.addStep([{ view: pooled, numTokens: 1 }]);
      const rowsAt = this.#table.addWords([0]);
      const samplingAt = this.#table.addSampling([{ ...sampling, step: sampling.step + index }]);
      return { plan, rowsAt, samplingAt };
    });
    this.#writeTable();
    this.#gpu.write(this.#tokenIds, 0, Uint32Array.of(pendingTokenId));
    steps.forEach(({ plan, rowsAt, samplingAt }, index) => {
      this.#forward.record(plan, this.#tableBuffer, this.#tokenIds, index, { scalesAt });
      this.#head.record({
        numRows: 1,
        rowsAt,
        samplingAt,
        nextAt: index + 1,
        resultsAt: index * RESULT_WORDS,
        draws: sampling.temperature > 0,
        pairs: [],
        pairsAt: 0,
      });
    });
    const results = this.#head.readResults(options.numTokens);
    this.#recorder.submit();
    return results;
  }

  /**
   * Raw logits of a text from scratch, in a throw-away block.
   *
   * @param positions  indices into `tokenIds`
   * @param signal     honoured between chunks
   * @returns          [positions][vocabSize], in the order of `positions`
   */
  async logits(
    tokenIds: readonly number[],
    positions: readonly number[],
    signal?: AbortSignal,
    adapter: AdapterUse = 'on',
  ): Promise<Float32Array[]> {
    using block = this.#pool.createBlock('logits');
    this.#checkRows([{ view: [block], tokenIds, adapter }]);
    const found = new Map<number, Float32Array>();
    let start = 0;
    for (const chunk of chunked(tokenIds, this.#forward.chunkSize)) {
      signal?.throwIfAborted();
      const wanted = [...new Set(positions)].filter((position) => position >= start && position < start + chunk.length);
      this.#submitStep([{ view: [block], tokenIds: chunk, adapter }]);
      for (const group of chunked(wanted, this.#forward.maxLogitRows)) {
        const rows = await this.#readLogits(group.map((position) => position - start));
        group.forEach((position, index) => found.set(position, at(rows, index)));
      }
      await this.#gpu.workDone();
      start += chunk.length;
    }
    return positions.map((position) => {
      const row = found.get(position);
      if (row === undefined)
        throw new Failure<FailureCode>(
          'invalidConfig',
          `positions: ${position} is outside a text of ${tokenIds.length} tokens.`,
        );
      return row;
    });
  }

  /**
   * The residual stream of the last token after each layer, and the final norm's output, for comparison with references.
   *
   * @returns [layers + 1][hiddenSize]
   */
  async hiddenStates(tokenIds: readonly number[]): Promise<Float32Array[]> {
    using block = this.#pool.createBlock('hidden states');
    const { hiddenSize } = this.#config;
    const rowBytes = hiddenSize * 4;
    using capture = this.#gpu.createBuffer('activations', 'capture', this.#config.numHiddenLayers * rowBytes);
    const chunks = chunked(tokenIds, this.#forward.chunkSize);
    for (const chunk of chunks.slice(0, -1)) this.#submitStep([{ view: [block], tokenIds: chunk, adapter: 'on' }]);
    const lastChunk = at(chunks, chunks.length - 1);
    const lastRow = lastChunk.length - 1;
    const onLayer = (layer: number): void =>
      this.#recorder.copy(this.#forward.hidden, lastRow * rowBytes, capture, layer * rowBytes, rowBytes);
    this.#submitStep([{ view: [block], tokenIds: lastChunk, adapter: 'on' }], { onLayer });
    this.#table.reset();
    const rowsAt = this.#table.addWords([lastRow]);
    this.#writeTable();
    this.#forward.recordLogits(this.#tableBuffer, rowsAt, 1);
    const layers = this.#recorder.read(capture, 0, this.#config.numHiddenLayers * rowBytes);
    const final = this.#recorder.read(this.#forward.finalNorm, 0, rowBytes);
    this.#recorder.submit();
    const [layerData, finalData] = await Promise.all([layers, final]);
    const values = new Float32Array(layerData);
    const split = Array.from({ length: this.#config.numHiddenLayers }, (_, layer) =>
      values.slice(layer * hiddenSize, (layer + 1) * hiddenSize),
    );
    return [...split, new Float32Array(finalData)];
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
    this.#head[Symbol.dispose]();
    this.#biases[Symbol.dispose]();
    this.#tableBuffer[Symbol.dispose]();
    this.#tokenIds[Symbol.dispose]();
  }

  async #forwardChunk(rows: readonly DecoderRow[], planned: readonly PlannedRow[]): Promise<ModelRowResult[]> {
    const reading = readingRows(rows);
    this.#table.reset();
    const plan = this.#addStep(planned);
    const asking = rows.flatMap((row, index) => (row.output.kind === 'none' ? [] : [{ row, index }]));
    const lastTokens = asking.map(({ row, index }) => at(plan.rows, index).firstToken + row.tokenIds.length - 1);
    const rowsAt = this.#table.addWords(lastTokens);
    const sampling = asking.map(({ row: { output } }) =>
      output.kind === 'token' ? this.#sampling(output.bias, output.sampling, output.step ?? 0) : GREEDY,
    );
    const samplingAt = this.#table.addSampling(sampling);
    const pairs = asking.flatMap(({ row: { output } }, rowIndex) =>
      output.kind === 'logitsOf' ? output.tokenIds.map((id) => [rowIndex, id] as const) : [],
    );
    const pairsAt = this.#table.addWords(pairs.flat());
    const readout = this.#reader.plan(reading, plan, this.#table);
    const scalesAt = this.#addScales(planned);
    this.#writeTable();
    this.#writeTokenIds(planned);
    this.#forward.record(plan, this.#tableBuffer, this.#tokenIds, 0, { readout, scalesAt });
    const numRows = asking.length;
    if (numRows > 0) {
      const draws = sampling.some(({ temperature }) => temperature > 0);
      const nextAt = TOKEN_IDS - this.#forward.maxLogitRows;
      this.#head.record({ numRows, rowsAt, samplingAt, nextAt, resultsAt: 0, draws, pairs, pairsAt });
    }
    const results = Promise.all([
      numRows === 0 ? [] : this.#head.readResults(numRows),
      this.#head.readGathered(pairs.length),
      Promise.all(
        asking.map(async ({ row }, r) => (row.output.kind === 'allLogits' ? this.#head.readLogits(r) : undefined)),
      ),
      this.#reader.read(readout),
    ]);
    this.#recorder.submit();
    // A caller that reads a long text in pieces looks at its signal and its input between them.
    if (numRows === 0 && readout === undefined) await this.#gpu.workDone();
    const [found, gathered, whole, read] = await results;
    let nextLogit = 0;
    return rows.map((row, index): ModelRowResult => {
      const attention = read.get(index);
      const common = { ...geometry(plan, index), ...(attention && { attention }) };
      const rowIndex = asking.findIndex((asked) => asked.index === index);
      if (rowIndex < 0) return { ...NO_OUTPUT, ...common };
      const result = at(found, rowIndex);
      const { output } = row;
      if (output.kind === 'token') return { ...result, logits: [], ...common };
      const numOwn = output.kind === 'logitsOf' ? output.tokenIds.length : 0;
      const logits = Array.from(whole[rowIndex] ?? gathered.subarray(nextLogit, nextLogit + numOwn));
      nextLogit += numOwn;
      return { ...result, tokenId: -1, logProb: Number.NaN, logits, ...common };
    });
  }

  /** Appends and encodes without reading anything back. */
  #submitStep(rows: readonly PlannedRow[], extras: RecordExtras = {}): void {
    this.#table.reset();
    const plan = this.#addStep(rows);
    const scalesAt = this.#addScales(rows);
    this.#writeTable();
    this.#writeTokenIds(rows);
    this.#forward.record(plan, this.#tableBuffer, this.#tokenIds, 0, { ...extras, scalesAt });
    this.#recorder.submit();
  }

  async #readLogits(tokens: readonly number[]): Promise<Float32Array[]> {
    this.#table.reset();
    const rowsAt = this.#table.addWords(tokens);
    this.#writeTable();
    this.#forward.recordLogits(this.#tableBuffer, rowsAt, tokens.length);
    const reading = this.#recorder.read(this.#forward.logits, 0, tokens.length * this.vocabSize * 4);
    this.#recorder.submit();
    const values = new Float32Array(await reading);
    return tokens.map((_, index) => values.slice(index * this.vocabSize, (index + 1) * this.vocabSize));
  }

  #addStep(rows: readonly PlannedRow[]): StepPlan {
    return this.#table.addStep(rows.map(({ view, tokenIds }) => ({ view, numTokens: tokenIds.length })));
  }

  /** What each token's adapter result is multiplied by; nothing where no row uses one. */
  #addScales(rows: readonly PlannedRow[]): number | undefined {
    const scale = this.#adapterScale;
    if (scale === 0 || rows.every(({ adapter }) => adapter === 'off')) return undefined;
    return this.#table.addFloats(
      rows.flatMap(({ tokenIds, adapter }) => tokenIds.map(() => (adapter === 'off' ? 0 : scale))),
    );
  }

  #writeTable(): void {
    this.#gpu.write(this.#tableBuffer, 0, this.#table.words.subarray(0, this.#table.length));
  }

  #writeTokenIds(rows: readonly PlannedRow[]): void {
    this.#gpu.write(this.#tokenIds, 0, Uint32Array.from(rows.flatMap((row) => [...row.tokenIds])));
  }

  #sampling(bias: LogitBias | undefined, settings: SamplingSettings | undefined, step: number): RowSampling {
    return {
      biasIndex: this.#biases.indexOf(bias),
      temperature: settings?.temperature ?? 0,
      topK: settings?.topK ?? 0,
      topP: settings?.topP ?? 1,
      minP: settings?.minP ?? 0,
      seed: settings?.seed ?? 0,
      step,
    };
  }

  /** Everything that can be wrong with the rows, before anything is appended. */
  #checkRows(rows: readonly PlannedRow[]): void {
    checkRows(rows, this.#pool, {
      vocabSize: this.vocabSize,
      maxRows: this.#forward.maxLogitRows,
      contextLength: this.contextLength,
    });
  }
}
