/**
 * `window.duet` of a page, callable from a test. Arguments and results cross as data; functions and abort signals among
 * the arguments work as they do in the page.
 */
import { DuetFailure } from './duet-failure.mjs';
import { abortCall, callDuet } from './in-page.mjs';

/**
 * @typedef {import('@playwright/test').Page} Page
 * @typedef {import('@playwright/test').Frame} Frame
 * @typedef {import('@playwright/test').JSHandle} JSHandle
 * @typedef {(...values: unknown[]) => unknown} Callback
 * @typedef {{ frame: Frame, callbacks: Map<number, Callback> }} Link
 */

/** @type {WeakMap<object, Frame>} frames by their handles */
const frames = new WeakMap();

/** @type {WeakMap<Page, Promise<Map<number, Callback>>>} callbacks of calls under way, by page */
const bindings = new WeakMap();

/** Numbers callbacks and signals, over all pages. */
let lastId = 0;

/** Names that a handle answers itself: promises look for 'then', printers for the others. */
const UNKNOWN_NAMES = new Set(['then', 'catch', 'finally', 'toJSON', 'constructor', 'asymmetricMatch', 'nodeType']);

/**
 * @param {Page | Frame} pageOrFrame
 * @param {(name: string) => void} onCall  told the function's name, such as 'negotiation.rollout', before each call
 * @returns {import('./index.mjs').PageDuet}
 */
export function createDuetHandle(pageOrFrame, onCall = () => undefined) {
  const frame = 'mainFrame' in pageOrFrame ? pageOrFrame.mainFrame() : pageOrFrame;
  const own = {
    page: frame.page(),
    /** @type {(run: (duet: unknown, argument: unknown) => unknown, argument?: unknown) => Promise<unknown>} */
    inPage: async (run, argument) => {
      onCall('inPage');
      const duet = await findDuet(frame);
      return duet.evaluate(run, argument);
    },
    /** @type {(paths: string | readonly string[], options?: object) => Promise<unknown>} */
    loadModelFile: async (paths, options = {}) => {
      onCall('loadModel');
      const input = await chooseFiles(frame, typeof paths === 'string' ? [paths] : [...paths]);
      try {
        return await call(frame, ['loadModel'], [undefined, options], input);
      } finally {
        await input.evaluate((element) => element.remove());
      }
    },
  };
  const handle = nested(own, [], (names, values) => {
    onCall(names.join('.'));
    return call(frame, names, values);
  });
  frames.set(handle, frame);
  return /** @type {import('./index.mjs').PageDuet} */ (handle);
}

/** @type {(value: unknown) => value is import('./index.mjs').PageDuet} */
export function isDuetHandle(value) {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && frames.has(value);
}

/**
 * Functions by name, as deep as they are asked for: `duet.negotiation.rollout(request)`.
 *
 * @param {Readonly<Record<string, unknown>>} own
 * @param {readonly string[]} names
 * @param {(names: readonly string[], values: readonly unknown[]) => Promise<unknown>} run
 * @returns {object}
 */
function nested(own, names, run) {
  return new Proxy(() => undefined, {
    get: (_, name) => {
      if (typeof name === 'symbol' || UNKNOWN_NAMES.has(name)) return undefined;
      return Object.hasOwn(own, name) ? own[name] : nested({}, [...names, name], run);
    },
    apply: (_, __, values) => run(names, values),
  });
}

/** @type {(frame: Frame) => Promise<JSHandle>} */
function findDuet(frame) {
  return frame.waitForFunction(() => window.duet);
}

/**
 * @param {Frame} frame
 * @param {readonly string[]} names
 * @param {readonly unknown[]} values
 * @param {JSHandle | null} input  its files are the first argument
 */
async function call(frame, names, values, input = null) {
  const callbacks = await bind(frame.page());
  /** @type {number[]} */
  const used = [];
  /** @type {(() => void)[]} */
  const undo = [];
  try {
    const duet = await findDuet(frame);
    // Nothing is waited for from here to the call: of a signal that is aborted in between the page would not know.
    const args = values.map((value) => toData(value, { callbacks, used, undo, frame }));
    const answer = await duet.evaluate(callDuet, { names: [...names], args, input });
    if ('failure' in answer) throw new DuetFailure(answer.failure);
    return answer.value;
  } finally {
    for (const id of used) callbacks.delete(id);
    for (const each of undo) each();
  }
}

/**
 * The page's way to call functions here, made once per page and kept over its navigations.
 *
 * @type {(page: Page) => Promise<Map<number, Callback>>}
 */
function bind(page) {
  const known = bindings.get(page);
  if (known !== undefined) return known;
  /** @type {Map<number, Callback>} */
  const callbacks = new Map();
  const bound = page
    .exposeBinding('duetTestCallback', (_, /** @type {number} */ id, /** @type {unknown[]} */ values) => {
      callbacks.get(id)?.(...values);
    })
    .then(() => callbacks);
  bindings.set(page, bound);
  return bound;
}

/**
 * @param {unknown} value
 * @param {Link & { used: number[], undo: (() => void)[] }} link
 * @returns {unknown} data only; functions and signals by number
 */
function toData(value, link) {
  if (typeof value === 'function') {
    const id = ++lastId;
    link.callbacks.set(id, /** @type {Callback} */ (value));
    link.used.push(id);
    return { duetCallback: id };
  }
  if (value instanceof AbortSignal) return toSignal(value, link);
  if (value instanceof Blob)
    throw new TypeError('A File does not reach the page. Name the file instead: duet.loadModelFile(path).');
  if (Array.isArray(value)) return value.map((each) => toData(each, link));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toData(each, link)]));
}

/** @type {(signal: AbortSignal, link: Link & { undo: (() => void)[] }) => unknown} */
function toSignal(signal, { frame, undo }) {
  const id = ++lastId;
  const abort = () => {
    // A page that has gone needs no telling.
    frame.evaluate(abortCall, id).catch(() => undefined);
  };
  signal.addEventListener('abort', abort);
  undo.push(() => signal.removeEventListener('abort', abort));
  return { duetSignal: id, isAborted: signal.aborted };
}

/**
 * Puts files into the page as a person does, so that their size does not matter.
 *
 * @type {(frame: Frame, paths: string[]) => Promise<import('@playwright/test').ElementHandle<HTMLInputElement>>}
 */
async function chooseFiles(frame, paths) {
  await findDuet(frame);
  const handle = await frame.evaluateHandle(() => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.hidden = true;
    document.body.append(input);
    return input;
  });
  await handle.setInputFiles(paths);
  return handle;
}
