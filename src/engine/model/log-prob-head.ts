import type { GpuBuffer } from '../gpu/gpu-buffer.ts';
import { recordGatherRows, recordGatherRowsBackward } from '../kernels/gather-rows/gather-rows.ts';
import { recordRmsNorm, recordRmsNormBackward } from '../kernels/rms-norm/rms-norm.ts';
import {
  TOKEN_LOG_PROB_WORDS,
  recordTokenLogProbs,
  recordTokenLogProbsBackward,
} from '../kernels/token-log-probs/token-log-probs.ts';
import { recordHead, recordHeadBackward } from './split-matrix.ts';
import type { TrainingBuffers } from './training-buffers.ts';
import type { TrainingModel, TrainingPass } from './training-forward.ts';

/** Entries whose logits are held together. */
export interface HeadChunk {
  readonly first: number;
  readonly count: number;
}

/**
 * Final norm, LM head and log-probabilities, a chunk of entries at a time: [entries, vocabulary] is never held. The way
 * back computes a chunk's logits again, unless one chunk holds all of them.
 */
export class LogProbHead {
  readonly #model: TrainingModel;
  readonly #buffers: TrainingBuffers;

  constructor(model: TrainingModel, buffers: TrainingBuffers) {
    this.#model = model;
    this.#buffers = buffers;
  }

  chunks(pass: TrainingPass): HeadChunk[] {
    const size = this.#buffers.shape.logitChunkSize;
    return Array.from({ length: Math.ceil(pass.numEntries / size) }, (_, index) => ({
      first: index * size,
      count: Math.min(size, pass.numEntries - index * size),
    }));
  }

  /** Log-probability and entropy of a chunk's entries into `results`. @param hidden [N, D] */
  recordChunk(hidden: GpuBuffer, pass: TrainingPass, chunk: HeadChunk, temperature: number): void {
    const { recorder, config, lanes } = this.#model;
    this.#recordLogits(hidden, pass, chunk);
    recordTokenLogProbs(
      recorder,
      { logits: this.#buffers.get('logits'), table: this.#buffers.get('table'), results: this.#buffers.get('results') },
      {
        vocabSize: config.vocabSize,
        numRows: chunk.count,
        targetsAt: pass.targetsAt + chunk.first,
        resultsAt: chunk.first * TOKEN_LOG_PROB_WORDS,
        temperature,
        lanes,
      },
    );
  }

  /** From the gradients of a chunk's log-probabilities and entropies to `d selected`. */
  recordChunkBackward(hidden: GpuBuffer, pass: TrainingPass, chunk: HeadChunk, temperature: number): void {
    const { recorder, config, weights, lanes } = this.#model;
    const { hiddenSize: D, rmsNormEps: eps } = config;
    const isWhole = chunk.count === pass.numEntries;
    if (!isWhole) this.#recordLogits(hidden, pass, chunk);
    const logits = this.#buffers.get('logits');
    recordTokenLogProbsBackward(
      recorder,
      {
        logits,
        table: this.#buffers.get('table'),
        results: this.#buffers.get('results'),
        gradients: this.#buffers.get('result gradients'),
      },
      {
        vocabSize: config.vocabSize,
        numRows: chunk.count,
        targetsAt: pass.targetsAt + chunk.first,
        resultsAt: chunk.first * TOKEN_LOG_PROB_WORDS,
        gradientsAt: chunk.first * 2,
        temperature,
        lanes,
      },
    );
    const [dNormed, dSelected] = [this.#buffers.get('d selected normed'), this.#buffers.get('d selected chunk')];
    recordHeadBackward(recorder, weights.lmHead, logits, dNormed, chunk.count, lanes);
    recorder.clear(dSelected, chunk.count * D * 4);
    recordRmsNormBackward(
      recorder,
      { x: this.#buffers.get('selected'), weight: weights.norm, dy: dNormed, dx: dSelected },
      { numRows: chunk.count, D, eps, lanes },
    );
    recorder.copy(dSelected, 0, this.#buffers.get('d selected'), chunk.first * D * 4, chunk.count * D * 4);
  }

  /** d hidden = every token's sum over the entries that it predicts. */
  recordGatherBackward(pass: TrainingPass): void {
    recordGatherRowsBackward(
      this.#model.recorder,
      { dy: this.#buffers.get('d selected'), table: this.#buffers.get('table'), dx: this.#buffers.get('d hidden') },
      { numRows: pass.numTokens, D: this.#model.config.hiddenSize, spansAt: pass.spansAt },
    );
  }

  #recordLogits(hidden: GpuBuffer, pass: TrainingPass, chunk: HeadChunk): void {
    const { recorder, config, weights, shapeOf, lanes } = this.#model;
    const { hiddenSize: D, rmsNormEps: eps } = config;
    const [selected, normed] = [this.#buffers.get('selected'), this.#buffers.get('selected normed')];
    const numRows = chunk.count;
    const rowsAt = pass.entryRowsAt + chunk.first;
    recordGatherRows(recorder, hidden, this.#buffers.get('table'), selected, { rowsAt, numRows, D });
    recordRmsNorm(recorder, selected, weights.norm, normed, { numRows, D, eps, lanes });
    recordHead(recorder, weights.lmHead, normed, this.#buffers.get('logits'), numRows, shapeOf);
  }
}
