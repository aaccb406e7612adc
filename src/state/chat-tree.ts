/**
 * A conversation as a tree. A question has answers as children, an answer has questions; where there are several, one
 * is chosen, and the chosen ones from the top down are what is read and what a model is asked with.
 */
import type { ChatAnswer, ChatDelta, ChatModelKind, ChatToken } from '@/protocol/chat.ts';
import type { ChatSettings } from '@/protocol/chat-settings.ts';
import type { FailureMessage } from '@/protocol/failures.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { MadeByModel } from '@/protocol/made-by-model.ts';

interface NodeBase {
  /** Digits a to f and 0 to 9, and hyphens: no name that objects have by themselves. */
  readonly id: string;
  /** Null at the top. */
  readonly parentId: string | null;
  /** In the order in which they came. */
  readonly childIds: readonly string[];
  /** One of the children; null without any. */
  readonly chosenId: string | null;
  readonly text: string;
}

export interface QuestionNode extends NodeBase {
  readonly role: 'user';
}

/** What an answer was made with. */
export interface ChatMade {
  readonly kind: ChatModelKind;
  readonly model: string;
  /** Of the loaded model; left out in conversations of an older version. */
  readonly madeBy?: MadeByModel;
  /** Of the attached adapter that was used; null: none. */
  readonly adapter: string | null;
  /** With the seed that this answer was drawn with. */
  readonly settings: ChatSettings;
}

export interface AnswerNode extends NodeBase {
  readonly role: 'assistant';
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  /** Null: it did not think. */
  readonly thinking: string | null;
  /** Null: the model gave no probabilities. */
  readonly tokens: readonly ChatToken[] | null;
  readonly stopReason: ChatAnswer['stopReason'] | null;
  readonly timing: ChatAnswer['timing'] | null;
  /** What the conversation takes of the context with this answer; null where that is not known. */
  readonly contextTokens: number | null;
  /** What was asked for and was not there; sentences. */
  readonly notes: readonly string[];
  readonly failure: FailureMessage | null;
  /** It was cut off and written on, which asking the question again would not repeat. */
  readonly isContinued?: true;
  readonly made: ChatMade;
}

export type ChatNode = QuestionNode | AnswerNode;

export interface Conversation {
  readonly id: string;
  readonly name: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
  readonly nodes: Readonly<Record<string, ChatNode>>;
  /** First questions. */
  readonly rootIds: readonly string[];
  readonly chosenRootId: string | null;
}

export const MAX_CHAT_NAME = 200;

/** Letters of a first question that become the conversation's name. */
const NAME_LENGTH = 60;

export function newConversation(id: string, firstQuestion: string, at: string): Conversation {
  return { id, name: nameOf(firstQuestion), createdAt: at, changedAt: at, nodes: {}, rootIds: [], chosenRootId: null };
}

function nameOf(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  const letters = Array.from(line);
  return letters.length <= NAME_LENGTH ? line : `${letters.slice(0, NAME_LENGTH).join('').trimEnd()}…`;
}

export function nodeOf(conversation: Conversation, id: string | null): ChatNode | undefined {
  return id !== null && Object.hasOwn(conversation.nodes, id) ? conversation.nodes[id] : undefined;
}

/** The chosen messages, from the first question down. */
export function pathOf(conversation: Conversation): readonly ChatNode[] {
  const path: ChatNode[] = [];
  for (
    let node = nodeOf(conversation, conversation.chosenRootId);
    node !== undefined;
    node = nodeOf(conversation, node.chosenId)
  )
    path.push(node);
  return path;
}

/** From the first question down to a node, chosen or not. */
export function pathTo(conversation: Conversation, id: string | null): readonly ChatNode[] {
  const path: ChatNode[] = [];
  for (let node = nodeOf(conversation, id); node !== undefined; node = nodeOf(conversation, node.parentId))
    path.push(node);
  return path.toReversed();
}

/** The node and those that could stand in its place, in their order. */
export function siblingIdsOf(conversation: Conversation, { parentId }: ChatNode): readonly string[] {
  return parentId === null ? conversation.rootIds : (nodeOf(conversation, parentId)?.childIds ?? []);
}

/** What a model is asked with for an answer to this question. Thoughts are not part of it. */
export function messagesFor(
  conversation: Conversation,
  questionId: string,
  systemPrompt: string,
): readonly ChatMessage[] {
  const said = pathTo(conversation, questionId).map(({ role, text }): ChatMessage => ({ role, content: text }));
  return systemPrompt.trim() === '' ? said : [{ role: 'system', content: systemPrompt }, ...said];
}

function withNode(conversation: Conversation, node: ChatNode): Conversation {
  return { ...conversation, nodes: { ...conversation.nodes, [node.id]: node } };
}

/** The node at the end of its siblings, and chosen. */
function withChild(conversation: Conversation, node: ChatNode): Conversation {
  const added = withNode(conversation, node);
  const { parentId, id } = node;
  if (parentId === null) return { ...added, rootIds: [...conversation.rootIds, id], chosenRootId: id };
  const parent = nodeOf(conversation, parentId);
  if (parent === undefined || parent.role === node.role) return conversation;
  return withNode(added, { ...parent, childIds: [...parent.childIds, id], chosenId: id });
}

/** @param parentId  the answer that it follows; null: it begins the conversation */
export function withQuestion(
  conversation: Conversation,
  { id, parentId, text }: Pick<QuestionNode, 'id' | 'parentId' | 'text'>,
): Conversation {
  if (nodeOf(conversation, id) !== undefined) return conversation;
  return withChild(conversation, { id, parentId, role: 'user', text, childIds: [], chosenId: null });
}

/** An answer that is about to come. One that never got a word gives up its place. */
export function withAnswer(
  conversation: Conversation,
  { id, parentId, made }: { readonly id: string; readonly parentId: string; readonly made: ChatMade },
): Conversation {
  const question = nodeOf(conversation, parentId);
  if (question?.role !== 'user' || nodeOf(conversation, id) !== undefined) return conversation;
  return withChild(withoutEmpty(conversation, question), {
    id,
    parentId,
    role: 'assistant',
    text: '',
    childIds: [],
    chosenId: null,
    state: 'running',
    thinking: null,
    tokens: null,
    stopReason: null,
    timing: null,
    contextTokens: null,
    notes: [],
    failure: null,
    made,
  });
}

/** An answer that was cut off is written on. @param begun  what there is of it */
export function withContinued(conversation: Conversation, id: string, begun: string): Conversation {
  const node = nodeOf(conversation, id);
  if (node?.role !== 'assistant' || node.state === 'running') return conversation;
  return withNode(conversation, {
    ...node,
    text: begun,
    state: 'running',
    stopReason: null,
    notes: [],
    failure: null,
    isContinued: true,
  });
}

/** What an answer has become with its continuation. */
export function joinedAnswer(begun: AnswerNode, { text, tokens, stopReason, timing, notes }: ChatAnswer): ChatAnswer {
  const before = begun.timing;
  const [numBefore, numAfter] = [before?.numTokens ?? null, timing.numTokens];
  return {
    text: begun.text + text,
    thinking: begun.thinking,
    tokens: begun.tokens === null || tokens === null ? null : [...begun.tokens, ...tokens],
    stopReason,
    timing: {
      timeToFirstTokenMs: before?.timeToFirstTokenMs ?? timing.timeToFirstTokenMs,
      totalMs: (before?.totalMs ?? 0) + timing.totalMs,
      numTokens: numBefore === null || numAfter === null ? null : numBefore + numAfter,
    },
    ...(notes !== undefined && { notes }),
  };
}

/** Without answers that stopped or failed before their first word. */
function withoutEmpty(conversation: Conversation, question: QuestionNode): Conversation {
  const isEmpty = (id: string): boolean => {
    const node = nodeOf(conversation, id);
    if (node?.role !== 'assistant' || node.childIds.length > 0) return false;
    return (node.state === 'failed' || node.state === 'stopped') && node.text === '' && node.thinking === null;
  };
  const gone = new Set(question.childIds.filter(isEmpty));
  if (gone.size === 0) return conversation;
  const childIds = question.childIds.filter((id) => !gone.has(id));
  const isChosenGone = question.chosenId !== null && gone.has(question.chosenId);
  const chosenId = isChosenGone ? (childIds.at(-1) ?? null) : question.chosenId;
  const nodes = Object.fromEntries(Object.entries(conversation.nodes).filter(([id]) => !gone.has(id)));
  return withNode({ ...conversation, nodes }, { ...question, childIds, chosenId });
}

/** The node in the place of its siblings; below it, what was chosen there before. */
export function withChosen(conversation: Conversation, id: string): Conversation {
  const node = nodeOf(conversation, id);
  if (node === undefined) return conversation;
  if (node.parentId === null) return { ...conversation, chosenRootId: id };
  const parent = nodeOf(conversation, node.parentId);
  return parent === undefined ? conversation : withNode(conversation, { ...parent, chosenId: id });
}

function withRunning(conversation: Conversation, id: string, change: (answer: AnswerNode) => AnswerNode): Conversation {
  const node = nodeOf(conversation, id);
  if (node?.role !== 'assistant' || node.state !== 'running') return conversation;
  return withNode(conversation, change(node));
}

/** What has come since, in its order; for an answer that is over already, nothing. */
export function applyChatDeltas(conversation: Conversation, id: string, deltas: readonly ChatDelta[]): Conversation {
  return withRunning(conversation, id, (answer) => {
    const text = deltas.map((delta) => delta.text).join('');
    const thinking = deltas.map((delta) => delta.thinking).join('');
    const tokens = deltas.flatMap((delta) => delta.tokens);
    return {
      ...answer,
      text: answer.text + text,
      thinking: thinking === '' ? answer.thinking : (answer.thinking ?? '') + thinking,
      tokens: tokens.length === 0 ? answer.tokens : [...(answer.tokens ?? []), ...tokens],
    };
  });
}

export function applyChatAnswer(conversation: Conversation, id: string, answer: ChatAnswer): Conversation {
  const { text, thinking, tokens, stopReason, timing } = answer;
  return withRunning(conversation, id, (node) => ({
    ...node,
    state: 'done',
    text,
    thinking,
    // Those that came word by word are drawn already.
    tokens: tokens?.length === node.tokens?.length ? node.tokens : tokens,
    stopReason,
    timing,
    notes: answer.notes ?? [],
  }));
}

/** What was written stays. */
export function applyChatEnd(conversation: Conversation, id: string, failure: FailureMessage): Conversation {
  return withRunning(conversation, id, (node) =>
    failure.code === 'cancelled' ? { ...node, state: 'stopped' } : { ...node, state: 'failed', failure },
  );
}

export function withContextTokens(conversation: Conversation, id: string, contextTokens: number): Conversation {
  const node = nodeOf(conversation, id);
  return node?.role === 'assistant' ? withNode(conversation, { ...node, contextTokens }) : conversation;
}

/** As it is found again: nothing runs. */
export function withoutRunning(conversation: Conversation): Conversation {
  return Object.values(conversation.nodes)
    .filter((node) => node.role === 'assistant' && node.state === 'running')
    .reduce(
      (stopped, { id }) => applyChatEnd(stopped, id, { code: 'cancelled', message: 'The page was left.' }),
      conversation,
    );
}

/** What is wrong with a tree that came from outside; null: nothing. */
export function problemOfTree({ nodes, rootIds, chosenRootId }: Conversation): string | null {
  const seen = new Set<string>();
  const waiting: Branch[] = [{ parentId: null, childIds: rootIds, chosenId: chosenRootId, role: 'user' }];
  for (let branch = waiting.pop(); branch !== undefined; branch = waiting.pop()) {
    const problem = problemOfChoice(branch);
    if (problem !== null) return problem;
    for (const id of branch.childIds) {
      const node = Object.hasOwn(nodes, id) ? nodes[id] : undefined;
      if (node === undefined) return `message ${id} is missing`;
      const fault = seen.has(id) ? 'stands in two places' : faultOf(node, id, branch);
      if (fault !== null) return `message ${id} ${fault}`;
      seen.add(id);
      const role = node.role === 'user' ? 'assistant' : 'user';
      waiting.push({ parentId: id, childIds: node.childIds, chosenId: node.chosenId, role });
    }
  }
  return seen.size === Object.keys(nodes).length ? null : 'some messages belong to no conversation';
}

/** Siblings, and what they have to be. */
type Branch = Pick<ChatNode, 'parentId' | 'childIds' | 'chosenId' | 'role'>;

function problemOfChoice({ parentId, childIds, chosenId }: Branch): string | null {
  const isRight = childIds.length === 0 ? chosenId === null : chosenId !== null && childIds.includes(chosenId);
  return isRight ? null : `what is chosen below ${parentId ?? 'the top'} is not one of its messages`;
}

function faultOf(node: ChatNode, id: string, { parentId, role }: Branch): string | null {
  if (node.id !== id || node.parentId !== parentId) return 'belongs somewhere else';
  return node.role === role ? null : 'is out of turn';
}
