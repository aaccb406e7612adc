/** Conversations as they come from a file or from storage: everything is checked before anything is shown. */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { checkInput } from '@/protocol/check-input.ts';
import { chatSettingsSchema } from '@/protocol/chat-settings.ts';
import { madeByModelSchema } from '@/protocol/made-by-model.ts';
import { FAILURES, type FailureCode } from '@/protocol/failures.ts';
import { MAX_CHAT_NAME, problemOfTree, withoutRunning, type ChatNode, type Conversation } from './chat-tree.ts';

/** Bytes. */
export const MAX_CHAT_FILE = 64_000_000;

const MAX_NODES = 10_000;
const MAX_CHILDREN = 1000;
const MAX_TOKENS = 100_000;

const id = z.string().regex(/^[0-9a-f-]{8,64}$/, 'is no id of a message');
const ids = z.array(id).max(MAX_CHILDREN);
const text = z.string().max(2_000_000);
const name = z.string().max(500);
const ms = z.number().min(0);
const time = z.iso.datetime();
const count = z.int().min(0);
/** JSON writes null for what is no finite number: a server that leaves one out, or a token that could not come. */
const logProb = z.preprocess(
  (value) => value ?? Number.NaN,
  z.custom<number>((value) => typeof value === 'number' && !(value > 1e-3), 'is no logarithm of a probability'),
);

const tokenSchema = z.strictObject({
  text: z.string().max(1000),
  tokenId: count.exactOptional(),
  logProb,
  top: z.array(z.strictObject({ text: z.string().max(1000), logProb })).max(20),
  isThinking: z.boolean(),
});

const nodeBase = { id, parentId: id.nullable(), childIds: ids, chosenId: id.nullable(), text };

const failureSchema = z.object({
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a constant record
  code: z.enum(Object.keys(FAILURES) as [FailureCode, ...FailureCode[]]),
  message: text,
});

const nodeSchema = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), ...nodeBase }),
  z.strictObject({
    role: z.literal('assistant'),
    ...nodeBase,
    state: z.enum(['running', 'done', 'stopped', 'failed']),
    thinking: text.nullable(),
    tokens: z.array(tokenSchema).max(MAX_TOKENS).nullable(),
    stopReason: z.enum(['stop', 'length', 'contextFull']).nullable(),
    timing: z.strictObject({ timeToFirstTokenMs: ms, totalMs: ms, numTokens: count.nullable() }).nullable(),
    contextTokens: count.nullable(),
    notes: z.array(text).max(20),
    failure: failureSchema.nullable(),
    isContinued: z.literal(true).exactOptional(),
    made: z.strictObject({
      kind: z.enum(['engine', 'webLlm', 'endpoint']),
      model: name,
      madeBy: madeByModelSchema.exactOptional(),
      adapter: name.nullable(),
      settings: chatSettingsSchema,
    }),
  }),
]);

const headSchema = z.strictObject({
  id,
  name: z.string().min(1).max(MAX_CHAT_NAME),
  createdAt: time,
  changedAt: time,
});

const conversationSchema = headSchema.extend({
  messages: z.array(nodeSchema).max(MAX_NODES),
  rootIds: ids,
  chosenRootId: id.nullable(),
});

const fileSchema = z.strictObject({ format: z.literal('duet-chat-1'), conversation: conversationSchema });

/** A conversation as files and the browser's storage hold it. */
export interface ChatFile {
  readonly format: 'duet-chat-1';
  readonly conversation: Omit<Conversation, 'nodes'> & { readonly messages: readonly ChatNode[] };
}

export function toChatFile({ nodes, ...head }: Conversation): ChatFile {
  return { format: 'duet-chat-1', conversation: { ...head, messages: Object.values(nodes) } };
}

/**
 * @param call  what was asked for; a message begins with it
 * @throws {Failure} 'invalidConfig' naming the field and what is wrong with it
 */
export function readChatFile(value: unknown, call: string): Conversation {
  const { conversation } = checkInput(fileSchema, value, call);
  const { messages, ...head } = conversation;
  const nodes = Object.fromEntries(messages.map((node): [string, ChatNode] => [node.id, node]));
  const read: Conversation = { ...head, nodes };
  const isTwice = Object.keys(nodes).length < messages.length;
  const problem = isTwice ? 'two messages have the same id' : problemOfTree(read);
  if (problem !== null) throw new Failure<FailureCode>('invalidConfig', `${call}: conversation.messages: ${problem}.`);
  return withoutRunning(read);
}

/** @throws {Failure} 'invalidConfig' naming the file */
export async function readChatUpload(file: File): Promise<Conversation> {
  const call = `“${file.name}”`;
  if (file.size > MAX_CHAT_FILE)
    throw new Failure<FailureCode>('invalidConfig', `${call} is larger than a conversation can be (64 MB).`);
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    throw new Failure<FailureCode>('invalidConfig', `${call} is not complete JSON. Choose a file that Chat exported.`);
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== 'duet-chat-1')
    throw new Failure<FailureCode>(
      'invalidConfig',
      `${call} is no conversation of Duet: its format is not duet-chat-1. Choose a file that Chat exported.`,
    );
  return readChatFile(value, call);
}
