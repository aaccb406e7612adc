import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import { chatMarkdown } from './chat-markdown.ts';
import {
  applyChatAnswer,
  applyChatDeltas,
  applyChatEnd,
  newConversation,
  nodeOf,
  withAnswer,
  withContinued,
  withQuestion,
  type ChatMade,
  type Conversation,
} from './chat-tree.ts';
import { readChatFile, readChatUpload, toChatFile } from './read-chat.ts';

const AT = '2026-03-01T09:30:00.000Z';
const MADE: ChatMade = { kind: 'engine', model: 'A model', adapter: 'pirate', settings: DEFAULT_CHAT_SETTINGS };

function sample(): Conversation {
  const begun = newConversation('0000-0001', 'Capital of France?', AT);
  const first = withQuestion(begun, { id: '0000000a', parentId: null, text: 'Capital of France?' });
  const running = withAnswer(first, { id: '0000000b', parentId: '0000000a', made: MADE });
  const answered = applyChatAnswer(running, '0000000b', {
    text: 'Paris.',
    thinking: 'Hm.\n\nFrance.',
    tokens: [
      { text: 'Paris.', logProb: -0.2, top: [{ text: 'Lyon', logProb: -2 }], isThinking: false },
      { text: ' Yes', logProb: Number.NaN, top: [], isThinking: false },
    ],
    stopReason: 'length',
    timing: { timeToFirstTokenMs: 10, totalMs: 20, numTokens: 2 },
  });
  const again = withAnswer(answered, { id: '0000000c', parentId: '0000000a', made: MADE });
  const failed = applyChatEnd(
    applyChatDeltas(again, '0000000c', [{ text: 'Par', thinking: '', tokens: [] }]),
    '0000000c',
    { code: 'gpuError', message: 'The device is gone.' },
  );
  return withQuestion(failed, { id: '0000000d', parentId: '0000000b', text: 'And of Spain?' });
}

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const fileOf = (text: string): File => new File([text], 'chat.json');

describe('a conversation as a file', () => {
  test('comes back as it was', () => {
    expect(readChatFile(throughJson(toChatFile(sample())), 'x')).toEqual(sample());
  });

  test('that an answer was continued is kept', () => {
    const continued = withContinued(sample(), '0000000b', 'Paris.');
    const read = readChatFile(throughJson(toChatFile(continued)), 'x');
    expect(nodeOf(read, '0000000b')).toMatchObject({ isContinued: true });
  });

  test('an answer that was running when it was kept is stopped', () => {
    const begun = withQuestion(newConversation('0000-0001', 'x', AT), { id: '0000000a', parentId: null, text: 'x' });
    const running = withAnswer(begun, { id: '0000000b', parentId: '0000000a', made: MADE });
    expect(nodeOf(readChatFile(toChatFile(running), 'x'), '0000000b')).toMatchObject({ state: 'stopped' });
  });

  test.each([
    ['two messages of one id', (c: Mutable) => c.messages.push({ ...c.messages[0] }), 'two messages have the same id'],
    ['a missing message', (c: Mutable) => c.messages.pop(), 'message 0000000d is missing'],
    ['a choice that is none', (c: Mutable) => Object.assign(c, { chosenRootId: '0000000d' }), 'what is chosen below'],
    [
      'a loop',
      (c: Mutable) => Object.assign(c.messages[3] ?? {}, { childIds: ['0000000b'], chosenId: '0000000b' }),
      'stands in two places',
    ],
    [
      'an answer at the top',
      (c: Mutable) => Object.assign(c, { rootIds: ['0000000b'], chosenRootId: '0000000b' }),
      'belongs',
    ],
    ['an id that objects have', (c: Mutable) => Object.assign(c.messages[0] ?? {}, { id: '__proto__' }), 'is no id'],
    ['a text that is none', (c: Mutable) => Object.assign(c.messages[0] ?? {}, { text: 7 }), 'messages.0.text'],
    ['a key', (c: Mutable) => Object.assign(c, { apiKey: 'sk' }), 'apiKey'],
  ])('%s is refused, and the message names it', (_name, spoil, why) => {
    const file = throughJson(toChatFile(sample())) as { conversation: Mutable };
    spoil(file.conversation);
    expect(() => readChatFile(file, 'The file')).toThrow(Failure);
    expect(() => readChatFile(file, 'The file')).toThrow(`The file: conversation`);
    expect(() => readChatFile(file, 'The file')).toThrow(why);
  });

  test('a file that is no JSON, of another kind or cut off is refused with its name', async () => {
    const whole = JSON.stringify(toChatFile(sample()));
    await expect(readChatUpload(fileOf(whole.slice(0, -5)))).rejects.toThrow('“chat.json” is not complete JSON');
    await expect(readChatUpload(fileOf('{"format":"async-trace-1"}'))).rejects.toThrow('is no conversation of Duet');
    await expect(readChatUpload(fileOf('null'))).rejects.toThrow('is no conversation of Duet');
    await expect(readChatUpload(fileOf(whole))).resolves.toEqual(sample());
  });

  test('whatever stands in it, reading ends in a conversation or a failure', () => {
    const hostile = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', '0000000a', '0000000b', null, -1));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), hostile), { minLength: 1, maxLength: 3 }), (changes) => {
        const file = throughJson(toChatFile(sample()));
        for (const [place, value] of changes) replaceAt(file, place, value);
        try {
          expect(readChatFile(file, 'x').nodes).toBeTypeOf('object');
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('as Markdown it is what is shown, with what each answer was made with', () => {
  const text = chatMarkdown(sample());
  expect(text).toBe(`# Capital of France?

## You

Capital of France?

## A model, adapter pirate, temperature 0.7

Par

`);
});

type Mutable = { messages: Record<string, unknown>[] } & Record<string, unknown>;

/** One of the values inside, by number, replaced. */
function replaceAt(value: unknown, place: number, by: unknown): void {
  const holders: [Record<string, unknown>, string][] = [];
  const collect = (one: unknown): void => {
    if (typeof one !== 'object' || one === null) return;
    for (const key of Object.keys(one)) {
      holders.push([one as Record<string, unknown>, key]);
      collect((one as Record<string, unknown>)[key]);
    }
  };
  collect(value);
  const chosen = holders[place % holders.length];
  if (chosen !== undefined) chosen[0][chosen[1]] = by;
}
