import type { AnswerNode, Conversation } from './chat-tree.ts';
import { pathOf } from './chat-tree.ts';

/** What is shown of a conversation, as Markdown. What the model wrote is Markdown already, and stays as it is. */
export function chatMarkdown(conversation: Conversation): string {
  const parts = pathOf(conversation).map((node) =>
    node.role === 'user' ? `## You\n\n${node.text.trim()}` : answerMarkdown(node),
  );
  return [`# ${conversation.name}`, ...parts, ''].join('\n\n');
}

function answerMarkdown({ made, thinking, text }: AnswerNode): string {
  const adapter = made.adapter === null ? '' : `, adapter ${made.adapter}`;
  const head = `## ${made.model}${adapter}, temperature ${made.settings.temperature}`;
  const thoughts = thinking === null ? [] : [quoted(`Thoughts\n\n${thinking.trim()}`)];
  return [head, ...thoughts, text.trim()].join('\n\n');
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
