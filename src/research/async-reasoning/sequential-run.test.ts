import { beforeAll, describe, expect, it } from 'vitest';
import { ReferenceBlock } from '@/engine/model/block.reference.ts';
import { forwardReference, type ReferenceModel } from '@/engine/model/forward.reference.ts';
import type { DecoderRow } from '@/engine/generation/decoder.ts';
import { at } from '@/lib/assert.ts';
import type { TimedToken } from '@/protocol/comparison.ts';
import type { ReasoningSettings, StreamName } from '@/protocol/reasoning.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { setupFromQuestion } from './reasoning-setup.ts';
import { runSequential, type SequentialIo, type SequentialMode, type SequentialResult } from './sequential-run.ts';

// Ids of the tiny vocabulary.
const [PARAGRAPH, END_OF_TEXT, TURN, EOS, THINK, END_OF_THINK] = [256, 315, 316, 317, 318, 319];
const [SYSTEM, SPACED_SYSTEM] = [293, 294];
const [A, B, NEWLINE] = [0x61, 0x62, 0x0a];
const PROMPT = '<|im_start|>user\nWhy is it?\n<|im_end|>\n<|im_start|>assistant\n';

let pieces: readonly Uint8Array[];
let tokenizer: PieceTokenizer;
/** The same vocabulary without think tokens, as SmolLM2's is. */
let plainTokenizer: PieceTokenizer;
beforeAll(async () => {
  pieces = await readTinyTokenBytes();
  tokenizer = new PieceTokenizer(pieces);
  plainTokenizer = new PieceTokenizer(pieces.slice(0, THINK));
});

const settingsOf = (settings: Partial<ReasoningSettings>): ReasoningSettings => ({
  ...DEFAULT_REASONING_SETTINGS,
  budget: 8,
  ...settings,
});

interface Outcome {
  readonly tokens: readonly TimedToken[];
  readonly result: SequentialResult;
}

async function collect(run: AsyncGenerator<TimedToken, SequentialResult>): Promise<Outcome> {
  const tokens: TimedToken[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done === true) return { tokens, result: value };
    tokens.push(value);
  }
}

/** Chooses the given tokens in turn, then `a` for ever; the runner-up is `b`. */
class ScriptedDecoder extends FakeDecoder {
  readonly outputs: DecoderRow['output'][] = [];

  constructor(script: readonly number[], options: { readonly contextLength?: number } = {}) {
    let turn = 0;
    super({
      vocabSize: pieces.length,
      ...options,
      logits: () => {
        const wanted = this.outputs.at(-1)?.kind === 'token' ? (script[turn++] ?? A) : A;
        return new Map([
          [wanted, 9],
          [wanted === B ? A : B, 1],
        ]);
      },
    });
  }

  override forward(rows: readonly DecoderRow[]): ReturnType<FakeDecoder['forward']> {
    this.outputs.push(...rows.map(({ output }) => output));
    return super.forward(rows);
  }
}

async function scripted(
  mode: SequentialMode,
  script: readonly number[],
  options: Partial<ReasoningSettings> & { readonly plain?: true; readonly contextLength?: number } = {},
  io: SequentialIo = { now: () => 0 },
): Promise<Outcome & { readonly decoder: ScriptedDecoder; readonly encoded: string }> {
  const { plain, contextLength, ...settings } = options;
  const decoder = new ScriptedDecoder(script, contextLength === undefined ? {} : { contextLength });
  const request = { mode, question: 'Why is it?', settings: settingsOf(settings) };
  const outcome = await collect(runSequential(decoder, plain ? plainTokenizer : tokenizer, request, io));
  expect(decoder.numLiveObjects).toBe(0);
  const bytes = decoder.encodedInto('sequential').flatMap((id) => [...at(pieces, id)]);
  return { ...outcome, decoder, encoded: new TextDecoder().decode(Uint8Array.from(bytes)) };
}

const streamsOf = ({ tokens }: Outcome): string =>
  tokens.map(({ stream }) => (stream === 'thinker' ? 'T' : 'W')).join('');

describe('thinking before answering', () => {
  it('thinks for half the budget, closes the thoughts and answers', async () => {
    const outcome = await scripted('thinkThenAnswer', [A, A, A, A, B, B, B, B]);
    expect(streamsOf(outcome)).toBe('TTTTWWWW');
    // The last token is never encoded.
    expect(outcome.encoded).toBe(`${PROMPT}<think>\naaaa\n</think>\n\nbbb`);
    expect(outcome.result).toMatchObject({ stop: 'budget', text: { thinker: 'aaaa', writer: 'bbbb' } });
  });

  it("has the run's own limit of thoughts, and ends with the turn", async () => {
    const outcome = await scripted('thinkThenAnswer', [A, A, B, EOS], { thoughtBudget: 2 });
    expect(streamsOf(outcome)).toBe('TTWW');
    expect(outcome.result).toMatchObject({ stop: 'writer_eos', text: { thinker: 'aa', writer: 'b' } });
    expect(outcome.result.tokenIds.writer).toEqual([B, EOS]);
    expect(outcome.tokens.at(-1)?.text).toBe('');
  });

  it('lets the model close its thoughts, and puts in only what is missing', async () => {
    const outcome = await scripted('thinkThenAnswer', [A, NEWLINE, END_OF_THINK, B, EOS]);
    expect(streamsOf(outcome)).toBe('TTTWW');
    expect(outcome.encoded).toBe(`${PROMPT}<think>\na\n</think>\n\nb`);
    expect(outcome.result.text).toEqual({ thinker: 'a\n', writer: 'b' });
  });

  it.each([
    ['</think>', '</think>\n\n'],
    ['</think>\n', '</think>\n\n'],
    ['</think>\n\n', '</think>\n\n'],
    ['</think>So', '</think>So\n\n'],
  ])('finds %j in the text of a model without that token', async (closing, encoded) => {
    // The newest token's text decides, so what follows `</think>` has to come with it.
    const bytes = new TextEncoder().encode('a</think');
    const last = new TextEncoder().encode(closing.slice('</think'.length));
    const vocabulary = [...pieces.slice(0, THINK), last];
    const custom = new PieceTokenizer(vocabulary);
    const decoder = new ScriptedDecoder([...bytes, last.length === 1 ? 0x3e : THINK, B, EOS]);
    const request = { mode: 'thinkThenAnswer', question: 'Why is it?', settings: settingsOf({ budget: 30 }) } as const;
    const outcome = await collect(runSequential(decoder, custom, request, { now: () => 0 }));
    expect(streamsOf(outcome)).toBe('TTTTTTTTTWW');
    const ids = decoder.encodedInto('sequential');
    const text = new TextDecoder().decode(Uint8Array.from(ids.flatMap((id) => [...at(vocabulary, id)])));
    expect(text).toBe(`${PROMPT}<think>\na${encoded}b`);
  });

  it('does not let thoughts end where they may not', async () => {
    const withToken = await scripted('thinkThenAnswer', [END_OF_THINK], { allowThinkEnd: false });
    expect(withToken.result.tokenIds.thinker).toEqual([B, A, A, A]);
    const asText = await scripted('thinkThenAnswer', [...new TextEncoder().encode('</think>')], {
      allowThinkEnd: false,
      plain: true,
      budget: 20,
    });
    expect(asText.result.tokenIds.thinker).toHaveLength(10);
  });

  it('begins with the first words that the settings give', async () => {
    const outcome = await scripted('thinkThenAnswer', [A, B, EOS], {
      thoughtBudget: 1,
      thinkerStart: 'Ah',
      writerStart: '\nSo',
    });
    expect(outcome.encoded).toBe(`${PROMPT}<think>Aha\n</think>\nSob`);
  });
});

describe('answering without thinking', () => {
  it('stands behind an empty think section', async () => {
    const outcome = await scripted('noThinking', [A, B, EOS]);
    expect(streamsOf(outcome)).toBe('WWW');
    expect(outcome.encoded).toBe(`${PROMPT}<think>\n\n</think>\n\nab`);
  });

  it('is a plain turn of a model without think tokens', async () => {
    const outcome = await scripted('noThinking', [A, B, EOS], { plain: true });
    expect(outcome.encoded).toBe(`${PROMPT}ab`);
  });
});

describe('interleaved thinking', () => {
  it('changes sides after so many thoughts and at the end of paragraphs', async () => {
    const script = [A, A, A, B, PARAGRAPH, A, PARAGRAPH, B, NEWLINE, NEWLINE, END_OF_THINK, B, EOS];
    const outcome = await scripted('interleaved', script, { probeInterval: 3, budget: 20 });
    expect(streamsOf(outcome)).toBe('TTTWWTTWWWTWW');
    expect(outcome.encoded).toBe(
      `${PROMPT}<think>\naaa\n</think>\n\nb\n\n<think>\na\n\n</think>\n\nb\n\n<think>\n</think>\n\nb`,
    );
    expect(outcome.result.text).toEqual({ thinker: 'aaaa\n\n', writer: 'b\n\nb\n\nb' });
    expect(outcome.tokens.map(({ step }) => step)).toEqual(outcome.tokens.map((_, i) => i));
  });

  it('answers on alone when the thought budget is spent', async () => {
    const settings = { probeInterval: 2, thoughtBudget: 3, budget: 12 };
    const outcome = await scripted('interleaved', [A, A, PARAGRAPH, A, PARAGRAPH, PARAGRAPH, B, EOS], settings);
    expect(streamsOf(outcome)).toBe('TTWTWWWW');
  });
});

describe('every mode', () => {
  const modes: readonly SequentialMode[] = ['thinkThenAnswer', 'noThinking', 'interleaved'];

  it('reads the question as the asynchronous run does, control tokens in it as text', async () => {
    const question = 'Is <|im_end|> a tag? </p>';
    const setup = setupFromQuestion(question, {}, tokenizer);
    const decoder = new ScriptedDecoder([EOS]);
    const request = { mode: 'noThinking', question, settings: settingsOf({}) } as const;
    await collect(runSequential(decoder, tokenizer, request));
    const asked = setup.prefill[0]?.ids ?? [];
    expect(asked.length).toBeGreaterThan(20);
    expect(decoder.encodedInto('sequential').slice(0, asked.length)).toEqual(asked);
    expect(decoder.encodedInto('sequential').filter((id) => id === EOS)).toHaveLength(1);
  });

  it.each(modes)('never chooses what its stream may not (%s)', async (mode) => {
    const forbidden: Record<StreamName, readonly number[]> = {
      thinker: [TURN, EOS, END_OF_TEXT, SYSTEM, SPACED_SYSTEM],
      writer: [TURN, END_OF_THINK, END_OF_TEXT, SYSTEM, SPACED_SYSTEM],
    };
    const { result } = await scripted(mode, [...forbidden.thinker, ...forbidden.writer], { budget: 10 });
    for (const stream of ['thinker', 'writer'] as const)
      for (const id of forbidden[stream]) expect(result.tokenIds[stream]).not.toContain(id);
  });

  it.each(modes)('draws with the settings of the run, another draw each step (%s)', async (mode) => {
    const sampling = { temperature: 0.7, topK: 5, topP: 0.9, minP: 0.1, seed: 12 };
    const { decoder } = await scripted(mode, [], { ...sampling, budget: 4 });
    const chosen = decoder.outputs.filter((output) => output.kind === 'token');
    expect(chosen.map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    for (const output of chosen) expect(output.sampling).toEqual(sampling);
  });

  it('reads a long question in pieces, on the clock', async () => {
    let time = 0;
    const decoder = new ScriptedDecoder([A, A, EOS]);
    const forward = decoder.forward.bind(decoder);
    decoder.forward = (rows) => {
      time += 10;
      return forward(rows);
    };
    const request = { mode: 'noThinking', question: 'x'.repeat(150), settings: settingsOf({}) } as const;
    const { tokens, result } = await collect(runSequential(decoder, tokenizer, request, { now: () => time }));
    const sizes = decoder.calls.map(({ rows }) => rows[0]?.tokenIds.length ?? 0);
    expect(Math.max(...sizes)).toBe(64);
    expect(sizes.length).toBe(5);
    expect(tokens.map(({ elapsedMs }) => elapsedMs)).toEqual([30, 40, 50]);
    expect(result.totalMs).toBe(50);
  });

  it.each(modes)('stops between two forwards with what there is (%s)', async (mode) => {
    const controller = new AbortController();
    const decoder = new ScriptedDecoder([A, A, A, A]);
    const request = { mode, question: 'Why is it?', settings: settingsOf({}) };
    const run = runSequential(decoder, tokenizer, request, { signal: controller.signal });
    await run.next();
    await run.next();
    controller.abort();
    const last = await run.next();
    expect(last).toMatchObject({ done: true, value: { stop: 'stopped' } });
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('stops while the prompt is read', async () => {
    const controller = new AbortController();
    const decoder = new ScriptedDecoder([]);
    const forward = decoder.forward.bind(decoder);
    decoder.forward = (rows) => {
      controller.abort();
      return forward(rows);
    };
    const request = { mode: 'noThinking', question: 'x'.repeat(200), settings: settingsOf({}) } as const;
    const { tokens, result } = await collect(runSequential(decoder, tokenizer, request, { signal: controller.signal }));
    expect([tokens.length, result.stop, decoder.calls.length, decoder.numLiveObjects]).toEqual([0, 'stopped', 1, 0]);
  });

  it.each(modes)('ends with what there is when the context is full (%s)', async (mode) => {
    const { result, tokens } = await scripted(mode, [], { contextLength: 80, budget: 100 });
    expect(result.stop).toBe('context_full');
    expect(tokens.length).toBeGreaterThan(0);
  });

  it('frees its block when the consumer leaves or a forward fails', async () => {
    const decoder = new ScriptedDecoder([]);
    const request = { mode: 'interleaved', question: 'Why is it?', settings: settingsOf({}) } as const;
    for await (const token of runSequential(decoder, tokenizer, request)) if (token.step === 2) break;
    expect(decoder.numLiveObjects).toBe(0);
    decoder.forward = () => Promise.reject(new Error('lost'));
    await expect(collect(runSequential(decoder, tokenizer, request))).rejects.toThrow('lost');
    expect(decoder.numLiveObjects).toBe(0);
  });
});

/** Ordinary greedy decoding without a cache: every token reads the whole text anew. */
function plainDecoding(
  model: ReferenceModel,
  ids: readonly number[],
  { count, forbidden }: { readonly count: number; readonly forbidden: readonly number[] },
): number[] {
  const chosen: number[] = [];
  while (chosen.length < count && chosen.at(-1) !== EOS) {
    const view = [new ReferenceBlock('plain', model.config)];
    const [result] = forwardReference(model, [{ view, tokenIds: [...ids, ...chosen] }]);
    const logits = [...(result?.logits ?? [])];
    for (const id of forbidden) logits[id] = at(logits, id) - 100;
    chosen.push(logits.indexOf(Math.max(...logits)));
  }
  return chosen;
}

describe.each(['llama', 'qwen2', 'qwen3'] as const)('on tiny %s', (name) => {
  const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
  const FOR_THINKER = [TURN, EOS, END_OF_TEXT, SYSTEM, SPACED_SYSTEM];
  const FOR_WRITER = [TURN, END_OF_THINK, END_OF_TEXT, SYSTEM, SPACED_SYSTEM];
  const run = async (mode: SequentialMode, settings: Partial<ReasoningSettings>): Promise<Outcome> => {
    const decoder = new ReferenceDecoder(await readTinyReferenceModel(name));
    const request = { mode, question: 'Why is it?', settings: settingsOf(settings) };
    const outcome = await collect(runSequential(decoder, tokenizer, request));
    expect(decoder.numLiveBlocks).toBe(0);
    return outcome;
  };

  it('answering without thinking is plain greedy decoding', async () => {
    const model = await readTinyReferenceModel(name);
    const { result } = await run('noThinking', { budget: 16 });
    const ids = encode(`${PROMPT}<think>\n\n</think>\n\n`);
    expect(result.tokenIds.writer).toEqual(plainDecoding(model, ids, { count: 16, forbidden: FOR_WRITER }));
    expect(new Set(result.tokenIds.writer).size).toBeGreaterThan(2);
  });

  it('thoughts and answer are plain greedy decoding of what is in front of them', async () => {
    const model = await readTinyReferenceModel(name);
    const { tokenIds } = (await run('thinkThenAnswer', { budget: 16, allowThinkEnd: false })).result;
    const ids = encode(`${PROMPT}<think>\n`);
    const forbidden = [...FOR_THINKER, END_OF_THINK];
    expect(tokenIds.thinker).toEqual(plainDecoding(model, ids, { count: 8, forbidden }));
    const closing = encode(at(pieces, at(tokenIds.thinker, 7)).at(-1) === NEWLINE ? '' : '\n');
    const thought = [...ids, ...tokenIds.thinker, ...closing, END_OF_THINK, PARAGRAPH];
    expect(tokenIds.writer).toEqual(plainDecoding(model, thought, { count: 8, forbidden: FOR_WRITER }));
  });
});
