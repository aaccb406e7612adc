/** What would change in a baseline, a line each: + new, - gone, ~ otherwise. */

/**
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioBaseline} Baseline
 * @typedef {import('../../src/protocol/scenario/outcome.ts').ScenarioDifference} Difference
 */

/** Tokens that are shown behind the first one that differs. */
const SHOWN_TOKENS = 8;

/**
 * @param {Baseline | null} before
 * @param {Baseline} after
 * @param {Difference | null} difference  of the two, where they were compared
 * @returns {string[]} empty where nothing would change
 */
export function baselineChanges(before, after, difference) {
  if (before === null) return [newWords(after)];
  const changes = [
    ...recordChanges('scenario', named(before), named(after)),
    ...recordChanges('fact', before.facts, after.facts),
    ...recordChanges('metric', before.metrics, after.metrics),
    ...recordChanges('count', { ...before.counts }, { ...after.counts }),
    ...recordChanges('device', { ...before.device }, { ...after.device }),
    ...recordChanges('model', { ...before.model }, { ...after.model }),
    ...streamChanges(before, after),
    ...recordChanges('failure', { code: before.failure?.code }, { code: after.failure?.code }),
  ];
  const explained = difference === null ? [] : difference.explanation.map((line) => `  ${line}`);
  return changes.length === 0 && difference === null ? [] : [...changes, ...explained];
}

/** @type {(baseline: Baseline) => Readonly<Record<string, Value>>} */
function named({ scenario, panel }) {
  return { name: scenario, panel };
}

/** @type {(after: Baseline) => string} */
function newWords({ streams, trace }) {
  const tokens = streams.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  return `+ new baseline: ${streams.length} streams, ${tokens} tokens, ${trace?.result.steps.length ?? 0} steps`;
}

/** @typedef {string | number | boolean | null | undefined} Value */

/** @type {(what: string, before: Readonly<Record<string, Value>>, after: Readonly<Record<string, Value>>) => string[]} */
function recordChanges(what, before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => {
    const [old, value] = [before[name], after[name]];
    if (old === value) return [];
    if (old === undefined) return [`+ ${what} ${name}: ${String(value)}`];
    return [
      value === undefined
        ? `- ${what} ${name}: ${String(old)}`
        : `~ ${what} ${name}: ${String(old)} -> ${String(value)}`,
    ];
  });
}

/** @type {(before: Baseline, after: Baseline) => string[]} */
function streamChanges(before, after) {
  const gone = before.streams.filter(({ name }) => !after.streams.some((stream) => stream.name === name));
  const others = after.streams.flatMap(({ name, tokenIds }) => {
    const old = before.streams.find((stream) => stream.name === name);
    if (old === undefined) return [`+ stream ${name}: ${tokenIds.length} tokens`];
    const at = firstDifference(old.tokenIds, tokenIds);
    if (at === null) return [];
    const shown = (/** @type {readonly number[]} */ ids) => ids.slice(at, at + SHOWN_TOKENS).join(' ') || 'the end';
    return [`~ stream ${name} from token ${at} on: ${shown(old.tokenIds)} -> ${shown(tokenIds)}`];
  });
  return [...gone.map(({ name }) => `- stream ${name}`), ...others];
}

/** @type {(a: readonly number[], b: readonly number[]) => number | null} */
function firstDifference(a, b) {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return null;
}
