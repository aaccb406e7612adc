import { AnswerBuilder } from '@/protocol/answer-builder.ts';
import type { ChatAnswer } from '@/protocol/chat.ts';

/** What a chat model gives that says this, thoughts included. */
export function chatAnswer(said: string): ChatAnswer {
  const answer = new AnswerBuilder();
  answer.push(said);
  return answer.finish({ stopReason: 'stop', numTokens: null });
}
