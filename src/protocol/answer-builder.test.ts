import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerBuilder, type AnswerOptions, type RawToken } from './answer-builder.ts';
import type { ChatAnswer, ChatDelta } from './chat.ts';

const END = { stopReason: 'length', numTokens: 7 } as const;

function token(text: string): RawToken {
  return { text, logProb: -text.length, top: [] };
}

/** An answer of these tokens, and what was told on the way. */
function build(texts: readonly string[], options: AnswerOptions = {}): { answer: ChatAnswer; deltas: ChatDelta[] } {
  const deltas: ChatDelta[] = [];
  const builder = new AnswerBuilder({ ...options, onDelta: (delta) => deltas.push(delta) });
  for (const text of texts) builder.push(text, [token(text)]);
  return { answer: builder.finish(END), deltas };
}

const placed = ({ tokens }: ChatAnswer): [string, boolean][] =>
  (tokens ?? []).map(({ text, isThinking }) => [text, isThinking]);

test('thoughts stand apart, and each token knows its side', () => {
  const { answer } = build(['<think>', '\n', 'Hm', '\n', '</think>', '\n\n', 'Yes', '.']);
  expect(answer).toMatchObject({ text: 'Yes.', thinking: 'Hm', stopReason: 'length', timing: { numTokens: 7 } });
  expect(placed(answer)).toEqual([
    ...['<think>', '\n', 'Hm', '\n', '</think>', '\n\n'].map((text) => [text, true]),
    ['Yes', false],
    ['.', false],
  ]);
});

test('without thoughts there are none, and without tokens none either', () => {
  const builder = new AnswerBuilder();
  builder.push('Yes.');
  expect(builder.finish(END)).toMatchObject({ text: 'Yes.', thinking: null, tokens: null });
});

test('a stop string ends it, also across tokens; what may become one waits', () => {
  const { answer, deltas } = build(['One', ' S', 'T', ' two ST', 'OP', 'lost'], { stop: ['STOP', 'xyz'] });
  expect(answer).toMatchObject({ text: 'One ST two ', stopReason: 'stop' });
  expect(deltas.map(({ text }) => text)).toEqual(['One', ' ', 'ST two ', '']);
  expect(placed(answer).map(([text]) => text)).toEqual(['One', ' S', 'T', ' two ']);
});

test('tokens of a character that is not whole yet come with it', () => {
  const builder = new AnswerBuilder();
  builder.push('', [token('\uFFFD')]);
  builder.push('é', [token('é')]);
  builder.push('', [token('<|im_end|>')]);
  expect(placed(builder.finish(END)).map(([text]) => text)).toEqual(['\uFFFD', 'é']);
});

test('a thought that the prompt has opened is one, whether that was known or not', () => {
  const known = build(['so', '</think>', '\nyes'], { startsInside: true });
  expect(known.answer).toMatchObject({ text: 'yes', thinking: 'so' });
  expect(known.deltas.map(({ thinking }) => thinking).join('')).toBe('so');
  const { answer } = build(['so', '</think>', '\nyes']);
  expect(answer).toMatchObject({ text: 'yes', thinking: 'so', stopReason: 'length', timing: { numTokens: 7 } });
  expect(placed(answer)).toEqual([
    ['so', true],
    ['</think>', true],
    ['\nyes', false],
  ]);
});

test('thoughts that come apart from the answer are taken as they are', () => {
  const builder = new AnswerBuilder({ stop: ['m'] });
  builder.pushThinking('Hm', [token('Hm')]);
  builder.pushThinking('m');
  builder.push('\n\nYes', [token('\n\n'), token('Yes')]);
  const answer = builder.finish(END);
  expect(answer).toMatchObject({ text: 'Yes', thinking: 'Hmm' });
  expect(placed(answer)).toEqual([
    ['Hm', true],
    ['\n\n', true],
    ['Yes', false],
  ]);
});

test('half a character does not end a thought that comes apart', () => {
  const builder = new AnswerBuilder();
  builder.pushThinking('caf', [token('caf')]);
  builder.push('', [token('\uFFFD')]);
  builder.pushThinking('é', [token('é')]);
  builder.push('Yes');
  expect(builder.finish(END)).toMatchObject({ text: 'Yes', thinking: 'café' });
});

test('what was told adds up to the answer, however the text was cut', () => {
  const piece = fc.constantFrom('<think>', '</think>', '<thi', 'nk>', ' ', '\n', 'a', 'STO', 'P', '');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.boolean(), (texts, startsInside) => {
      const options = { startsInside, stop: ['STOP'] };
      const { answer, deltas } = build(texts, options);
      const whole = build([texts.join('')], options).answer;
      expect([answer.text, answer.thinking]).toEqual([whole.text, whole.thinking]);
      // Where a thought ends that nobody saw begin, the end knows better.
      if (startsInside || !texts.join('').includes('</think>')) {
        expect(deltas.map(({ text }) => text).join('')).toBe(answer.text);
        expect(deltas.flatMap(({ tokens }) => tokens)).toEqual(answer.tokens ?? []);
      }
    }),
  );
});
