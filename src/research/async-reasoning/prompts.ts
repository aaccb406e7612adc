/** Texts of design B and the setups made of them. Raw ChatML without a system turn, as in the reference data. */
import { Failure } from '@/lib/failure.ts';
import type { ReasoningSettings, StreamName, TraceParams, TraceSetup } from '@/protocol/reasoning.ts';
import { designBLayout } from './block-layout.ts';
import { answerIdsOf } from './probe.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';

/** The user turn stays open, so that it can grow; the thinker's prefix closes it. */
export const INPUT_OPENING = '<|im_start|>user\n';
export const THINKER_PREFIX = '<|im_end|>\n<|im_start|>assistant\n<think>';
/** First tokens of the streams; each is pending until its stream's first forward. */
export const THINKER_PENDING = '\n';
export const WRITER_PREFIX = ' ... [SYSTEM: thoughts will continue here]\n</think>';
export const WRITER_PENDING = '\n\n';
export const PROBE_PROMPT =
  '<|im_start|>user\nYou think and write at the same time. When asked, decide whether writing may go on: ' +
  'answer yes if the thoughts are enough for the next paragraph, even if the task is not solved yet, ' +
  'and no if the response has run out of thoughts.<|im_end|>\n<|im_start|>assistant\n<think>\n';
/** Quoted from the authors' code (Apache-2.0). */
export const PROBE_QUESTION =
  '...\n\nWait, are my current thoughts enough to write the next paragraph or formula? (yes/no): ';

/** Large enough to rule a token out, small enough to leave the numbers readable (reference data). */
const FORBIDDEN_PENALTY = 100;

/** The method's own values: budget of the authors' demo, interval 20, no bias. */
export const DEFAULT_REASONING_SETTINGS: ReasoningSettings = {
  budget: 1024,
  probeInterval: 20,
  yesBias: 0,
  writeBeforeSend: false,
  keepThoughtsFrom: 0,
};

/**
 * For models that were not trained to think, such as SmolLM2-135M, which answers the probe with "no" (score about -0.8 to
 * -1.6). The reference runs alternate sensibly with these values (biases of 1.14 to 1.45 there).
 */
export const SMALL_MODEL_REASONING_SETTINGS: ReasoningSettings = {
  ...DEFAULT_REASONING_SETTINGS,
  probeInterval: 10,
  yesBias: 1.4,
  keepThoughtsFrom: 0.75,
};

/**
 * A run of design B on a question that is known from the start.
 *
 * @param question       without a closing newline; control tokens in it stay text
 * @param modelDefaults  what holds where `settings` says nothing
 * @throws {Failure} 'unsupportedModel' if the vocabulary lacks what the method needs
 */
export function setupFromQuestion(
  question: string,
  settings: Partial<ReasoningSettings>,
  tokenizer: ReasoningTokenizer,
  modelDefaults: ReasoningSettings = DEFAULT_REASONING_SETTINGS,
): TraceSetup {
  const { rowOrder, blocks, views } = designBLayout({ withInput: false });
  const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
  const [opening, ...rest] = INPUT_OPENING.split('>');
  const closed = `${rest.join('>')}${question}\n`;
  const prefixes = streamPrefixes(tokenizer);
  return {
    design: 'B',
    problem: question,
    row_order: rowOrder,
    blocks,
    views,
    prefill: [
      {
        view: ['input_prompt'],
        text: `${INPUT_OPENING}${question}\n`,
        ids: [...encode(`${opening ?? ''}>`), ...tokenizer.encode(closed, { parseSpecial: false })],
      },
      { view: views['thinker'] ?? [], text: THINKER_PREFIX, ids: prefixes.thinker.slice(0, -1) },
      { view: views['writer'] ?? [], text: WRITER_PREFIX, ids: prefixes.writer.slice(0, -1) },
      { view: ['mode_switching_prompt'], text: PROBE_PROMPT, ids: encode(PROBE_PROMPT) },
    ],
    stream_tokens: prefixes,
    events: [],
    params: paramsFor({ ...modelDefaults, ...settings }, tokenizer),
  };
}

/**
 * The fixed part of a live run of design B: input, thinker and writer begin by events.
 *
 * @throws {Failure} 'unsupportedModel' as {@link setupFromQuestion}
 */
export function liveSetup(settings: ReasoningSettings, tokenizer: ReasoningTokenizer): TraceSetup {
  const { rowOrder, blocks, views } = designBLayout({ withInput: true });
  const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
  return {
    design: 'B',
    row_order: rowOrder,
    blocks,
    views,
    prefill: [
      { view: ['input_prompt'], text: INPUT_OPENING, ids: encode(INPUT_OPENING) },
      { view: ['mode_switching_prompt'], text: PROBE_PROMPT, ids: encode(PROBE_PROMPT) },
    ],
    stream_tokens: streamPrefixes(tokenizer),
    events: [],
    params: paramsFor(settings, tokenizer),
  };
}

/** Prefix and first pending token of both streams. */
function streamPrefixes(tokenizer: ReasoningTokenizer): Record<StreamName, number[]> {
  const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
  return {
    thinker: [...encode(THINKER_PREFIX), ...encode(THINKER_PENDING)],
    writer: [...encode(WRITER_PREFIX), ...encode(WRITER_PENDING)],
  };
}

function paramsFor(settings: ReasoningSettings, tokenizer: ReasoningTokenizer): TraceParams {
  const { yesIds, noIds } = answerIdsOf(tokenizer);
  return {
    budget: settings.budget,
    probe_interval: settings.probeInterval,
    yes_bias: settings.yesBias,
    question: PROBE_QUESTION,
    question_ids: tokenizer.encode(PROBE_QUESTION, { parseSpecial: true }),
    yes_ids: yesIds,
    no_ids: noIds,
    forbidden: forbiddenIdsOf(tokenizer),
    forbidden_penalty: FORBIDDEN_PENALTY,
    eos_ids: [turnEndOf(tokenizer)],
    end_of_think_ids: idsOf(tokenizer, ['</think>']),
  };
}

/**
 * Ids that a stream may never choose: control tokens, for the writer also the end of thoughts, and every entry that ends
 * in "SYSTEM" or "SYSTEM:", with which the model would imitate the prefixes. Ascending.
 */
export function forbiddenIdsOf(tokenizer: ReasoningTokenizer): Record<StreamName, number[]> {
  const system = systemIdsOf(tokenizer);
  const sorted = (names: readonly string[]): number[] =>
    [...new Set([...idsOf(tokenizer, names), ...system])].toSorted((a, b) => a - b);
  return {
    thinker: sorted(['<|im_start|>', '<|im_end|>', '<|endoftext|>']),
    writer: sorted(['</think>', '<|im_start|>', '<|endoftext|>']),
  };
}

/** The scan visits the whole vocabulary, so its result is kept as long as the tokenizer lives. */
const systemIds = new WeakMap<ReasoningTokenizer, readonly number[]>();

function systemIdsOf(tokenizer: ReasoningTokenizer): readonly number[] {
  const known = systemIds.get(tokenizer);
  if (known !== undefined) return known;
  const found: number[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++) if (endsInSystem(tokenizer.tokenBytes(id))) found.push(id);
  systemIds.set(tokenizer, found);
  return found;
}

const SYSTEM_ENDINGS = ['SYSTEM', 'SYSTEM:'].map((ending) => new TextEncoder().encode(ending));

function endsInSystem(bytes: Uint8Array): boolean {
  return SYSTEM_ENDINGS.some(
    (ending) =>
      bytes.length >= ending.length && ending.every((byte, i) => byte === bytes[bytes.length - ending.length + i]),
  );
}

function idsOf(tokenizer: ReasoningTokenizer, pieces: readonly string[]): number[] {
  return pieces.map((piece) => tokenizer.idOf(piece)).filter((id) => id !== undefined);
}

function turnEndOf(tokenizer: ReasoningTokenizer): number {
  const id = tokenizer.idOf('<|im_end|>');
  if (id === undefined || tokenizer.idOf('<|im_start|>') === undefined)
    throw new Failure(
      'unsupportedModel',
      'Asynchronous reasoning needs a model with ChatML turns (<|im_start|>, <|im_end|>). Choose SmolLM2 or Qwen.',
    );
  return id;
}
