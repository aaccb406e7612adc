/** What the network answers while a scenario runs. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { UsageError } from './options.mjs';

/**
 * @typedef {NonNullable<NonNullable<import('../../src/protocol/scenario/scenario.ts').Scenario['environment']>['network']>[number]} Rule
 * @typedef {import('playwright').Route} Route
 */

/**
 * @param {import('playwright').BrowserContext} context
 * @param {readonly Rule[]} rules  the first whose address fits counts
 * @param {string} file            the scenario's, which files of rules are beside
 */
export async function applyNetwork(context, rules, file) {
  for (const { respond } of rules) if (respond.file !== undefined) fileOf(respond.file, file);
  // Of several routes the one that was added last is asked first.
  for (const rule of rules.toReversed()) {
    let numAnswered = 0;
    await context.route(rule.url, async (route) => {
      numAnswered++;
      try {
        if (rule.times !== undefined && numAnswered > rule.times) await route.fallback();
        else await answer(route, rule, file);
      } catch {
        // The page sees a request that failed; where the page is gone, nothing is left to answer.
        await route.abort('failed').catch(() => undefined);
      }
    });
  }
}

/** @type {(route: Route, rule: Rule, file: string) => Promise<void>} */
async function answer(route, { respond }, file) {
  if (respond.delayMs !== undefined) await wait(respond.delayMs, undefined, { ref: false });
  if (respond.abort === true) {
    await route.abort('connectionrefused');
    return;
  }
  if (Object.keys(respond).every((key) => key === 'delayMs')) {
    await route.fallback();
    return;
  }
  const { status, headers, body } = await original(route, respond, file);
  await route.fulfill({
    status: respond.status ?? status,
    headers: {
      ...headers,
      'access-control-allow-origin': '*',
      ...(respond.contentType !== undefined && { 'content-type': respond.contentType }),
    },
    body: changed(body, respond),
  });
}

/**
 * @type {(route: Route, respond: Rule['respond'], file: string) =>
 *   Promise<{ status: number, headers: Record<string, string>, body: Buffer }>}
 */
async function original(route, respond, file) {
  if (respond.file !== undefined) return bytes(readFileSync(fileOf(respond.file, file)), 'application/octet-stream');
  if (respond.body !== undefined) return bytes(Buffer.from(respond.body), 'application/json; charset=utf-8');
  if (respond.truncateToBytes === undefined && respond.flipByteAt === undefined)
    return bytes(Buffer.alloc(0), 'text/plain; charset=utf-8');
  const response = await route.fetch();
  // The length is that of what is sent, and nothing is packed.
  const { 'content-length': _length, 'content-encoding': _encoding, ...headers } = response.headers();
  return { status: response.status(), headers, body: await response.body() };
}

/** @type {(body: Buffer, type: string) => { status: number, headers: Record<string, string>, body: Buffer }} */
function bytes(body, type) {
  return { status: 200, headers: { 'content-type': type }, body };
}

/** @type {(body: Buffer, respond: Rule['respond']) => Buffer} */
export function changed(body, { truncateToBytes, flipByteAt }) {
  const sent = Buffer.from(truncateToBytes === undefined ? body : body.subarray(0, truncateToBytes));
  if (flipByteAt !== undefined && flipByteAt < sent.length) sent[flipByteAt] = (sent[flipByteAt] ?? 0) ^ 0xff;
  return sent;
}

/**
 * @param {string} named  in the scenario
 * @param {string} file   the scenario's
 * @returns {string} path of the file
 * @throws {UsageError} if it is not there, or lies elsewhere than below the working directory or the scenario's folder
 */
export function fileOf(named, file) {
  const found = path.resolve(path.dirname(file), named);
  if (!existsSync(found)) throw new UsageError(`${file}: environment.network: there is no file ${named}.`);
  const real = realpathSync(found);
  const folders = [process.cwd(), path.dirname(path.resolve(file))].map((folder) => realpathSync(folder));
  if (!folders.some((folder) => real.startsWith(folder + path.sep)))
    throw new UsageError(`${file}: environment.network: ${named} lies outside the working directory.`);
  return real;
}
