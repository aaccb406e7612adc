/** `window.duet.compare`: the engine's ways in the worker, then the other models. Documented in docs/automation.md. */
import { Failure } from '@/lib/failure.ts';
import { followRun, toFailureMessage } from '@/lib/stream.ts';
import {
  COMPARISON_MODES,
  type Comparison,
  type ComparisonEvent,
  type OtherModelConfig,
  type OtherModelEvent,
  type OtherRun,
  type TimedPiece,
} from '@/protocol/comparison.ts';
import { checkOthers, otherModelOf } from '@/protocol/comparison-schema.ts';
import { isFailureCode, type FailureCode, type FailureMessage } from '@/protocol/failures.ts';
import { otherRunOf, piecesOf, type OtherOutcome } from '@/protocol/other-run.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import type { RemoteEngine } from './connect-engine.ts';
import type { DuetApi } from './duet-api.ts';

/** What asks the other models. */
interface OtherModels {
  readonly chat: DuetApi['chat'];
  /** Its time is not waited for, as the engine's load is not. */
  readonly loadWebLlm: (model: string, signal: AbortSignal | undefined) => Promise<void>;
}

interface Asking {
  readonly question: string;
  readonly settings: ReasoningSettings;
  readonly signal: AbortSignal | undefined;
  readonly onPiece: (piece: TimedPiece, numPieces: number) => void;
}

export function createCompare(engine: Pick<RemoteEngine, 'compare'>, models: OtherModels): DuetApi['compare'] {
  return async ({ others = [], ...config }, onEvent = () => undefined, { signal } = {}) => {
    checkOthers(others);
    const numModes = (config.modes ?? COMPARISON_MODES).length;
    const numWays = numModes + others.length;
    const own = await followRun<Comparison, ComparisonEvent>(
      (emit) => engine.compare(config, emit),
      (event) => onEvent(event.kind === 'progressed' ? { ...event, share: (event.share * numModes) / numWays } : event),
      signal,
    );
    const runs: OtherRun[] = [];
    for (const [index, other] of others.entries()) {
      const emit = (event: OtherModelEvent): void => onEvent(event);
      emit({ kind: 'otherStarted', model: otherModelOf(other) });
      const { question, settings } = own;
      const onPiece = (piece: TimedPiece, numPieces: number): void => {
        const share = (numModes + index + Math.min(numPieces / settings.budget, 1)) / numWays;
        emit({ kind: 'otherProgressed', other: other.kind, piece, share });
      };
      const run = await ask(models, other, { question, settings, signal, onPiece });
      runs.push(run);
      emit({ kind: 'otherEnded', run });
    }
    return runs.length === 0 ? own : { ...own, others: runs };
  };
}

/** @throws {Failure} 'cancelled' only; every other failure is the run's */
async function ask(models: OtherModels, config: OtherModelConfig, asking: Asking): Promise<OtherRun> {
  const { question, settings, signal, onPiece } = asking;
  const { budget, temperature, topP, seed, speakingRate } = settings;
  const pieces: TimedPiece[] = [];
  let begunMs = performance.now();
  let outcome: OtherOutcome;
  try {
    if (config.kind === 'webLlm') await models.loadWebLlm(config.model, signal);
    begunMs = performance.now();
    outcome = await models.chat(config, {
      messages: [{ role: 'user', content: question }],
      maxTokens: budget,
      temperature,
      topP,
      seed,
      ...(signal !== undefined && { signal }),
      onDelta: (delta) => {
        for (const piece of piecesOf(delta, performance.now() - begunMs)) onPiece(piece, pieces.push(piece));
      },
    });
  } catch (error) {
    if (signal?.aborted === true) throw new Failure<FailureCode>('cancelled', 'The comparison was cancelled.');
    outcome = { failure: toFailure(error) };
  }
  return otherRunOf(otherModelOf(config), pieces, outcome, { totalMs: performance.now() - begunMs, speakingRate });
}

function toFailure(error: unknown): FailureMessage {
  const { code, message } = toFailureMessage(error);
  return { code: isFailureCode(code) ? code : 'internal', message };
}
