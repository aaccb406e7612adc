import { beforeAll, describe, expect, it } from 'vitest';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { Failure } from '@/lib/failure.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { DialoguePrompts, recentUtterances } from './dialogue-prompts.ts';
import { planRollout } from './plan-rollout.ts';
import { joined, promptTokens, slotOf } from './prompt-tokens.ts';

let tokenizer: ChatTokenizer;
beforeAll(async () => {
  tokenizer = chatMl(new PieceTokenizer(await readTinyTokenBytes()));
});

describe('planning', () => {
  it('keeps contexts while there is room, then takes fewer rows, then says what is missing', () => {
    const settings = tinySettings({ maxTurns: 3, maxUtteranceTokens: 40 });
    const task = { dilemma: 'Cut it?', persona1: 'Cut.', persona2: 'Keep.' };
    const prompts = new DialoguePrompts(tokenizer, SHORT_PROMPTS, task, settings);
    const numRows = 20;
    const plans = Array.from({ length: 200 }, (_, i) => {
      try {
        const { rowsPerForward, keepsContext } = planRollout(prompts, settings, numRows, i * 100, 64);
        return rowsPerForward + (keepsContext ? 100 : 0);
      } catch (error) {
        expect(error).toBeInstanceOf(Failure);
        return 0;
      }
    });
    expect(plans).toEqual(plans.toSorted((a, b) => a - b));
    expect(plans[0]).toBe(0);
    expect(plans).toContain(1);
    expect(plans).toContain(16);
    expect(plans.at(-1)).toBe(116);
  });
});

describe('what a speaker sees', () => {
  const said = [1, 2, 3, 4, 5, 6, 7];

  it.each([
    ['exchanges', 2, 6, [3, 4, 5, 6]],
    ['exchanges', 2, 7, [5, 6, 7]],
    ['exchanges', 1, 6, [5, 6]],
    ['exchanges', 1, 7, [7]],
    ['exchanges', 9, 7, said],
    ['utterances', 2, 6, [5, 6]],
    ['utterances', 2, 7, [6, 7]],
    ['utterances', 3, 0, []],
  ] as const)('%s: %d of %d', (contextUnit, contextTurns, length, seen) => {
    expect(recentUtterances(said.slice(0, length), { contextTurns, contextUnit })).toEqual(seen);
  });
});

describe('prompts of tokens', () => {
  it('puts ids in as they are, wherever the text has them', () => {
    const messages = [{ role: 'user', content: `a${slotOf(1)}b${slotOf(0)}` }] as const;
    const [a, b] = [
      ...tokenizer.encode('a', { parseSpecial: false }),
      ...tokenizer.encode('b', { parseSpecial: false }),
    ];
    const { ids, numShared } = promptTokens(tokenizer, messages, [[7, 8], [9]]);
    const at = ids.indexOf(9);
    expect(ids.slice(at - 1, at + 4)).toEqual([a, 9, b, 7, 8]);
    expect(numShared).toBe(at);
  });

  it('refuses a template that leaves a message out', () => {
    const deaf: ChatTokenizer = {
      ...tokenizer,
      renderChat: (messages) => tokenizer.renderChat(messages.filter(({ role }) => role !== 'system')),
    };
    const messages = [
      { role: 'system', content: 'x' },
      { role: 'user', content: 'y' },
    ] as const;
    expect(() => promptTokens(deaf, messages, [])).toThrow('leaves a message out');
  });

  it('joins messages of one role', () => {
    const messages = joined([
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
      { role: 'assistant', content: 'c' },
    ]);
    expect(messages).toEqual([
      { role: 'user', content: 'a\n\nb' },
      { role: 'assistant', content: 'c' },
    ]);
  });
});
