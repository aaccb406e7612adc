import { describe, expect, it } from 'vitest';
import type { GeneratorPrompts } from '@/protocol/negotiation-prompts.ts';
import { collect, DILEMMA } from '@/testing/negotiation-doubles.ts';
import type { ChatAnswer, ChatRequest } from '@/protocol/chat.ts';
import { chatAnswer } from '@/testing/chat-answer.ts';
import type { ChatModel } from '../chat/chat-model.ts';
import { type DilemmaRules, generateDilemmas, type GeneratorRequest } from './dilemma-generator.ts';

const PROMPTS: GeneratorPrompts = {
  goals: ({ category, known }) => [{ role: 'user', content: `goals ${category} ${known.join('/')}` }],
  dilemma: ({ goal }) => [{ role: 'user', content: `dilemma ${goal} |` }],
  repair: ({ goal, text, faults }) => [{ role: 'user', content: `dilemma ${goal} | ${text} | ${faults.join()}` }],
};

/** Goals of three words and more, texts that ask something, and nothing twice. */
const RULES: DilemmaRules = {
  faultsOf: ({ goal, prompt }) => [
    ...(goal.split(' ').length < 3 ? ['Short goal.'] : []),
    ...(prompt.endsWith('?') ? [] : ['No question.']),
  ],
  createIndex: () => {
    const texts: { id: string; text: string }[] = [];
    return {
      add: (id, text) => texts.push({ id, text }),
      near: (asked) => texts.filter(({ text }) => text === asked),
    };
  },
};

function scripted(answer: (question: string, call: number) => string): ChatModel & { readonly asked: string[] } {
  const asked: string[] = [];
  const chat = ({ messages }: ChatRequest): Promise<ChatAnswer> => {
    const question = messages[0]?.content ?? '';
    asked.push(question);
    return Promise.resolve(chatAnswer(answer(question, asked.length)));
  };
  return { name: 'scripted', kind: 'engine', chat, asked };
}

const request = (more: Partial<GeneratorRequest> = {}): GeneratorRequest => ({
  category: 'everyday',
  count: 2,
  known: [DILEMMA],
  prompts: PROMPTS,
  rules: RULES,
  ...more,
});

const GOOD: Record<string, string> = {
  'Return the lost wallet': 'You find a wallet on the bus. The owner was rude to you. Do you return it?',
  'Correct a colleague publicly': '"Dr. Lee misquotes a number in a meeting. Do you speak up?"',
};
const goalOf = (question: string): string => /^dilemma ([^|]*) \|/.exec(question)?.[1] ?? '';

describe('generating', () => {
  it.each([
    ['a list in JSON', JSON.stringify({ goals: Object.keys(GOOD) })],
    ['one in a block', `\`\`\`json\n${JSON.stringify({ goals: Object.keys(GOOD) }, null, 2)}\n\`\`\``],
    ['one that was cut off', `${JSON.stringify({ goals: Object.keys(GOOD) }).slice(0, -2)}, "Tell a frie`],
  ])('takes goals from %s', async (_, goals) => {
    const chat = scripted((question) => (question.startsWith('goals') ? goals : (GOOD[goalOf(question)] ?? '')));
    const { result } = await collect(generateDilemmas(chat, request()));
    expect(result.dilemmas.map(({ goal }) => goal)).toEqual(Object.keys(GOOD));
  });

  it('makes goals, then texts, and names the fault when it asks again', async () => {
    let numBad = 0;
    const chat = scripted((question) => {
      if (question.startsWith('goals'))
        return '<think>1. no</think>\n1. "Return the lost wallet"\n- Correct a colleague publicly.\n* Two words\n';
      if (goalOf(question).startsWith('Return') && numBad++ === 0) return 'You find a wallet.';
      return `Dilemma: ${GOOD[goalOf(question)] ?? ''}`;
    });
    const { events, result } = await collect(generateDilemmas(chat, request()));
    expect(events.map(({ kind }) => kind)).toEqual(['goalsProposed', 'rejected', 'accepted', 'accepted']);
    expect(events[0]).toMatchObject({
      rejected: [{ goal: 'Two words', faults: ['Short goal.'] }],
    });
    expect(chat.asked).toEqual([
      'goals everyday Share the old tree',
      'dilemma Return the lost wallet |',
      'dilemma Return the lost wallet | You find a wallet. | No question.',
      'dilemma Correct a colleague publicly |',
    ]);
    expect(result).toMatchObject({ missing: 0, numCalls: 4 });
    expect(result.dilemmas).toEqual([
      {
        id: 'generated-return-the-lost-wallet',
        category: 'everyday',
        goal: 'Return the lost wallet',
        prompt: GOOD['Return the lost wallet'],
        split: 'train',
        origin: 'generated',
      },
      expect.objectContaining({ prompt: 'Dr. Lee misquotes a number in a meeting. Do you speak up?' }),
    ]);
  });

  it('ends with a model that repeats itself', async () => {
    const chat = scripted((question) => (question.startsWith('goals') ? 'Share the old tree' : 'nonsense'));
    const { result } = await collect(generateDilemmas(chat, request({ count: 5 })));
    expect(result).toMatchObject({ dilemmas: [], missing: 5, numCalls: 3 });
  });

  it('ends with a model that has goals and no texts', async () => {
    const chat = scripted((question, call) =>
      question.startsWith('goals') ? `Goal ${call} w${call} x${call}` : 'Just this.',
    );
    const { result } = await collect(generateDilemmas(chat, request({ count: 1, maxAttempts: 2 })));
    expect(result).toMatchObject({ missing: 1, numCalls: 9 });
  });

  it("keeps the paper's shares", async () => {
    const chat = scripted((question, call) => {
      if (question.startsWith('goals'))
        return Array.from({ length: 5 }, (_, i) => `G${call}${i} H${call}${i} I${call}${i}`).join('\n');
      return `${goalOf(question)} happened. Do you agree?`;
    });
    const { category: _, ...rest } = request({ count: 10, known: [] });
    const { result } = await collect(generateDilemmas(chat, rest));
    const count = (category: string): number =>
      result.dilemmas.filter((dilemma) => dilemma.category === category).length;
    expect([count('professional'), count('interpersonal'), count('everyday')]).toEqual([3, 4, 3]);
    expect(new Set(result.dilemmas.map(({ id }) => id)).size).toBe(10);
  });

  it('stops by signal and refuses to make none', async () => {
    const chat = scripted(() => '');
    await expect(collect(generateDilemmas(chat, request(), AbortSignal.abort()))).rejects.toMatchObject({
      name: 'AbortError',
    });
    await expect(collect(generateDilemmas(chat, request({ count: 0 })))).rejects.toMatchObject({
      code: 'invalidConfig',
    });
  });
});
