import { follow } from '@/lib/follow.ts';
import { Failure } from '@/lib/failure.ts';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import type {
  Draft,
  ReasoningConfig,
  ReasoningEvent,
  ReasoningSettings,
  ReasoningTrace,
} from '@/protocol/reasoning.ts';
import { scriptedInputs, TypedInputs } from '@/research/async-reasoning/input-queue.ts';
import type { LiveInput } from '@/research/async-reasoning/input-queue.ts';
import { PromptCache } from '@/research/async-reasoning/prompt-cache.ts';
import { liveSetup, setupFromQuestion } from '@/research/async-reasoning/reasoning-setup.ts';
import type { ReasoningTokenizer } from '@/research/async-reasoning/reasoning-tokenizer.ts';
import { runLive } from '@/research/async-reasoning/run-live.ts';
import { runReasoning } from '@/research/async-reasoning/run-reasoning.ts';
import { SpeechClock } from '@/research/async-reasoning/speech-clock.ts';
import { parseTraceSetup } from '@/research/async-reasoning/trace-schema.ts';
import {
  DEFAULT_REASONING_SETTINGS,
  defaultSettingsFor,
  reasoningSettingsSchema,
} from '@/protocol/reasoning-settings.ts';
import { checkRequest, questionSchema } from './request-schemas.ts';

type Emit = (event: ReasoningEvent) => void;

interface LiveRun {
  readonly inputs: TypedInputs;
  readonly speech: SpeechClock;
  settings: ReasoningSettings;
  traceSoFar: (() => ReasoningTrace) | null;
}

/** Reasoning runs on one loaded model; at most one of them is live. */
export class ReasoningRuns {
  readonly #decoder: Decoder;
  readonly #tokenizer: ReasoningTokenizer;
  /** Prompts that every run shares. */
  readonly prompts: PromptCache;
  #live: LiveRun | null = null;
  #isStale = false;

  constructor(decoder: Decoder, tokenizer: ReasoningTokenizer) {
    this.#decoder = decoder;
    this.#tokenizer = tokenizer;
    this.prompts = new PromptCache(decoder);
  }

  /** Encodes what every live run begins with. @throws {Failure} 'unsupportedModel' if the method cannot run on it */
  async warmUp(): Promise<void> {
    for (const { view, ids } of liveSetup(DEFAULT_REASONING_SETTINGS, this.#tokenizer).prefill) {
      if (view.length === 1) await this.prompts.keep(ids);
    }
  }

  /** Drops what was encoded: the adapter has changed. The next run encodes it again before it begins. */
  forgetPrompts(): void {
    this.prompts.clear();
    this.#isStale = true;
  }

  async #refreshPrompts(): Promise<void> {
    if (!this.#isStale) return;
    this.#isStale = false;
    await this.warmUp();
  }

  /** A golden setup as it stands, or a question, with or without scripted input. */
  async runScripted(config: ReasoningConfig, signal: AbortSignal, emit: Emit): Promise<ReasoningTrace> {
    const decoder = this.#decoder;
    const tokenizer = this.#tokenizer;
    const io = { signal, prompts: this.prompts };
    if (!('question' in config)) {
      const setup = parseTraceSetup(config, decoder.vocabSize);
      return follow(runReasoning(decoder, setup, { ...io, ...textOf(tokenizer) }), emit);
    }
    checkRequest(questionSchema, config, 'reason');
    await this.#refreshPrompts();
    const settings = { ...this.#defaults(), ...config.settings };
    const inputs = scriptedInputs(config, () => performance.now(), settings.speechPause);
    if (inputs !== undefined) {
      const live = { ...io, usesStepClock: !inputs.isTimed };
      return follow(
        runLive(decoder, tokenizer, () => settings, inputs.queue, live),
        emit,
      );
    }
    const setup = setupFromQuestion(config.question, settings, tokenizer);
    return follow(runReasoning(decoder, setup, { ...io, ...textOf(tokenizer) }), emit);
  }

  /** @throws {Failure} 'busy' while another live run goes on */
  async runLive(settings: Partial<ReasoningSettings>, signal: AbortSignal, emit: Emit): Promise<ReasoningTrace> {
    if (this.#live !== null) throw new Failure<FailureCode>('busy', 'A live run is already going on.');
    checkRequest(reasoningSettingsSchema, settings, 'reasonLive');
    const live: LiveRun = {
      inputs: new TypedInputs(),
      speech: new SpeechClock(),
      settings: { ...this.#defaults(), ...settings },
      traceSoFar: null,
    };
    this.#live = live;
    try {
      await this.#refreshPrompts();
      const io = {
        signal,
        prompts: this.prompts,
        speech: live.speech,
        onReadable: (traceSoFar: () => ReasoningTrace): void => {
          live.traceSoFar = traceSoFar;
        },
      };
      return await follow(
        runLive(this.#decoder, this.#tokenizer, () => live.settings, live.inputs, io),
        emit,
      );
    } finally {
      this.#live = null;
    }
  }

  updateDraft(draft: Draft): void {
    this.#push({ kind: 'draft', ...draft });
  }

  addRemark(text: string): void {
    this.#push({ kind: 'remark', text });
  }

  setPaused(isPaused: boolean): void {
    this.#push({ kind: isPaused ? 'pause' : 'resume' });
  }

  reportSpeech(unspokenSeconds: number | null): void {
    this.#live?.speech.report(unspokenSeconds);
  }

  traceSoFar(): ReasoningTrace | null {
    return this.#live?.traceSoFar?.() ?? null;
  }

  updateSettings(settings: Partial<ReasoningSettings>): void {
    checkRequest(reasoningSettingsSchema, settings, 'updateSettings');
    if (this.#live === null) return;
    this.#live.settings = { ...this.#live.settings, ...settings };
    this.#push({ kind: 'settings' });
  }

  #push(input: LiveInput): void {
    this.#live?.inputs.push(input);
  }

  /** Models without think tokens were not trained to think and need a bias to begin writing at all. */
  #defaults(): ReasoningSettings {
    return defaultSettingsFor(this.#tokenizer.idOf('<think>') !== undefined);
  }
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
