import { describe, expect, it } from 'vitest';
import { byteTokenizer } from '@/testing/byte-tokenizer.ts';
import { chatTokenizerOf } from './chat-tokenizer-of.ts';

const TURNS = "{% for m in messages %}{{ m.content.split('</think>')[-1] }}|{% endfor %}";
const PLAIN = '{% for m in messages %}{{ m.content }}|{% endfor %}A:';
const SWITCHED = `${TURNS}A:{% if enable_thinking is defined and not enable_thinking %}{{ '<think>\n\n</think>\n\n' }}{% endif %}`;
const tokenizer = byteTokenizer();
const render = (chatTemplate: string, enableThinking?: boolean): string =>
  chatTokenizerOf({ tokenizer, chatTemplate }, { enableThinking }).renderChat([{ role: 'user', content: 'Hi' }]);

describe('thinking is turned off', () => {
  it.each([
    ['by the template’s switch', SWITCHED],
    ['by an empty thought, where there is no switch', `${TURNS}A:`],
    ['by closing a thought that the template opens', `${TURNS}A:{{ '<think>\n' }}`],
    ['by closing one that is open without a line', `${TURNS}A:<think>`],
  ])('%s', (_, template) => {
    expect(render(template, false)).toBe('Hi|A:<think>\n\n</think>\n\n');
  });

  it('not for models that do not think', () => {
    expect(render(PLAIN, false)).toBe('Hi|A:');
  });

  it('not unless it is asked for', () => {
    expect(render(SWITCHED)).toBe('Hi|A:');
    expect(render(SWITCHED, true)).toBe('Hi|A:');
    expect(render(`${TURNS}A:<think>`)).toBe('Hi|A:<think>');
  });
});

it('a thought all the same ends what is said: it reaches neither the other side nor a judge', () => {
  const thinkStart = tokenizer.idOf('<think>');
  const stops = (enableThinking?: boolean): readonly number[] =>
    chatTokenizerOf({ tokenizer, chatTemplate: SWITCHED }, { enableThinking }).stopTokenIds;
  expect(stops(false)).toContain(thinkStart);
  expect(stops()).not.toContain(thinkStart);
  expect(chatTokenizerOf({ tokenizer, chatTemplate: SWITCHED }).stopTokenIds).toEqual(stops(false));
});
