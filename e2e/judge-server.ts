/** A server on this machine that speaks OpenAI's chat completions, for judges and generators that live elsewhere. */
import { type ChatServer, startChatServer } from '../src/testing/chat-server.ts';

export interface AskedChat {
  readonly authorization: string | undefined;
  readonly body: { readonly messages: readonly { readonly content: string }[]; readonly temperature: number };
}

/** What the server does with a request; a text is the answer. */
export type ServerReply =
  | string
  | { readonly status: number; readonly text: string }
  | { readonly afterMs: number; readonly text: string };

/** @param replyTo  gets the number of the request, from 0 on */
export function startJudgeServer(replyTo: (asked: AskedChat, index: number) => ServerReply): Promise<ChatServer> {
  return startChatServer(({ authorization, body }, index) => {
    const reply = replyTo({ authorization, body: body as unknown as AskedChat['body'] }, index);
    if (typeof reply !== 'string' && 'status' in reply) return [{ status: reply.status }, { send: reply.text }];
    const { afterMs, text } = typeof reply === 'string' ? { afterMs: 0, text: reply } : reply;
    const answer = { choices: [{ message: { content: text } }] };
    return [{ waitMs: afterMs }, { status: 200 }, { send: JSON.stringify(answer) }];
  });
}
