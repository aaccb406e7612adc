/** The loaded model as a chat model. */
import { generate, type GenerationDecoder } from '@/engine/generation/generate.ts';
import type { OpenedModel } from '@/engine/loading/open-model.ts';
import type { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { THINK_MARKS } from '@/lib/think-splitter.ts';
import { AnswerBuilder, type RawToken } from '@/protocol/answer-builder.ts';
import { withoutThoughts } from '@/protocol/chat-messages.ts';
import { type ChatAnswer, type ChatRequest, DEFAULT_MAX_TOKENS } from '@/protocol/chat.ts';
import type { GeneratedToken } from '@/protocol/generation.ts';
import type { ChatIo, ChatModel } from '@/research/chat/chat-model.ts';
import { promptTokens, withoutSlots } from '@/research/negotiation/prompt-tokens.ts';
import { chatTokenizerOf, opensThought } from './chat-tokenizer-of.ts';

/** What chatting needs of the loaded model. */
export interface ChattingModel {
  readonly gpuModel: { readonly decoder: GenerationDecoder };
  readonly opened: Pick<OpenedModel, 'tokenizer' | 'chatTemplate'>;
  readonly name: string;
}

export class EngineChat implements ChatModel {
  readonly name: string;
  readonly kind = 'engine';
  readonly #model: ChattingModel;

  constructor(model: ChattingModel) {
    this.name = model.name;
    this.#model = model;
  }

  /** @throws {Failure} 'unsupportedModel' without a chat template, 'contextFull' if the messages do not fit */
  async chat(request: ChatRequest, { onDelta, signal }: ChatIo = {}): Promise<ChatAnswer> {
    const { tokenizer } = this.#model.opened;
    const { tokenIds, startsInside, stopTokenIds } = chatPrompt(this.#model.opened, request);
    const { maxTokens = DEFAULT_MAX_TOKENS, stop = [], ...sampling } = request;
    const answer = new AnswerBuilder({ stop, startsInside, onDelta });
    const { stopReason, tokenIds: written } = await generate(
      this.#model.gpuModel.decoder,
      { createTextStream: () => chatTextStream(tokenizer, (text) => answer.push(text)) },
      { ...sampling, tokenIds, stopTokenIds, stopStrings: stop, maxNewTokens: maxTokens },
      (token) => {
        if (!stopTokenIds.includes(token.tokenId)) answer.push(token.text, [rawToken(tokenizer, token)]);
      },
      signal ?? new AbortController().signal,
    );
    return answer.finish({
      stopReason: stopReason === 'maxNewTokens' ? 'length' : stopReason === 'contextFull' ? 'contextFull' : 'stop',
      numTokens: written.length - (stopReason === 'stopToken' ? 1 : 0),
    });
  }
}

interface ChatPrompt {
  readonly tokenIds: readonly number[];
  /** Whether the answer begins within a thought. */
  readonly startsInside: boolean;
  readonly stopTokenIds: readonly number[];
}

/** Contents are read as plain text: none of them can open another turn. */
function chatPrompt(opened: ChattingModel['opened'], request: ChatRequest): ChatPrompt {
  const { messages, continueAnswer = false } = request;
  // An answer that is gone on with is past its thoughts.
  const text = chatTokenizerOf(opened, { enableThinking: continueAnswer ? false : request.enableThinking });
  const plain = messages.map(withoutThoughts).map(({ role, content }) => ({ role, content: withoutSlots(content) }));
  // Behind the head of its turn: the template never gets to write the turn's end.
  const begun = continueAnswer ? (plain.pop()?.content ?? '') : '';
  const scaffold = text.renderChat(plain.map(({ role }) => ({ role, content: '' })));
  const marks = thinkMarkIds(opened.tokenizer);
  return {
    tokenIds: [...promptTokens(text, plain, []).ids, ...text.encode(begun, { parseSpecial: false })],
    startsInside: opensThought(scaffold),
    stopTokenIds: text.stopTokenIds.filter((id) => !marks.has(id)),
  };
}

/** Text as it is shown; some files have the marks of thoughts among the control tokens, which have no text otherwise. */
function chatTextStream(
  tokenizer: Tokenizer,
  onRest: (text: string) => void,
): { push(tokenId: number): string; flush(): string } {
  const stream = tokenizer.createTextStream({ skipSpecial: true });
  const marks = thinkMarkIds(tokenizer);
  return {
    push: (tokenId) => marks.get(tokenId) ?? stream.push(tokenId),
    flush() {
      const rest = stream.flush();
      onRest(rest);
      return rest;
    },
  };
}

function thinkMarkIds(tokenizer: Tokenizer): ReadonlyMap<number, string> {
  return new Map(
    Object.values(THINK_MARKS).flatMap((mark) => {
      const id = tokenizer.idOf(mark);
      return id === undefined ? [] : [[id, mark] as const];
    }),
  );
}

function rawToken(tokenizer: Tokenizer, { text, tokenId, logProb, top }: GeneratedToken): RawToken {
  return {
    text,
    tokenId,
    logProb,
    top: top.map((other) => ({ text: tokenizer.decode([other.tokenId]), logProb: other.logProb })),
  };
}
