/**
 * One interface to every model that chats: the loaded model, web-llm, and servers that speak OpenAI's chat completions.
 * What each can do is data (`CHAT_CAPABILITIES`); what it cannot do is refused before anything is asked.
 */
import type { ChatMessage } from './generation.ts';

/** A model that answers chat messages. */
export type ChatModelConfig =
  /** The loaded model. As a judge or generator it answers without its adapter. */
  | { readonly kind: 'engine' }
  /** OpenAI's chat completions. */
  | {
      readonly kind: 'endpoint';
      /** Up to `/v1`, or the whole address. */
      readonly url: string;
      readonly model: string;
      /** Kept in memory only: no record, message or file has it. */
      readonly apiKey?: string;
      /** Without a sign of life from the server. Default 60,000. */
      readonly timeoutMs?: number;
      /** Default 3. */
      readonly maxAttempts?: number;
    }
  /** The page's second engine. */
  | { readonly kind: 'webLlm'; readonly model: string };

export type ChatModelKind = ChatModelConfig['kind'];

/** Of an answer, where `maxTokens` says nothing. */
export const DEFAULT_MAX_TOKENS = 512;

export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** Default 512. */
  readonly maxTokens?: number;
  /** 0 = greedy. Default 0. */
  readonly temperature?: number;
  /** Default 1 (off). */
  readonly topP?: number;
  /** Default 0 (off). */
  readonly topK?: number;
  /** Default 0 (off). */
  readonly minP?: number;
  /** Default 0. */
  readonly seed?: number;
  /** The answer ends in front of the first of these. */
  readonly stop?: readonly string[];
  /** Likeliest tokens wanted beside each token, 0 to 5. Default 0. */
  readonly topLogProbs?: number;
  /** For models whose template has a switch; default: as the template has it. */
  readonly enableThinking?: boolean;
  /** Whether the attached adapter takes part. Default: as far as there is one, 'on'. */
  readonly adapter?: 'on' | 'off';
  /**
   * The last message is an answer that was cut off, and what comes goes on with it: the answer is the continuation alone.
   * What had been thought in front of it is over. Default false. (transformers: `continue_final_message`)
   */
  readonly continueAnswer?: boolean;
  /** A JSON schema that the answer has to follow. */
  readonly responseSchema?: Readonly<Record<string, unknown>>;
}

export interface ChatToken {
  readonly text: string;
  /** Left out where the model does not say it. */
  readonly tokenId?: number;
  /** Natural log of its probability; NaN where a server leaves it out. */
  readonly logProb: number;
  /** Likeliest first; may be without the token itself. */
  readonly top: readonly { readonly text: string; readonly logProb: number }[];
  /** Whether it stands between `<think>` and `</think>`. */
  readonly isThinking: boolean;
}

/** What is new since the last one. */
export interface ChatDelta {
  /** Of the answer, thoughts left out. */
  readonly text: string;
  /** Between `<think>` and `</think>`. */
  readonly thinking: string;
  /** Empty where the model gives no probabilities. */
  readonly tokens: readonly ChatToken[];
}

export interface ChatAnswer {
  readonly text: string;
  /** Null if the model did not think. */
  readonly thinking: string | null;
  /** Null where the model gives no probabilities. */
  readonly tokens: readonly ChatToken[] | null;
  readonly stopReason: 'stop' | 'length' | 'contextFull';
  readonly timing: {
    readonly timeToFirstTokenMs: number;
    readonly totalMs: number;
    /** Null where the model does not count them. */
    readonly numTokens: number | null;
  };
  /** What was asked for and is not there; sentences for the screen. Left out where there is nothing to say. */
  readonly notes?: readonly string[];
}

/**
 * Asks a chat model that lives on the page's side; rejects with 'endpointFailed' if there is no answer to be had.
 *
 * @param stop  whatever comes through it ends the answer; the signal of the other thread, which cannot cross
 */
export type AskPage = (model: string, request: ChatRequest, stop: MessagePort) => Promise<ChatAnswer>;

export interface ChatCapability {
  readonly has: boolean;
  /** Why not, or within which bounds; a sentence for the screen. Empty where there is nothing to say. */
  readonly note: string;
}

export type ChatCapabilityName =
  /** KV blocks in several orders: asynchronous thinking. */
  | 'kvBlocks'
  /** Probabilities of what it wrote. */
  | 'logProbs'
  /** Probabilities of text that was given: exact judging and training. */
  | 'promptLogProbs'
  | 'gradients'
  | 'adapters'
  /** Top k and min p, beside temperature and top p. */
  | 'sampleFilters'
  /** Answers that follow a JSON schema. */
  | 'responseSchema'
  /** Goes on within an answer that was cut off. */
  | 'continueAnswer'
  /** Words as they come. */
  | 'streaming'
  /** Works without a network once it is there. */
  | 'offline';

const YES: ChatCapability = { has: true, note: '' };
const no = (note: string): ChatCapability => ({ has: false, note });
const yes = (note: string): ChatCapability => ({ has: true, note });

export const CHAT_CAPABILITIES: Readonly<Record<ChatModelKind, Readonly<Record<ChatCapabilityName, ChatCapability>>>> =
  {
    engine: {
      kvBlocks: YES,
      logProbs: YES,
      promptLogProbs: YES,
      gradients: YES,
      adapters: YES,
      sampleFilters: YES,
      responseSchema: no(
        'Duet’s engine has no grammar to hold an answer to a schema; it reads the digits’ probabilities.',
      ),
      continueAnswer: YES,
      streaming: YES,
      offline: YES,
    },
    webLlm: {
      kvBlocks: no('web-llm keeps its cache to itself, so thinker and writer cannot share it.'),
      logProbs: yes('Five at most for each token, of sampled tokens only.'),
      promptLogProbs: no('web-llm gives no probabilities of text that it is given.'),
      gradients: no('web-llm cannot be trained.'),
      adapters: no('web-llm takes no LoRA adapters.'),
      sampleFilters: no('web-llm draws by temperature and top p only.'),
      responseSchema: YES,
      continueAnswer: no('web-llm begins a new turn with every answer.'),
      streaming: YES,
      offline: yes('After its first load.'),
    },
    endpoint: {
      kvBlocks: no('A server keeps its cache to itself, so thinker and writer cannot share it.'),
      logProbs: yes('Where the server gives them.'),
      promptLogProbs: no('Chat completions give no probabilities of text that is given.'),
      gradients: no('A server’s model cannot be trained from here.'),
      adapters: no('Adapters of Duet work in its own engine only.'),
      sampleFilters: yes('Where the server knows top_k and min_p.'),
      responseSchema: yes('Where the server knows response_format.'),
      continueAnswer: no('Some servers can go on with an answer, but others begin a new one without saying so.'),
      streaming: YES,
      offline: no('It needs its server.'),
    },
  };
