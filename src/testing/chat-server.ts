/** A server on this machine that speaks OpenAI's chat completions, and does what a test tells it to. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.ts';

export interface AskedChat {
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the server does, one step after the other; it ends the response unless it broke the connection. */
export type ServerStep =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly send: string }
  | { readonly waitMs: number }
  | 'break';

export interface ChatServer {
  /** Up to `/v1`. */
  readonly url: string;
  readonly asked: readonly AskedChat[];
  /** Responses that did not come to their end: given up by the other side, or broken off here. */
  readonly numAborted: () => number;
  close(): Promise<void>;
}

/** An event of a stream. */
export function event(data: unknown): string {
  return `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
}

/** A piece of an answer. */
export function piece(delta: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): string {
  return event({ choices: [{ index: 0, delta, finish_reason: null, ...more }] });
}

/** How a stream ends that is whole. */
export const WHOLE = piece({}, { finish_reason: 'stop' }) + event('[DONE]');

export const STREAM: ServerStep = { status: 200, headers: { 'content-type': 'text/event-stream' } };

/** @param stepsOf  gets the number of the request, from 0 on */
export async function startChatServer(
  stepsOf: (asked: AskedChat, index: number) => readonly ServerStep[],
): Promise<ChatServer> {
  const asked: AskedChat[] = [];
  let numAborted = 0;
  const server = createServer((request, response) => {
    response.on('close', () => {
      if (!response.writableFinished) numAborted++;
    });
    void serve(request, response, (chat) => stepsOf(chat, asked.push(chat) - 1));
  });
  const { origin, close } = await listen(server);
  return {
    url: `${origin}/v1`,
    asked,
    numAborted: () => numAborted,
    close,
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  stepsOf: (asked: AskedChat) => readonly ServerStep[],
): Promise<void> {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  response.setHeader('access-control-expose-headers', 'retry-after');
  if (request.method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { authorization } = request.headers;
  const body = JSON.parse(Buffer.concat(parts).toString()) as AskedChat['body'];
  for (const step of stepsOf({ authorization, body })) {
    if (step === 'break') {
      response.destroy();
      return;
    }
    if (response.destroyed) return;
    await play(step, response);
  }
  response.end();
}

async function play(step: Exclude<ServerStep, 'break'>, response: ServerResponse): Promise<void> {
  if ('status' in step) response.writeHead(step.status, { 'content-type': 'application/json', ...step.headers });
  else if ('send' in step) await new Promise<unknown>((resolve) => response.write(step.send, resolve));
  else
    await new Promise((resolve) => {
      setTimeout(resolve, step.waitMs);
    });
}
