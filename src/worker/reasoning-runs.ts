import { Failure } from '@/lib/failure.ts';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type { ReasoningConfig, ReasoningEvent, ReasoningSettings, ReasoningTrace } from '@/protocol/reasoning.ts';
import { ScriptedDrafts, TypedDrafts } from '@/research/async-reasoning/draft-queue.ts';
import type { Draft } from '@/research/async-reasoning/draft-queue.ts';
import {
  DEFAULT_REASONING_SETTINGS,
  SMALL_MODEL_REASONING_SETTINGS,
  liveSetup,
  setupFromQuestion,
} from '@/research/async-reasoning/prompts.ts';
import type { ReasoningTokenizer } from '@/research/async-reasoning/reasoning-tokenizer.ts';
import { PromptCache } from '@/research/async-reasoning/prompt-cache.ts';
import { runLive } from '@/research/async-reasoning/run-live.ts';
import { runReasoning } from '@/research/async-reasoning/run-reasoning.ts';
import { parseTraceSetup } from '@/research/async-reasoning/trace-schema.ts';
import { checkRequest, questionSchema, settingsSchema } from './request-schemas.ts';

type Emit = (event: ReasoningEvent) => void;

interface LiveRun {
  readonly drafts: TypedDrafts;
  settings: ReasoningSettings;
}

/** Reasoning runs on one loaded model; at most one of them is live. */
export class ReasoningRuns {
  readonly #decoder: Decoder;
  readonly #tokenizer: ReasoningTokenizer;
  readonly #prompts: PromptCache;
  #live: LiveRun | null = null;

  constructor(decoder: Decoder, tokenizer: ReasoningTokenizer) {
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.#prompts = new PromptCache(decoder);
  }

  /** Encodes what every live run begins with. @throws {Failure} 'unsupportedModel' if the method cannot run on it */
  async warmUp(): Promise<void> {
    for (const { view, ids } of liveSetup(DEFAULT_REASONING_SETTINGS, this.#tokenizer).prefill) {
      if (view.length === 1) await this.#prompts.get(ids);
    }
  }

  /** A golden setup as it stands, or a question with scripted typing. */
  async runScripted(config: ReasoningConfig, signal: AbortSignal, emit: Emit): Promise<ReasoningTrace> {
    const decoder = this.#decoder;
    const tokenizer = this.#tokenizer;
    const io = { signal, prompts: this.#prompts };
    if (!('question' in config)) {
      const setup = parseTraceSetup(config, decoder.vocabSize);
      return follow(runReasoning(decoder, setup, { ...io, ...textOf(tokenizer) }), emit);
    }
    checkRequest(questionSchema, config, 'reason');
    const settings = { ...defaultsFor(tokenizer), ...config.settings };
    if (config.drafts !== undefined) {
      const drafts = new ScriptedDrafts(config.drafts);
      return follow(
        runLive(decoder, tokenizer, () => settings, drafts, io),
        emit,
      );
    }
    const setup = setupFromQuestion(config.question, settings, tokenizer);
    return follow(runReasoning(decoder, setup, { ...io, ...textOf(tokenizer) }), emit);
  }

  /** @throws {Failure} 'busy' while another live run goes on */
  async runLive(settings: ReasoningSettings, signal: AbortSignal, emit: Emit): Promise<ReasoningTrace> {
    if (this.#live !== null) throw new Failure<FailureCode>('busy', 'A live run is already going on.');
    checkRequest(settingsSchema, settings, 'reasonLive');
    const live: LiveRun = { drafts: new TypedDrafts(), settings: { ...settings } };
    this.#live = live;
    try {
      const io = { signal, prompts: this.#prompts };
      return await follow(
        runLive(this.#decoder, this.#tokenizer, () => live.settings, live.drafts, io),
        emit,
      );
    } finally {
      this.#live = null;
    }
  }

  updateDraft(draft: Draft): void {
    this.#live?.drafts.update(draft);
  }

  updateSettings(settings: Partial<ReasoningSettings>): void {
    checkRequest(settingsSchema, settings, 'updateSettings');
    if (this.#live !== null) this.#live.settings = { ...this.#live.settings, ...settings };
  }
}

/** Models without think tokens were not trained to think and need a bias to begin writing at all. */
function defaultsFor(tokenizer: ReasoningTokenizer): ReasoningSettings {
  return tokenizer.idOf('<think>') === undefined ? SMALL_MODEL_REASONING_SETTINGS : DEFAULT_REASONING_SETTINGS;
}

function textOf(tokenizer: ReasoningTokenizer): {
  tokenBytes: (id: number) => Uint8Array;
  createTextStream: () => ReturnType<ReasoningTokenizer['createTextStream']>;
} {
  return {
    tokenBytes: (id) => tokenizer.tokenBytes(id),
    createTextStream: () => tokenizer.createTextStream(),
  };
}

async function follow(run: AsyncGenerator<ReasoningEvent, ReasoningTrace>, emit: Emit): Promise<ReasoningTrace> {
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return value;
    emit(value);
  }
}
