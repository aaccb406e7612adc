/** Setups of runs, made from texts and settings. */
import { Failure } from '@/lib/failure.ts';
import type {
  LiveTraceParams,
  ReasoningSettings,
  StreamName,
  TraceParams,
  TracePrefill,
  TraceSetup,
} from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { designALayout, designBLayout } from './block-layout.ts';
import {
  instructionsOf,
  linkingTexts,
  PENDING_A,
  PROBE_QUESTION_A,
  SAFETY_QUESTION_A,
  THINKER_PREFIX_A,
  THINKER_TURN,
  WRITER_PREFIX_A,
} from './design-a-prompts.ts';
import { forbiddenIdsOf, idsOf } from './forbidden-ids.ts';
import { answerIdsOf } from './probe.ts';
import {
  INPUT_OPENING,
  PROBE_PROMPT,
  PROBE_QUESTION,
  THINKER_PENDING,
  THINKER_PREFIX,
  WRITER_PENDING,
  WRITER_PREFIX,
} from './prompts.ts';
import type { ReasoningTokenizer } from './reasoning-tokenizer.ts';

/**
 * A run on a question that is known from the start.
 *
 * @param question  without a closing newline; control tokens in it stay text
 * @param settings  what is missing is the method's own value
 * @throws {Failure} 'unsupportedModel' if the vocabulary lacks what the method needs
 */
export function setupFromQuestion(
  question: string,
  settings: Partial<ReasoningSettings>,
  tokenizer: ReasoningTokenizer,
): TraceSetup {
  const full = { ...DEFAULT_REASONING_SETTINGS, ...settings };
  const { rowOrder, blocks, views } =
    full.design === 'A' ? designALayout({ withInput: false }) : designBLayout({ withInput: false });
  const streams = streamTokensOf(full, tokenizer);
  return {
    design: full.design,
    problem: question,
    row_order: rowOrder,
    blocks,
    views,
    prefill:
      full.design === 'A'
        ? prefillOfA(question, full, streams, tokenizer)
        : prefillOfB(question, views, streams, tokenizer),
    stream_tokens: streams,
    events: [],
    params: paramsOf(full, tokenizer),
  };
}

/**
 * The fixed part of a live run: input, thinker and writer begin by events.
 *
 * @throws {Failure} 'unsupportedModel' as {@link setupFromQuestion}
 */
export function liveSetup(settings: ReasoningSettings, tokenizer: ReasoningTokenizer): TraceSetup {
  const { design } = settings;
  const { rowOrder, blocks, views } =
    design === 'A' ? designALayout({ withInput: true }) : designBLayout({ withInput: true });
  const instructions = instructionsOf(settings);
  const prompts =
    design === 'A'
      ? { writer_prompt: INPUT_OPENING + instructions.writer, thinker_prompt: INPUT_OPENING + instructions.thinker }
      : { input_prompt: INPUT_OPENING, mode_switching_prompt: PROBE_PROMPT };
  return {
    design,
    row_order: rowOrder,
    blocks,
    views,
    prefill: Object.entries(prompts).map(([block, text]) => ({ view: [block], text, ids: encode(text, tokenizer) })),
    stream_tokens: streamTokensOf(settings, tokenizer),
    events: [],
    params: paramsOf(settings, tokenizer),
  };
}

/** The parameters that a run under way can change; what equals the reference's rule is left out. */
export function liveParamsOf(settings: ReasoningSettings): LiveTraceParams {
  const { probeInterval, yesBias, marginThreshold, hysteresis, minWriterSteps, thoughtBudget } = settings;
  return {
    probe_interval: probeInterval,
    yes_bias: yesBias,
    ...(marginThreshold !== 0 && { margin_threshold: marginThreshold }),
    ...(hysteresis !== 0 && { hysteresis }),
    ...(minWriterSteps !== 0 && { min_writer_steps: minWriterSteps }),
    ...(!settings.probeAtParagraphs && { probe_at_paragraphs: false }),
    ...(!settings.paragraphPause && { paragraph_pause: false }),
    ...(thoughtBudget !== 0 && { thought_budget: thoughtBudget }),
  };
}

type StreamTokens = Readonly<Record<StreamName, readonly number[]>>;

function prefillOfA(
  question: string,
  settings: ReasoningSettings,
  streams: StreamTokens,
  tokenizer: ReasoningTokenizer,
): TracePrefill[] {
  const instructions = instructionsOf(settings);
  const prompt = (name: string, opening: string, closing: string): TracePrefill => ({
    view: [name],
    text: INPUT_OPENING + opening + question + closing,
    ids: [...openedBy(opening + question, tokenizer), ...encode(closing, tokenizer)],
  });
  const links = linkingTexts(['writer_prompt'], ['thinker_prompt'], {
    writer: 'writer_split',
    thinker: 'thinker_split',
  });
  return [
    prompt('writer_prompt', instructions.writer, ''),
    prompt('thinker_prompt', instructions.thinker, THINKER_TURN),
    ...links.map(({ view, text }) => ({ view, text, ids: encode(text, tokenizer) })),
    {
      view: ['writer_prompt', 'dummy_thinker', 'writer_split', 'writer_output'],
      text: WRITER_PREFIX_A,
      ids: streams.writer.slice(0, -1),
    },
    {
      view: ['thinker_prompt', 'dummy_writer', 'thinker_split', 'thinker_output'],
      text: THINKER_PREFIX_A,
      ids: streams.thinker.slice(0, -1),
    },
  ];
}

function prefillOfB(
  question: string,
  views: TraceSetup['views'],
  streams: StreamTokens,
  tokenizer: ReasoningTokenizer,
): TracePrefill[] {
  return [
    {
      view: ['input_prompt'],
      text: `${INPUT_OPENING}${question}\n`,
      ids: openedBy(`${question}\n`, tokenizer),
    },
    { view: views['thinker'] ?? [], text: THINKER_PREFIX, ids: streams.thinker.slice(0, -1) },
    { view: views['writer'] ?? [], text: WRITER_PREFIX, ids: streams.writer.slice(0, -1) },
    { view: ['mode_switching_prompt'], text: PROBE_PROMPT, ids: encode(PROBE_PROMPT, tokenizer) },
  ];
}

/** An opened user turn; control tokens in `text` stay text. */
function openedBy(text: string, tokenizer: ReasoningTokenizer): number[] {
  const split = INPUT_OPENING.indexOf('>') + 1;
  return [
    ...encode(INPUT_OPENING.slice(0, split), tokenizer),
    ...tokenizer.encode(INPUT_OPENING.slice(split) + text, { parseSpecial: false }),
  ];
}

/** Prefix and first pending token of both streams. */
function streamTokensOf(settings: ReasoningSettings, tokenizer: ReasoningTokenizer): Record<StreamName, number[]> {
  const { design, thinkerStart, writerStart } = settings;
  const [thinkerPrefix, writerPrefix] =
    design === 'A' ? [THINKER_PREFIX_A, WRITER_PREFIX_A] : [THINKER_PREFIX, WRITER_PREFIX];
  const [thinkerPending, writerPending] = design === 'A' ? [PENDING_A, PENDING_A] : [THINKER_PENDING, WRITER_PENDING];
  const start = (own: string, usual: string): number[] =>
    tokenizer.encode(own === '' ? usual : own, { parseSpecial: false });
  return {
    thinker: [...encode(thinkerPrefix, tokenizer), ...start(thinkerStart, thinkerPending)],
    writer: [...encode(writerPrefix, tokenizer), ...start(writerStart, writerPending)],
  };
}

const READERS = { writer: ['writer'], both: ['thinker', 'writer'] } as const satisfies Record<
  Exclude<ReasoningSettings['readAttention'], 'off'>,
  readonly StreamName[]
>;

function paramsOf(settings: ReasoningSettings, tokenizer: ReasoningTokenizer): TraceParams {
  const question = settings.probeQuestion === '' ? usualQuestionOf(settings) : settings.probeQuestion;
  const { temperature, topK, topP, minP, seed } = settings;
  return {
    budget: settings.budget,
    ...liveParamsOf(settings),
    question,
    question_ids: encode(question, tokenizer),
    yes_ids: answerIdsOf(tokenizer, settings.yesWords),
    no_ids: answerIdsOf(tokenizer, settings.noWords),
    forbidden: forbiddenIdsOf(tokenizer, settings),
    forbidden_penalty: settings.forbiddenPenalty,
    eos_ids: [turnEndOf(tokenizer)],
    end_of_think_ids: idsOf(tokenizer, ['</think>']),
    ...(settings.probeRule === 'pause' && { probe_rule: 'pause' }),
    ...(settings.probeTiming === 'overlapped' && { probe_overlapped: true }),
    ...(settings.readAttention !== 'off' && { read_attention: READERS[settings.readAttention] }),
    ...(temperature > 0 && { sampling: { temperature, top_k: topK, top_p: topP, min_p: minP, seed } }),
  };
}

function usualQuestionOf({ design, safetyProtocol }: ReasoningSettings): string {
  if (design === 'B') return PROBE_QUESTION;
  return safetyProtocol ? SAFETY_QUESTION_A : PROBE_QUESTION_A;
}

function encode(text: string, tokenizer: ReasoningTokenizer): number[] {
  return tokenizer.encode(text, { parseSpecial: true });
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
