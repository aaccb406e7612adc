/** What runs in the page. Functions here are sent as text, so they use nothing from outside. */

/**
 * Calls a function of `window.duet`.
 *
 * @param {any} duet
 * @param {{ names: string[], args: unknown[], input: any }} request  names: way to the function; input: its files are
 *   the first argument
 * @returns {Promise<{ value: any } | { failure: import('./index.mjs').FailureData }>}
 */
export async function callDuet(duet, { names, args, input }) {
  /** @type {any} */
  const page = globalThis;
  page.duetTestSignals ??= new Map();
  /** @type {Promise<unknown>[]} */
  const told = [];
  /** @type {number[]} */
  const signals = [];

  /** @type {(key: number, isAborted: boolean) => AbortSignal} */
  const signalOf = (key, isAborted) => {
    const controller = new AbortController();
    if (isAborted) controller.abort();
    page.duetTestSignals.set(key, controller);
    signals.push(key);
    return controller.signal;
  };

  /** @type {(value: any) => any} */
  const revive = (value) => {
    if (Array.isArray(value)) return value.map(revive);
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
    if ('duetSignal' in value) return signalOf(value.duetSignal, value.isAborted === true);
    if ('duetCallback' in value)
      return (/** @type {unknown[]} */ ...values) => void told.push(page.duetTestCallback(value.duetCallback, values));
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, revive(each)]));
  };

  /** @type {() => () => unknown} */
  const bindCall = () => {
    const owner = names.slice(0, -1).reduce((at, name) => at?.[name], duet);
    const name = names.at(-1) ?? '';
    if (typeof owner?.[name] !== 'function') throw new TypeError(`This page has no function duet.${names.join('.')}.`);
    const values = args.map(revive);
    if (input !== null) values[0] = input.files.length === 1 ? input.files[0] : [...input.files];
    return () => owner[name](...values);
  };

  try {
    const value = await bindCall()();
    // No event arrives behind the result.
    await Promise.all(told);
    return { value };
  } catch (error) {
    const { code = 'internal', message = String(error), details = {} } = /** @type {any} */ (error) ?? {};
    return { failure: { code: String(code), message, details } };
  } finally {
    for (const id of signals) page.duetTestSignals.delete(id);
  }
}

/**
 * Aborts the signal of a call under way; nothing where it has ended.
 *
 * @param {number} id
 */
export function abortCall(id) {
  /** @type {any} */
  const page = globalThis;
  page.duetTestSignals?.get(id)?.abort();
}
