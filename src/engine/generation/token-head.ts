import type { CommandRecorder } from '../gpu/command-recorder.ts';
import type { Gpu } from '../gpu/device.ts';
import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { GpuFailure } from '../gpu/gpu-errors.ts';
import { recordGatherLogits } from '../kernels/gather-logits/gather-logits.ts';
import {
  CANDIDATE_CHUNK,
  CANDIDATE_WORDS,
  recordLogitCandidates,
} from '../kernels/logit-candidates/logit-candidates.ts';
import { recordSampleToken } from '../kernels/sample-token/sample-token.ts';
import { RESULT_WORDS, recordSelectToken } from '../kernels/select-token/select-token.ts';
import type { Forward } from '../model/forward.ts';
import type { RowResult } from './decoder.ts';

const NUM_BEST = 5;
/** Rows of results that one submit can hold: rows of a step, or steps of a burst. */
export const MAX_RESULTS = 64;
const MAX_GATHERED = 4096;

export interface HeadRequest {
  readonly numRows: number;
  /** Table words: the tokens whose logits are wanted, and their sampling settings. */
  readonly rowsAt: number;
  readonly samplingAt: number;
  /** Entry of the id buffer that takes the first row's chosen id. */
  readonly nextAt: number;
  readonly resultsAt: number;
  /** Whether any row has a temperature above 0. */
  readonly draws: boolean;
  /** Single logits to gather: [row, id], and where they stand in the table. */
  readonly pairs: readonly (readonly [row: number, tokenId: number])[];
  readonly pairsAt: number;
}

export interface HeadResult extends Pick<RowResult, 'tokenId' | 'logProb' | 'top' | 'logsumexp'> {
  /** ln sum exp of (logits + bias) / temperature: what `logProb` is normalised by. */
  readonly scaledLogsumexp: number;
}

/** From hidden states to chosen tokens: final norm, LM head, log-sum-exp, best five, choice or draw, single logits. */
export class TokenHead {
  readonly #recorder: CommandRecorder;
  readonly #vocabSize: number;
  readonly #forward: Forward;
  readonly #shared: { readonly table: GpuBuffer; readonly tokenIds: GpuBuffer; readonly bias: GpuBuffer };
  readonly #candidates: GpuBuffer;
  readonly #results: GpuBuffer;
  readonly #gathered: GpuBuffer;

  constructor(
    gpu: Gpu,
    recorder: CommandRecorder,
    vocabSize: number,
    forward: Forward,
    shared: { readonly table: GpuBuffer; readonly tokenIds: GpuBuffer; readonly bias: GpuBuffer },
  ) {
    this.#recorder = recorder;
    this.#vocabSize = vocabSize;
    this.#forward = forward;
    this.#shared = shared;
    const numChunks = Math.ceil(vocabSize / CANDIDATE_CHUNK);
    const create = (label: string, words: number): GpuBuffer => gpu.createBuffer('activations', label, words * 4);
    this.#candidates = create('candidates', forward.maxLogitRows * numChunks * CANDIDATE_WORDS);
    this.#results = create('results', MAX_RESULTS * RESULT_WORDS);
    this.#gathered = create('gathered logits', MAX_GATHERED);
  }

  record(request: HeadRequest): void {
    const { numRows, nextAt, resultsAt } = request;
    const { table, tokenIds, bias } = this.#shared;
    const vocabSize = this.#vocabSize;
    const { logits } = this.#forward;
    this.#forward.recordLogits(table, request.rowsAt, numRows);
    const rowsAt = request.samplingAt;
    recordLogitCandidates(
      this.#recorder,
      { logits, bias, table, y: this.#candidates },
      { vocabSize, numRows, rowsAt, lanes: this.#forward.lanes },
    );
    recordSelectToken(
      this.#recorder,
      { candidates: this.#candidates, table, tokenIds, y: this.#results },
      { numChunks: Math.ceil(vocabSize / CANDIDATE_CHUNK), numRows, rowsAt, nextAt, resultsAt },
    );
    if (request.draws) {
      recordSampleToken(
        this.#recorder,
        { logits, bias, table, tokenIds, y: this.#results },
        { vocabSize, numRows, rowsAt, nextAt, resultsAt },
      );
    }
    if (request.pairs.length > 0) {
      recordGatherLogits(
        this.#recorder,
        { logits, table, y: this.#gathered },
        { vocabSize, pairsAt: request.pairsAt, numPairs: request.pairs.length, resultsAt: 0 },
      );
    }
  }

  /** Ask before `submit`. @throws {GpuFailure} 'gpuError' when the logits are not numbers */
  async readResults(numResults: number): Promise<HeadResult[]> {
    const data = await this.#recorder.read(this.#results, 0, numResults * RESULT_WORDS * 4);
    const words = new Uint32Array(data);
    const floats = new Float32Array(data);
    return Array.from({ length: numResults }, (_, index): HeadResult => {
      const from = index * RESULT_WORDS;
      const tokenId = words[from] ?? -1;
      const logsumexp = floats[from + 2] ?? Number.NaN;
      if (!Number.isFinite(logsumexp) || tokenId >= this.#vocabSize) {
        throw new GpuFailure('gpuError', 'The model produced logits that are not numbers.');
      }
      const ids = words.slice(from + 4, from + 4 + NUM_BEST);
      const top = [...ids].map((id, i) => [id, floats[from + 9 + i] ?? Number.NaN] as const);
      const [logProb, scaledLogsumexp] = [floats[from + 1] ?? Number.NaN, floats[from + 3] ?? Number.NaN];
      return { tokenId, logProb, top, logsumexp, scaledLogsumexp };
    });
  }

  /** All logits of a row, [vocabSize]. Ask before `submit`. */
  async readLogits(row: number): Promise<Float32Array> {
    const rowBytes = this.#vocabSize * 4;
    return new Float32Array(await this.#recorder.read(this.#forward.logits, row * rowBytes, rowBytes));
  }

  /** Ask before `submit`. */
  async readGathered(numPairs: number): Promise<Float32Array> {
    if (numPairs === 0) return new Float32Array();
    return new Float32Array(await this.#recorder.read(this.#gathered, 0, numPairs * 4));
  }

  [Symbol.dispose](): void {
    this.#candidates[Symbol.dispose]();
    this.#results[Symbol.dispose]();
    this.#gathered[Symbol.dispose]();
  }
}
