/** One question answered in one way, with what waiting for it cost: the part that comparison and evaluation share. */
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { ComparisonMode, ComparisonRun, TimedToken } from '@/protocol/comparison.ts';
import type { ReasoningTrace, StreamName } from '@/protocol/reasoning.ts';
import { delayMetrics, type TimedRun } from '@/protocol/delays.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';
import { runSequential } from './sequential-run.ts';
import { runTimedReasoning, type TimedReasoningIo, type TimedReasoningRequest } from './timed-reasoning.ts';

export interface ModeRun {
  readonly run: ComparisonRun;
  /** Of asynchronous runs only. */
  readonly trace?: ReasoningTrace;
}

/** A mode's run. Without `tokens` all that it yielded are left at its end. */
type RunningMode = AsyncGenerator<
  TimedToken,
  Omit<TimedRun, 'tokens'> & Partial<Pick<TimedRun, 'tokens'>> & Pick<ModeRun, 'trace'>
>;

/**
 * Runs one mode to its end and yields its tokens as they come.
 *
 * @throws {DOMException} 'AbortError' once `io.signal` has fired; whatever the decoder throws, except for 'contextFull'
 */
export async function* runMode(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  mode: ComparisonMode,
  request: TimedReasoningRequest,
  io: TimedReasoningIo = {},
): AsyncGenerator<TimedToken, ModeRun> {
  const running = startMode(decoder, tokenizer, mode, request, io);
  const yielded: TimedToken[] = [];
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (done !== true) {
        yielded.push(value);
        yield value;
        continue;
      }
      io.signal?.throwIfAborted();
      const { tokens = yielded, stop, totalMs, trace } = value;
      const text = { thinker: textOf(tokens, 'thinker'), writer: textOf(tokens, 'writer') };
      const metrics = delayMetrics({ tokens, stop, totalMs }, request.settings);
      return { run: { mode, stop, text, tokens, metrics }, ...(trace && { trace }) };
    }
  } finally {
    await running.return(undefined as never);
  }
}

function startMode(
  decoder: Decoder,
  tokenizer: ReasoningTokenizer,
  mode: ComparisonMode,
  request: TimedReasoningRequest,
  io: TimedReasoningIo,
): RunningMode {
  const { question, settings } = request;
  return mode === 'asynchronous'
    ? runTimedReasoning(decoder, tokenizer, request, io)
    : runSequential(decoder, tokenizer, { mode, question, settings }, io);
}

function textOf(tokens: readonly TimedToken[], stream: StreamName): string {
  return tokens.map((token) => (token.stream === stream ? token.text : '')).join('');
}
