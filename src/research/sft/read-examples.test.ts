import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { renderChatTemplate } from '@/engine/tokenizer/chat-template.ts';
import { at } from '@/lib/assert.ts';
import type { TrainingRow } from '@/protocol/training.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { MAX_TEXT_LENGTH, readExamples, type ExampleTokenizer } from './read-examples.ts';

const { chat_template: smollmTemplate } = await readGoldenJson<{ readonly chat_template: string }>(
  'smollm2/chat-template.json',
);
/** Takes the thoughts out of all assistant turns but the last, as Qwen3's does. */
const FORGETFUL =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and loop.last %}<think>x</think>{% endif %}" +
  '{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}';

const pieces = new PieceTokenizer([
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...['<|im_start|>', '<|im_end|>'].map((piece) => new TextEncoder().encode(piece)),
]);
const END = 257;

function tokenizerWith(template: string | undefined, more: Partial<ExampleTokenizer> = {}): ExampleTokenizer {
  return {
    bosTokenId: 256,
    eosTokenId: END,
    addBos: false,
    encode: (text, options) => pieces.encode(text, options),
    ...(template !== undefined && {
      renderChat: (messages, options) => renderChatTemplate(template, messages, options),
    }),
    ...more,
  };
}

const plain = tokenizerWith(smollmTemplate);
const MAX = 1000;

function textOf(tokenIds: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(tokenIds.flatMap((id) => [...pieces.tokenBytes(id)])));
}

/** The row's text with what counts in brackets. */
function marked({ promptIds, completionIds, lossMask }: TrainingRow): string {
  let out = textOf(promptIds);
  for (const [t, id] of completionIds.entries()) {
    if (lossMask[t] === 1 && lossMask[t - 1] !== 1) out += '[';
    out += textOf([id]);
    if (lossMask[t] === 1 && lossMask[t + 1] !== 1) out += ']';
  }
  return out;
}

const jsonl = (...values: unknown[]): string => values.map((value) => JSON.stringify(value)).join('\n');
const markedRows = (text: string, tokenizer = plain): string[] => readExamples(text, tokenizer, MAX).rows.map(marked);

describe('text', () => {
  it('counts as a whole, but for the first token, which nothing predicts', () => {
    expect(markedRows(jsonl({ text: 'Hello' }))).toEqual(['H[ello<|im_end|>]']);
    const withBos = tokenizerWith(undefined, { addBos: true, bosTokenId: 256 });
    expect(markedRows(jsonl({ text: 'Hello' }), withBos)).toEqual(['<|im_start|>[Hello<|im_end|>]']);
  });

  it('that is pasted is one example a paragraph', () => {
    expect(markedRows('One\ntwo\n\n \nThree\r\n')).toEqual(['O[ne\ntwo<|im_end|>]', 'T[hree<|im_end|>]']);
  });

  it('too short to predict anything is refused', () => {
    const noEnd = tokenizerWith(undefined, { eosTokenId: null });
    expect(readExamples('x\n\nyz', noEnd, MAX)).toMatchObject({
      rows: [{ promptIds: [121], completionIds: [122] }],
      problems: [{ line: 1, reason: 'It is too short: there is no token to predict.' }],
    });
  });
});

describe('prompt and completion', () => {
  it('only the completion counts', () => {
    expect(markedRows(jsonl({ prompt: '2+2=', completion: '4', id: 7 }))).toEqual(['2+2=[4<|im_end|>]']);
  });

  it('may be messages, whose earlier assistant turns do not count', () => {
    const prompt = [
      { role: 'user', content: 'a' },
      { role: 'assistant', content: 'b' },
      { role: 'user', content: 'c' },
    ];
    const [row] = markedRows(jsonl({ prompt, completion: [{ role: 'assistant', content: 'd' }] }));
    expect(row).toMatch(
      /assistant\nb<\|im_end\|>\n<\|im_start\|>user\nc<\|im_end\|>\n<\|im_start\|>assistant\n\[d<\|im_end\|>]$/,
    );
  });
});

describe('messages', () => {
  const messages = [
    { role: 'system', content: 'S' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'Because' },
  ];

  it('assistant turns count up to the token that ends them', () => {
    expect(markedRows(jsonl({ messages }))).toEqual([
      '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n[Hello<|im_end|>]\n' +
        '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n[Because<|im_end|>]',
    ]);
  });

  it('the ids are those of the template, rendered and encoded as a whole', () => {
    const [row] = readExamples(jsonl({ messages }), plain, MAX).rows;
    const whole = renderChatTemplate(smollmTemplate, messages as never, { addGenerationPrompt: false });
    const ids = [...(row?.promptIds ?? []), ...(row?.completionIds ?? [])];
    expect(ids).toEqual(pieces.encode(whole, { parseSpecial: true }).slice(0, ids.length));
  });

  it('a template that rewrites earlier turns gives one row a turn', () => {
    const { rows, notes, problems } = readExamples(jsonl({ messages }), tokenizerWith(FORGETFUL), MAX);
    expect(rows.map(marked)).toEqual([
      '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n[<think>x</think>Hello<|im_end|>]',
      '<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n' +
        '<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n[<think>x</think>Because<|im_end|>]',
    ]);
    expect(notes).toEqual([{ line: 1, reason: expect.stringContaining('each of 2 turns became a row') }]);
    expect(problems).toEqual([]);
  });
});

describe('lengths', () => {
  it('long rows are cut at the end, with a note', () => {
    const { rows, notes } = readExamples(jsonl({ prompt: 'abc', completion: 'defgh' }), plain, 5);
    expect(rows.map(marked)).toEqual(['abc[de]']);
    expect(notes).toEqual([{ line: 1, reason: 'Cut from 9 to 5 tokens.' }]);
  });

  it('a prompt that leaves no room is a problem', () => {
    const { rows, problems } = readExamples(jsonl({ prompt: 'abcde', completion: 'f' }), plain, 5);
    expect(rows).toEqual([]);
    expect(problems[0]?.reason).toMatch(/has 5 tokens; a row has at most 5/);
  });
});

describe('what is no example', () => {
  test.each<[string, number, string]>([
    ['{"text": "a b"}\nnonsense', 2, 'The line is not a JSON object.'],
    ['{"text": "a b"}\n\n[1]', 3, 'The line is not a JSON object.'],
    ['{"txt": "a"}', 1, 'The line has none of the fields "text", "messages" and "completion".'],
    ['{"text": " "}', 1, 'text: It must not be empty.'],
    ['{"text": 5}', 1, 'text: Invalid input: expected string, received number.'],
    ['{"prompt": "a"}', 1, 'completion: Invalid input: expected string, received undefined.'],
    ['{"messages": []}', 1, 'messages: Too small: expected array to have >=1 items.'],
    ['{"messages": [{"role": "tool", "content": ""}]}', 1, 'messages.0.role: Invalid option'],
    ['{"messages": [{"role": "user", "content": "a"}]}', 1, 'There is no assistant turn to learn from.'],
    ['', 1, 'The text is empty.'],
    ['[{"text": "a"}]', 1, 'The text is a JSON array.'],
  ])('%j: line %i, %s', (text, line, reason) => {
    const { problems, numLeftOut } = readExamples(text, plain, MAX);
    expect(problems).toEqual([{ line, reason: expect.stringContaining(reason) }]);
    expect(numLeftOut).toBe(1);
  });

  it('without a chat template, messages are refused', () => {
    const text = jsonl({ messages: [{ role: 'assistant', content: 'a' }] });
    expect(readExamples(text, tokenizerWith(undefined), MAX).problems[0]?.reason).toMatch(/no chat template/);
  });

  it("a template's refusal is the line's problem", () => {
    const text = jsonl({ messages: [{ role: 'assistant', content: 'a' }] });
    const refusing = tokenizerWith("{{ raise_exception('Begin with the user.') }}");
    expect(readExamples(text, refusing, MAX).problems[0]?.reason).toMatch(/Begin with the user/);
  });

  it('too much text is refused at once', () => {
    expect(readExamples('a'.repeat(MAX_TEXT_LENGTH + 1), plain, MAX).problems[0]?.reason).toMatch(/5 million/);
  });

  it('never throws, and every row fits', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ prompt: fc.string(), completion: fc.string() }).map((value) => JSON.stringify(value)),
      fc
        .array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: fc.string() }))
        .map((messages) => JSON.stringify({ messages })),
    );
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 1, max: 60 }), fc.boolean(), (lines, maxTokens, asJson) => {
        const text = `${asJson ? '{"text": "a b"}\n' : ''}${lines.join('\n')}`;
        for (const row of readExamples(text, plain, maxTokens).rows) {
          expect(row.promptIds.length + row.completionIds.length).toBeLessThanOrEqual(maxTokens);
          expect(row.lossMask).toHaveLength(row.completionIds.length);
          expect(row.promptIds.length).toBeGreaterThan(0);
          expect(at(row.lossMask, 0)).toBe(1);
        }
      }),
    );
  });
});
