/** A server on this machine that speaks OpenAI's chat completions, for judges and generators that live elsewhere. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface AskedChat {
  readonly authorization: string | undefined;
  readonly body: { readonly messages: readonly { readonly content: string }[]; readonly temperature: number };
}

/** What the server does with a request; a text is the answer. */
export type ServerReply =
  | string
  | { readonly status: number; readonly text: string }
  | { readonly afterMs: number; readonly text: string };

export interface JudgeServer {
  /** Up to `/v1`. */
  readonly url: string;
  readonly asked: readonly AskedChat[];
  close(): Promise<void>;
}

/** @param replyTo  gets the number of the request, from 0 on */
export async function startJudgeServer(
  replyTo: (asked: AskedChat, index: number) => ServerReply,
): Promise<JudgeServer> {
  const asked: AskedChat[] = [];
  const server = createServer((request, response) => {
    void serve(request, response, asked, replyTo);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  asked: AskedChat[],
  replyTo: (asked: AskedChat, index: number) => ServerReply,
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { authorization } = request.headers;
  const chat: AskedChat = { authorization, body: JSON.parse(Buffer.concat(parts).toString()) as AskedChat['body'] };
  const reply = replyTo(chat, asked.push(chat) - 1);
  if (typeof reply !== 'string' && 'status' in reply) {
    response.writeHead(reply.status).end(reply.text);
    return;
  }
  const { afterMs, text } = typeof reply === 'string' ? { afterMs: 0, text: reply } : reply;
  setTimeout(() => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ choices: [{ message: { content: text } }] }));
  }, afterMs);
}
