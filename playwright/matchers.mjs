/** Matchers for Playwright's `expect`. Each asks the page, and explains what differs. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isDuetHandle } from './duet-handle.mjs';
import { DuetFailure } from './duet-failure.mjs';
import { explainMemory, explainReplay, explainTokens } from './explain.mjs';

/**
 * @typedef {import('./index.mjs').PageDuet} PageDuet
 * @typedef {import('./index.mjs').StoredRun} StoredRun
 * @typedef {import('@playwright/test').MatcherReturnType} Answer
 */

/** After `unload()`. */
const NOTHING = { weights: 0, kvCache: 0, activations: 0, training: 0, other: 0, total: 0 };

/**
 * @param {() => string | undefined} testFile  path of the test that runs; paths of stored runs count from its folder
 * @returns {import('./index.mjs').DuetMatchers}
 */
export function createMatchers(testFile) {
  return {
    async toReplayTrace(received, run, { steps } = {}) {
      const duet = handleOf('toReplayTrace', received);
      const stored = typeof run === 'string' ? await readRun(run, testFile()) : run;
      const replayed = await duet.reason(stored.setup);
      const comparison = await duet.compareRuns(stored, replayed);
      const wanted = Math.min(steps ?? Infinity, comparison.numSteps.a);
      const isWhole = steps === undefined;
      const pass = isWhole ? comparison.isEqual : comparison.equalSteps >= wanted;
      const explanation = explainReplay(comparison, { stored, replayed, adapter: await adapterOf(duet) });
      return answer('toReplayTrace', pass, explanation, isWhole ? 'the whole run' : `the first ${wanted} steps`);
    },

    async toGenerateTokens(received, request, tokenIds) {
      const duet = handleOf('toGenerateTokens', received);
      /** @type {import('./explain.mjs').MadeToken[]} */
      const made = [];
      await duet.generate({
        ...request,
        maxNewTokens: request.maxNewTokens ?? Math.max(tokenIds.length, 1),
        topLogProbs: 2,
        onToken: ({ tokenId, text, top: [best, second] }) => {
          const margin = best === undefined || second === undefined ? null : best.logProb - second.logProb;
          made.push({ tokenId, text, margin });
        },
      });
      const expected = await Promise.all(
        tokenIds.map(async (tokenId) => ({ tokenId, text: await duet.detokenize([tokenId]), margin: null })),
      );
      const explanation = explainTokens(expected, made, await adapterOf(duet));
      return answer('toGenerateTokens', explanation === null, explanation, `${made.length} tokens`);
    },

    async toHaveReleasedGpuMemory(received, before = NOTHING) {
      const duet = handleOf('toHaveReleasedGpuMemory', received);
      const explanation = explainMemory(before, await duet.memory());
      return answer('toHaveReleasedGpuMemory', explanation === null, explanation, 'no owner holds more than expected');
    },

    async toFailWith(received, code, { message } = {}) {
      const failure = await failureOf(received);
      const isCode = failure?.code === code;
      const isMessage = failure !== null && matches(failure.message, message);
      const explanation = [
        `Expected  ${code}${message === undefined ? '' : `, with a message like ${String(message)}`}`,
        `Received  ${failure === null ? 'a result: the call did not fail' : failure.message}`,
      ].join('\n');
      return answer('toFailWith', isCode && isMessage, explanation, failure?.message ?? '');
    },
  };
}

/**
 * @param {string} name
 * @param {boolean} pass
 * @param {string | null} explanation  why it fails
 * @param {string} found  what was found where it passes, for `.not`
 * @returns {Answer}
 */
function answer(name, pass, explanation, found) {
  const message = () =>
    pass ? `expect(...).not.${name}: it does. Received: ${found}` : `expect(...).${name}\n\n${explanation ?? ''}`;
  return { name, pass, message };
}

/** @type {(matcher: string, received: unknown) => PageDuet} */
function handleOf(matcher, received) {
  if (isDuetHandle(received)) return received;
  throw new TypeError(`${matcher} is for the fixture 'duet', or for what duetIn(page) gives.`);
}

/** @type {(duet: PageDuet) => Promise<string>} */
async function adapterOf(duet) {
  const { vendor, architecture, isSoftware } = await duet.device();
  const name = [vendor, architecture].filter((part) => part !== '').join(' ');
  return `${name === '' ? 'an adapter without a name' : name}${isSoftware ? ' (software)' : ''}`;
}

/**
 * @param {string} file  relative to the test's folder
 * @param {string | undefined} testFile
 * @returns {Promise<StoredRun>}
 */
async function readRun(file, testFile) {
  const whole = path.resolve(testFile === undefined ? '.' : path.dirname(testFile), file);
  /** @type {unknown} */
  let run;
  try {
    run = JSON.parse(await readFile(whole, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`toReplayTrace: ${whole} cannot be read: ${reason}`, { cause: error });
  }
  if (typeof run !== 'object' || run === null || !('setup' in run) || !('result' in run))
    throw new Error(`toReplayTrace: ${whole} is no run: it has no setup or no result. Save one with “Save trace”.`);
  return /** @type {StoredRun} */ (run);
}

/** @type {(received: unknown) => Promise<DuetFailure | null>} a call, or a function that makes it; other errors are thrown */
async function failureOf(received) {
  try {
    await (typeof received === 'function' ? received() : received);
    return null;
  } catch (error) {
    if (error instanceof DuetFailure) return error;
    throw error;
  }
}

/** @type {(text: string, pattern: string | RegExp | undefined) => boolean} */
function matches(text, pattern) {
  if (pattern === undefined) return true;
  return typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text);
}
