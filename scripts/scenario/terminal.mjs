/** What the terminal shows while scenarios run. */

/**
 * @typedef {import('./run-one.mjs').Result} Result
 * @typedef {import('./scenario-page.mjs').Progress} Progress
 */

/** Of a log that is no terminal: a sign of life. */
const LOG_EVERY_MS = 15_000;

const isTerminal = process.stdout.isTTY;

/** @type {(seconds: number) => string} */
function secondsText(seconds) {
  return `${seconds.toFixed(1)} s`;
}

/**
 * @param {string} name
 * @returns {{ told: (run: number, progress: Progress) => void, ended: (result: Result) => void, clear: () => void }}
 */
export function scenarioLine(name) {
  const begunMs = performance.now();
  let loggedMs = begunMs;
  const elapsed = () => secondsText((performance.now() - begunMs) / 1000);
  const clear = () => {
    if (isTerminal) process.stdout.write('\r\u001B[2K');
  };
  return {
    told(run, progress) {
      const line = `  ..    ${name}: ${run > 0 ? `run ${run + 1}, ` : ''}${progressText(progress)}, ${elapsed()}`;
      if (isTerminal) process.stdout.write(`\r\u001B[2K${line.slice(0, (process.stdout.columns ?? 120) - 1)}`);
      else if (performance.now() - loggedMs > LOG_EVERY_MS) {
        loggedMs = performance.now();
        console.log(line);
      }
    },
    ended(result) {
      clear();
      for (const line of resultLines(result)) console.log(line);
    },
    clear,
  };
}

/** @type {(progress: Progress) => string} */
function progressText({ phase, steps, tokens, share }) {
  if (phase === 'load') return share === null ? 'loading' : `loading ${Math.round(share * 100)} %`;
  if (phase === 'count') return 'counting';
  return `${steps} steps, ${tokens} tokens`;
}

/** @type {(result: Result) => string[]} */
export function resultLines(result) {
  const { name, isPassed, seconds, outcome, judgements, difference, baseline, changes, repeats } = result;
  const tokens = outcome.streams.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  const runs = repeats > 1 ? `, ${repeats} runs` : '';
  const facts = `${outcome.metrics['steps'] ?? 0} steps, ${tokens} tokens, ${secondsText(seconds)}${runs}`;
  const head = `  ${isPassed ? 'ok   ' : 'FAIL '} ${name} (${facts})${BASELINE_WORDS[baseline] ?? ''}`;
  const unmet = judgements
    .filter(({ isMet }) => !isMet)
    .flatMap((one) => [
      `          ${one.name}`,
      `            expected: ${one.expected}`,
      `            found:    ${one.actual}`,
      ...one.explanation.map((line) => `            ${line}`),
    ]);
  const explained =
    difference === null
      ? []
      : ['          the baseline is not met', ...difference.explanation.map((line) => `            ${line}`)];
  return [head, ...changes.map((line) => `          ${line}`), ...unmet, ...explained];
}

/** @type {Readonly<Partial<Record<Result['baseline'], string>>>} */
const BASELINE_WORDS = {
  none: ' no baseline yet',
  written: ' baseline written',
  'not written': ' baseline not written: what the scenario expects is not met',
};
