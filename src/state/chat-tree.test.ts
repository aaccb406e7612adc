import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatAnswer, ChatDelta } from '@/protocol/chat.ts';
import { DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import {
  applyChatAnswer,
  applyChatDeltas,
  applyChatEnd,
  messagesFor,
  newConversation,
  nodeOf,
  pathOf,
  pathTo,
  problemOfTree,
  siblingIdsOf,
  withAnswer,
  withChosen,
  withoutRunning,
  withQuestion,
  type ChatMade,
  type Conversation,
} from './chat-tree.ts';

const AT = '2026-03-01T09:30:00.000Z';
const MADE: ChatMade = { kind: 'engine', model: 'A model', adapter: null, settings: DEFAULT_CHAT_SETTINGS };
const ANSWER: ChatAnswer = {
  text: 'Paris.',
  thinking: null,
  tokens: null,
  stopReason: 'stop',
  timing: { timeToFirstTokenMs: 10, totalMs: 20, numTokens: 2 },
};
const CANCELLED = { code: 'cancelled', message: '' } as const;
const [Q1, A1, A2, Q2, A3, Q3] = ['0000000a', '0000000b', '0000000c', '0000000d', '0000000e', '0000000f'] as const;

const delta = (text: string, thinking = ''): ChatDelta => ({ text, thinking, tokens: [] });
const texts = (conversation: Conversation): string[] => pathOf(conversation).map(({ text }) => text);

function asked(): Conversation {
  const begun = newConversation('00000001', 'Capital of France?', AT);
  const question = withQuestion(begun, { id: Q1, parentId: null, text: 'Capital of France?' });
  return withAnswer(question, { id: A1, parentId: Q1, made: MADE });
}

const answered = (): Conversation => applyChatAnswer(asked(), A1, ANSWER);

describe('a conversation', () => {
  test('is named after its first question, in one line and shortened by whole characters', () => {
    expect(newConversation('00000001', '  Why\n so? ', AT).name).toBe('Why so?');
    const { name } = newConversation('00000001', '🌍'.repeat(80), AT);
    expect(name).toBe(`${'🌍'.repeat(60)}…`);
  });

  test('grows by deltas: text, thoughts and tokens apart, and ends with the answer', () => {
    const token = { text: 'Pa', logProb: -0.1, top: [], isThinking: false };
    const growing = applyChatDeltas(asked(), A1, [
      delta('', 'Hm, '),
      delta('', 'France.'),
      { text: 'Pa', thinking: '', tokens: [token] },
    ]);
    expect(nodeOf(growing, A1)).toMatchObject({
      text: 'Pa',
      thinking: 'Hm, France.',
      tokens: [token],
      state: 'running',
    });
    const done = applyChatAnswer(growing, A1, { ...ANSWER, tokens: [{ ...token }] });
    expect(nodeOf(done, A1)).toMatchObject({ text: 'Paris.', state: 'done', stopReason: 'stop' });
    // The same objects, so that what is drawn is not drawn again.
    expect(nodeOf(done, A1)).toHaveProperty('tokens.0', token);
    expect(applyChatDeltas(done, A1, [delta('late')])).toBe(done);
  });

  test('only the node that changes is another object', () => {
    const before = asked();
    const after = applyChatDeltas(before, A1, [delta('P')]);
    expect(nodeOf(after, Q1)).toBe(nodeOf(before, Q1));
    expect(nodeOf(after, A1)).not.toBe(nodeOf(before, A1));
  });

  test('a stopped answer keeps its text, a failed one says why', () => {
    const growing = applyChatDeltas(asked(), A1, [delta('Par')]);
    expect(nodeOf(applyChatEnd(growing, A1, CANCELLED), A1)).toMatchObject({ text: 'Par', state: 'stopped' });
    const failure = { code: 'endpointFailed', message: 'No.' } as const;
    expect(nodeOf(applyChatEnd(growing, A1, failure), A1)).toMatchObject({ text: 'Par', state: 'failed', failure });
  });

  test('another answer stands beside the first one; walking back shows what followed it', () => {
    const first = withQuestion(answered(), { id: Q2, parentId: A1, text: 'And of Spain?' });
    const second = applyChatAnswer(withAnswer(first, { id: A2, parentId: Q1, made: MADE }), A2, {
      ...ANSWER,
      text: 'It is Paris.',
    });
    expect(texts(second)).toEqual(['Capital of France?', 'It is Paris.']);
    const node = nodeOf(second, A2);
    expect(node && siblingIdsOf(second, node)).toEqual([A1, A2]);
    expect(texts(withChosen(second, A1))).toEqual(['Capital of France?', 'Paris.', 'And of Spain?']);
  });

  test('an edited question stands beside the first one, at the top too', () => {
    const edited = withQuestion(answered(), { id: Q3, parentId: null, text: 'Capital of Italy?' });
    expect(texts(edited)).toEqual(['Capital of Italy?']);
    expect(edited.rootIds).toEqual([Q1, Q3]);
    expect(texts(withChosen(edited, Q1))).toEqual(['Capital of France?', 'Paris.']);
  });

  test('an answer that never got a word gives up its place, one with words does not', () => {
    const failed = applyChatEnd(asked(), A1, { code: 'endpointFailed', message: 'No.' });
    const again = withAnswer(failed, { id: A2, parentId: Q1, made: MADE });
    expect(nodeOf(again, Q1)?.childIds).toEqual([A2]);
    expect(nodeOf(again, A1)).toBeUndefined();
    const stopped = applyChatEnd(applyChatDeltas(asked(), A1, [delta('Par')]), A1, CANCELLED);
    expect(nodeOf(withAnswer(stopped, { id: A2, parentId: Q1, made: MADE }), Q1)?.childIds).toEqual([A1, A2]);
  });

  test('a model is asked with the system prompt and what was said up to the question, without thoughts', () => {
    const thought = applyChatAnswer(asked(), A1, { ...ANSWER, thinking: 'Hm.' });
    const next = withQuestion(thought, { id: Q2, parentId: A1, text: 'And of Spain?' });
    expect(messagesFor(next, Q2, 'Be brief.')).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Capital of France?' },
      { role: 'assistant', content: 'Paris.' },
      { role: 'user', content: 'And of Spain?' },
    ]);
    expect(messagesFor(next, Q1, ' ')).toEqual([{ role: 'user', content: 'Capital of France?' }]);
  });

  test('what was running when the page was left is stopped', () => {
    expect(nodeOf(withoutRunning(asked()), A1)).toMatchObject({ state: 'stopped' });
  });

  test('an answer to an answer, a question to a question, or below nothing changes nothing', () => {
    const whole = answered();
    expect(withQuestion(whole, { id: Q2, parentId: Q1, text: 'x' })).toBe(whole);
    expect(withAnswer(whole, { id: A3, parentId: A1, made: MADE })).toBe(whole);
    expect(withQuestion(whole, { id: Q2, parentId: 'ffffffff', text: 'x' })).toBe(whole);
    expect(withChosen(whole, 'ffffffff')).toBe(whole);
  });
});

describe('any sequence of what can be done', () => {
  const step = fc.record({
    kind: fc.constantFrom('ask', 'again', 'again', 'edit', 'delta', 'delta', 'done', 'stop', 'choose'),
    pick: fc.nat(),
  });

  function applied(conversation: Conversation, { kind, pick }: { kind: string; pick: number }, serial: number) {
    const id = (0x1000_0000 + serial).toString(16);
    const all = Object.values(conversation.nodes);
    const node = all[pick % Math.max(1, all.length)];
    switch (kind) {
      case 'ask': {
        const last = pathOf(conversation).at(-1);
        return withQuestion(conversation, { id, parentId: last?.id ?? null, text: id });
      }
      case 'again':
        return node === undefined ? conversation : withAnswer(conversation, { id, parentId: node.id, made: MADE });
      case 'edit':
        return node === undefined
          ? conversation
          : withQuestion(conversation, { id, parentId: node.parentId, text: id });
      case 'delta':
        return node === undefined ? conversation : applyChatDeltas(conversation, node.id, [delta('x')]);
      case 'done':
        return node === undefined
          ? conversation
          : applyChatAnswer(conversation, node.id, { ...ANSWER, text: `${node.text}.` });
      case 'stop':
        return node === undefined ? conversation : applyChatEnd(conversation, node.id, CANCELLED);
      default:
        return node === undefined ? conversation : withChosen(conversation, node.id);
    }
  }

  test('leaves a tree: every message in one place, turns alternate, the path goes from the top to a leaf', () => {
    let numMessages = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }), (steps) => {
        let conversation = newConversation('00000001', 'x', AT);
        for (const [serial, one] of steps.entries()) {
          const next = applied(conversation, one, serial);
          const isNew = next !== conversation;
          // Nothing that was written is lost.
          for (const node of Object.values(conversation.nodes))
            if (node.text !== '') expect(next.nodes[node.id]?.text.startsWith(node.text) ?? false).toBe(true);
          if (isNew && one.kind === 'choose') expect(Object.keys(next.nodes)).toEqual(Object.keys(conversation.nodes));
          conversation = next;
        }
        numMessages += Object.keys(conversation.nodes).length;
        expect(problemOfTree(conversation)).toBeNull();
        const path = pathOf(conversation);
        expect(path.map(({ role }) => role)).toEqual(path.map((_, i) => (i % 2 === 0 ? 'user' : 'assistant')));
        expect(path.at(-1)?.childIds ?? conversation.rootIds).toEqual([]);
        for (const node of Object.values(conversation.nodes)) {
          expect(pathTo(conversation, node.id).at(-1)).toBe(node);
          expect(siblingIdsOf(conversation, node)).toContain(node.id);
          // Whatever is chosen can be seen by choosing its way.
          const shown = pathTo(conversation, node.id).reduce((c, { id }) => withChosen(c, id), conversation);
          expect(pathOf(shown).map(({ id }) => id)).toContain(node.id);
        }
      }),
      { numRuns: 60 },
    );
    // The cases are large enough to say something.
    expect(numMessages / 60).toBeGreaterThan(5);
  });
});
