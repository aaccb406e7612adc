/** A run of the scripted engine: written words as tokens, made-up probe margins, real bookkeeping of lengths. */
import { at } from '@/lib/assert.ts';
import type {
  ReasoningEvent,
  ReasoningSettings,
  ReasoningState,
  TraceProbe,
  TraceRow,
  TraceSetup,
  TraceState,
} from '@/protocol/reasoning.ts';

export interface ScriptedDraft {
  readonly text: string;
  readonly sent: boolean;
}

interface Inputs {
  readonly draft: ScriptedDraft;
  readonly settings: ReasoningSettings;
}

const STEP_MS = 60;

const THOUGHTS = `The user asks about the capital of France. France is a country in western Europe. Its capital is the city where the government sits.

The government of France sits in Paris. The president lives in the Élysée Palace, which is in Paris too. So the capital is Paris.

I should answer with one sentence, and then perhaps add where Paris lies. Paris lies on the Seine, in the north of the country. It has about two million people.

That is enough. I could mention that it has been the capital for many centuries, with a few breaks.`;

const ANSWER = `The capital of France is Paris.

Paris lies on the river Seine in the north of the country. The government and the president have their seats there, and about two million people live in the city.`;

const VIEWS = {
  thinker: ['input_prompt', 'input_block', 'thinker_output'],
  writer: ['input_prompt', 'input_block', 'thinker_output', 'writer_output'],
} as const;

const TRACE_STATES: Readonly<Record<ReasoningState, TraceState>> = {
  thinkerOnly: 'thinker_only',
  thinkerAndWriter: 'thinker_and_writer',
  writerOnly: 'writer_only',
};

function wordsOf(text: string): string[] {
  return text.match(/\n+|\s?[^\s]+/g) ?? [];
}

function setupOf(settings: ReasoningSettings): TraceSetup {
  return {
    design: 'B',
    row_order: ['thinker', 'writer'],
    blocks: ['input_prompt', 'input_block', 'thinker_output', 'writer_output'],
    views: VIEWS,
    prefill: [],
    stream_tokens: { thinker: [], writer: [] },
    events: [],
    params: {
      budget: settings.budget,
      probe_interval: settings.probeInterval,
      yes_bias: settings.yesBias,
      question_ids: [],
      yes_ids: [],
      no_ids: [],
      forbidden: { thinker: [], writer: [] },
      forbidden_penalty: 0,
      eos_ids: [],
      end_of_think_ids: [],
    },
  };
}

function rowOf(stream: 'thinker' | 'writer', lengths: readonly number[]): TraceRow {
  const loc = lengths.map((_, index) => lengths.slice(index).reduce((sum, length) => sum + length, 0) - 1);
  return { stream, input: 0, lengths, loc, token: 0, margin: 1, top: [], logsumexp: 0 };
}

function probeOf(step: number, margin: number, yesBias: number, isParagraphEnd: boolean): TraceProbe {
  const score = margin + yesBias;
  return {
    why: [isParagraphEnd ? 'paragraph' : 'interval'],
    lengths: [],
    loc: [],
    yes_logits: [10 + margin],
    no_logits: [10],
    score,
    yes: score > 0,
    logsumexp: 12 + step / 1000,
  };
}

/** Plays until the answer is complete, the budget is used up or `signal` fires. */
export async function* playRun(
  read: () => Inputs,
  signal: AbortSignal,
  isLong: boolean,
): AsyncGenerator<ReasoningEvent> {
  const run = new ScriptedRun(isLong ? 40 : 1);
  yield { kind: 'started', elapsedMs: 0, setup: setupOf(read().settings) };
  for (;;) {
    const { draft, settings } = read();
    const reading = run.readDraft(draft);
    if (reading !== undefined) yield reading;
    await new Promise((resolve) => setTimeout(resolve, isLong ? 4 : STEP_MS));
    const reason = signal.aborted ? 'stopped' : run.reasonToStop(settings);
    if (reason !== undefined) {
      yield { kind: 'stopped', elapsedMs: run.elapsedMs(), reason };
      return;
    }
    if (run.hasInput) yield run.step(settings, draft.sent);
  }
}

class ScriptedRun {
  readonly #begun = performance.now();
  readonly #repeats: number;
  readonly #thoughts: readonly string[];
  readonly #answer: readonly string[];
  #inputTokens = 0;
  #text = '';
  #isSent = false;
  #numThought = 0;
  #numWritten = 0;
  #step = 0;
  #state: ReasoningState = 'thinkerOnly';

  constructor(repeats: number) {
    this.#repeats = repeats;
    this.#thoughts = wordsOf(`${THOUGHTS}\n\n`.repeat(repeats));
    this.#answer = wordsOf(`${ANSWER}\n\n`.repeat(repeats));
  }

  get hasInput(): boolean {
    return this.#inputTokens > 0;
  }

  elapsedMs(): number {
    return performance.now() - this.#begun;
  }

  readDraft({ text, sent }: ScriptedDraft): ReasoningEvent | undefined {
    if (text === this.#text && sent === this.#isSent) return undefined;
    const numTokens = wordsOf(text).length;
    const heldBackTokens = sent || /\s$/.test(text) ? 0 : Math.min(1, numTokens);
    const draftTokens = numTokens - heldBackTokens;
    const keptTokens = Math.min(this.#inputTokens, draftTokens);
    const removedTokens = this.#inputTokens - keptTokens;
    this.#text = text;
    this.#isSent = sent;
    this.#inputTokens = draftTokens;
    return {
      kind: 'draftRead',
      elapsedMs: this.elapsedMs(),
      step: this.#step,
      draftTokens,
      heldBackTokens,
      keptTokens,
      addedTokens: draftTokens - keptTokens,
      removedTokens,
    };
  }

  reasonToStop({ budget }: ReasoningSettings): 'writer_eos' | 'budget' | undefined {
    if (this.#numWritten >= this.#answer.length) return 'writer_eos';
    return this.#step >= budget * this.#repeats ? 'budget' : undefined;
  }

  step(settings: ReasoningSettings, isSent: boolean): ReasoningEvent {
    const state = this.#state;
    const isThinking = state !== 'writerOnly';
    const isWriting = state !== 'thinkerOnly';
    const thinkerText = isThinking ? at(this.#thoughts, this.#numThought++) : '';
    const writerText = isWriting ? at(this.#answer, this.#numWritten++) : '';
    const probe = isThinking && isSent ? this.#probe(settings, thinkerText) : undefined;
    if (probe !== undefined) this.#state = probe.yes ? 'thinkerAndWriter' : 'thinkerOnly';
    if (this.#numThought >= this.#thoughts.length) this.#state = 'writerOnly';
    const lengths = [3, this.#inputTokens, this.#numThought];
    return {
      kind: 'stepped',
      elapsedMs: this.elapsedMs(),
      state: this.#state,
      thinkerText,
      writerText,
      step: {
        step: this.#step++,
        state: TRACE_STATES[state],
        rows: [
          ...(isThinking ? [rowOf('thinker', lengths)] : []),
          ...(isWriting ? [rowOf('writer', [...lengths, this.#numWritten])] : []),
        ],
        ...(probe === undefined ? {} : { probe }),
        state_after: TRACE_STATES[this.#state],
      },
    };
  }

  #probe({ probeInterval, yesBias }: ReasoningSettings, thinkerText: string): TraceProbe | undefined {
    const isParagraphEnd = thinkerText.startsWith('\n\n');
    if (!isParagraphEnd && this.#step % probeInterval !== 0) return undefined;
    return probeOf(this.#step, -1.3 + 1.1 * Math.sin(this.#step / 9), yesBias, isParagraphEnd);
  }
}
