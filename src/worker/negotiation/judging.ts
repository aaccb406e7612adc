/** Judging answers outside a run: again, by two judges, or one against the other. */
import { follow } from '@/lib/follow.ts';
import { at } from '@/lib/assert.ts';
import type { AskPage, ChatModelConfig } from '@/protocol/chat.ts';
import type {
  AnswerJudgement,
  AspectNote,
  JudgeComparison,
  JudgeComparisonEvent,
  JudgeComparisonRequest,
  JudgedAnswer,
  JudgeEvent,
  JudgeReport,
  JudgeRequest,
  PairwiseRequest,
  PairwiseVerdict,
  TemplateTexts,
} from '@/protocol/negotiation-api.ts';
import { ASPECTS } from '@/protocol/negotiation/templates-judge.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { ChatJudge } from '@/research/negotiation/chat-judge.ts';
import type { ChatModel } from '@/research/chat/chat-model.ts';
import { EngineJudge } from '@/research/negotiation/engine-judge.ts';
import { compareJudges } from '@/research/negotiation/judge-calibration.ts';
import { judgePair, type PairwiseJudge } from '@/research/negotiation/pairwise.ts';
import { aspectPrompt, templatePrompts } from '@/research/negotiation/template-prompts.ts';
import { chatTokenizerOf } from '../chat/chat-tokenizer-of.ts';
import { createChatModel, type NegotiatingModel } from './chat-models.ts';
import { type HumanDesk, Judges, type OpenJudge, swapped, swappingJudge } from './judges.ts';

/** So that a chat model's second opinion may differ from its first. */
const RETHINKING_TEMPERATURE = 0.7;
const NOTE_TOKENS = 64;
const OWN = { kind: 'engine' } as const;

/** What judging needs beside its request. */
export interface JudgingHost {
  readonly model: NegotiatingModel;
  readonly desk: HumanDesk;
  readonly ask: AskPage;
  readonly signal: AbortSignal;
}

export async function judgeAnswers(
  request: JudgeRequest,
  host: JudgingHost,
  emit: (event: JudgeEvent) => void,
): Promise<JudgeReport> {
  const { answers, templates = {} } = request;
  const { signal } = host;
  using readers = openReaders(request, host, emit);
  const writer = noteWriter(request, host);
  const judgements: AnswerJudgement[] = [];
  for (const [index, answer] of answers.entries()) {
    const verdicts = await readings(answer, readers.judges, signal);
    const notes = writer === null ? undefined : await notesOn(answer, writer, templates, signal);
    const judgement = { verdicts, ...meanAndSpread(verdicts), ...(notes && { notes }) };
    judgements.push(judgement);
    emit({ kind: 'answerJudged', index, total: answers.length, judgement });
  }
  return { judge: at(readers.judges, 0).name, judgements };
}

/** One judge a reading: from the third on with the dialogue shown or hidden, from the second on less sure of itself. */
function openReaders(
  { judge = OWN, templates = {}, judgeSeesDialogue = false, readings: count = 1 }: JudgeRequest,
  { model, desk, ask }: JudgingHost,
  emit: (event: JudgeEvent) => void,
): { readonly judges: readonly OpenJudge[]; [Symbol.dispose](): void } {
  const opener = new Judges(model, desk, ask);
  const judges: OpenJudge[] = [];
  const dispose = (): void => {
    for (const each of judges) each[Symbol.dispose]();
  };
  try {
    for (let reading = 0; reading < count; reading++)
      judges.push(
        opener.open(judge, {
          templates,
          seesDialogue: judgeSeesDialogue !== reading >= 2,
          ...(reading > 0 && { temperature: RETHINKING_TEMPERATURE }),
          onHumanAsked: (open) => emit({ kind: 'humanAsked', open }),
        }),
      );
  } catch (error) {
    dispose();
    throw error;
  }
  return { judges, [Symbol.dispose]: dispose };
}

async function readings(
  answer: JudgedAnswer,
  judges: readonly OpenJudge[],
  signal: AbortSignal,
): Promise<readonly JudgeVerdict[]> {
  const verdicts: JudgeVerdict[] = [];
  // Without a dialogue there is none to show or hide.
  const possible = (answer.dialogue ?? []).length === 0 ? judges.slice(0, 2) : judges;
  for (const [reading, judge] of possible.entries())
    verdicts.push(await judge.score(reading % 2 === 1 ? swapped(answer) : answer, signal));
  return verdicts;
}

/** Null where none are asked for, or the judge writes nothing. */
function noteWriter({ judge = OWN, notes = false }: JudgeRequest, { model, ask }: JudgingHost): ChatModel | null {
  if (!notes || judge.kind === 'rule' || judge.kind === 'human') return null;
  return createChatModel(judge, model, ask);
}

function meanAndSpread(verdicts: readonly JudgeVerdict[]): Pick<AnswerJudgement, 'mean' | 'spread'> {
  const scores = verdicts.flatMap((verdict) => (verdict.state === 'scored' ? [verdict.score] : []));
  if (scores.length === 0) return { mean: null, spread: null };
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  if (scores.length < 2) return { mean, spread: null };
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, spread: Math.sqrt(squares / (scores.length - 1)) };
}

async function notesOn(
  answer: JudgedAnswer,
  writer: ChatModel,
  templates: TemplateTexts,
  signal: AbortSignal,
): Promise<AspectNote[]> {
  const notes: AspectNote[] = [];
  for (const aspect of ASPECTS) {
    signal.throwIfAborted();
    const messages = aspectPrompt(aspect, answer, templates);
    const { text } = await writer.chat({ messages, maxTokens: NOTE_TOKENS }, { signal });
    notes.push({ aspect: aspect.name, text: text.trim() });
  }
  return notes;
}

export async function compareTwoJudges(
  { answers, judges: configs, templates = {}, judgeSeesDialogue = false }: JudgeComparisonRequest,
  { model, desk, ask, signal }: JudgingHost,
  emit: (event: JudgeComparisonEvent) => void,
): Promise<JudgeComparison> {
  const judges = new Judges(model, desk, ask);
  const options = {
    templates,
    seesDialogue: judgeSeesDialogue,
    onHumanAsked: (open: Extract<JudgeComparisonEvent, { readonly kind: 'humanAsked' }>['open']) =>
      emit({ kind: 'humanAsked', open }),
  };
  using first = judges.open(configs[0], options);
  using second = judges.open(configs[1], options);
  const isSame = JSON.stringify(configs[0]) === JSON.stringify(configs[1]);
  return follow(compareJudges([first, isSame ? swappingJudge(second) : second], answers, signal), emit);
}

export async function preferAnswer(
  { judge: config = OWN, templates = {}, ...question }: PairwiseRequest,
  { model, ask, signal }: JudgingHost,
): Promise<PairwiseVerdict> {
  using judge = openComparer(config, templates, model, ask);
  return judgePair(judge, question, signal);
}

/** @throws {Failure} as `Judges.open` */
export function openComparer(
  config: ChatModelConfig,
  templates: TemplateTexts,
  model: NegotiatingModel,
  ask: AskPage,
): PairwiseJudge & { readonly name: string; [Symbol.dispose](): void } {
  const prompts = templatePrompts(templates);
  if (config.kind === 'engine') {
    const tokenizer = chatTokenizerOf(model.opened);
    return new EngineJudge(model.gpuModel.decoder, { tokenizer, prompts, name: `${model.name}, adapter off` });
  }
  const judge = new ChatJudge(createChatModel(config, model, ask), { prompts });
  return {
    name: judge.name,
    prefer: (slots, signal) => judge.prefer(slots, signal),
    [Symbol.dispose]: () => undefined,
  };
}
