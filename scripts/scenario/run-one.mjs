/** Runs one scenario, as often as asked, and says what came of it. */
import { writeFileSync } from 'node:fs';
import { baselineChanges } from './baseline-changes.mjs';
import { readBaseline, writeBaseline } from './files.mjs';
import { takePicture } from './pictures.mjs';
import { baselineInPage, compareInPage, judgeInPage, openScenarioPage, runInPage } from './scenario-page.mjs';

/**
 * @typedef {import('./scenario-page.mjs').ScenarioPage} ScenarioPage
 * @typedef {import('./scenario-page.mjs').Scenario} Scenario
 * @typedef {import('./scenario-page.mjs').Outcome} Outcome
 * @typedef {import('./scenario-page.mjs').Judgement} Judgement
 * @typedef {import('./scenario-page.mjs').Difference} Difference
 * @typedef {import('./scenario-page.mjs').Baseline} Baseline
 * @typedef {import('../../src/protocol/scenario/outcome.ts').TimingRatio} TimingRatio
 * @typedef {{ file: string, scenario: Scenario }} Wanted
 * @typedef {{
 *   file: string, name: string, description: string, panel: Scenario['panel'], isPassed: boolean, seconds: number,
 *   repeats: number, outcome: Outcome, judgements: Judgement[],
 *   stored: Baseline | null, baseline: 'met' | 'differs' | 'none' | 'not compared' | 'written' | 'not written', difference: Difference | null,
 *   changes: string[], errors: string[], pictures: import('./pictures.mjs').Picture[],
 *   ratios: (TimingRatio & { acrossRuns: readonly [low: number, high: number] | null })[],
 * }} Result
 */

/** Pages that several scenarios use one after the other, and those with an environment of their own. */
export class Pages {
  /** @type {ScenarioPage | undefined} */
  #shared;

  /** Whether a scenario has had the errors of opening it. */
  #areErrorsTold = false;

  /**
   * @param {import('playwright').Browser} browser
   * @param {string} url
   */
  constructor(browser, url) {
    this.browser = browser;
    this.url = url;
  }

  /**
   * Without an environment, and without anything that stays, the page before will do. Errors of opening it are those of
   * the first scenario there.
   *
   * @param {Wanted} wanted
   */
  async open(wanted) {
    const { environment, panel } = wanted.scenario;
    const isOwn = environment !== undefined || panel === 'training' || panel === 'model';
    if (isOwn) return { ...(await openScenarioPage(this.browser, this.url, wanted)), isOwn };
    const shared = await this.shared();
    // What came late of the scenario before.
    if (this.#areErrorsTold) shared.errors.length = 0;
    this.#areErrorsTold = true;
    return { ...shared, isOwn };
  }

  /** For checking files, and for everything that needs no page of its own. */
  async shared() {
    this.#shared ??= await openScenarioPage(this.browser, this.url, undefined);
    return this.#shared;
  }

  /** After something went wrong nothing is built on what is left of it. */
  async dropShared() {
    const page = this.#shared;
    this.#shared = undefined;
    this.#areErrorsTold = false;
    await page?.close();
  }
}

/**
 * @typedef {{
 *   outcomes: Outcome[], judgements: Judgement[], errors: string[], pictures: import('./pictures.mjs').Picture[],
 *   difference: Difference | null, first: Baseline | null,
 * }} Found  what all runs of one scenario came to; pictures and the baseline's difference are of the first
 */

/**
 * @param {Pages} pages
 * @param {Wanted} wanted
 * @param {{
 *   repeat: number, update: boolean,
 *   onProgress: (run: number, progress: import('./scenario-page.mjs').Progress) => void,
 * }} options
 * @returns {Promise<Result>}
 */
export async function runOne(pages, wanted, { repeat, update, onProgress }) {
  const begunMs = performance.now();
  const { file, scenario } = wanted;
  const kept = scenario.expect.baseline === 'none' ? null : readBaseline(file);
  /** @type {Found} */
  const found = { outcomes: [], judgements: [], errors: [], pictures: [], difference: null, first: null };
  for (let run = 0; run < repeat; run++) await runOnce(pages, wanted, { run, kept, found, onProgress });
  const [outcome] = found.outcomes;
  if (outcome === undefined) throw new Error('The scenario did not run.');
  const judgements = [
    ...found.judgements,
    ...errorsJudged(scenario, found.errors),
    ...found.pictures.map((picture) => pictureJudged(picture, update)),
  ];
  const areMet = judgements.every(({ isMet }) => isMet);
  const baseline = update ? updated(wanted, kept, found, areMet) : compared(wanted, kept, found);
  return {
    ...baseline,
    file,
    name: scenario.name,
    description: scenario.description ?? '',
    panel: scenario.panel,
    isPassed: areMet && baseline.baseline !== 'differs',
    seconds: (performance.now() - begunMs) / 1000,
    repeats: repeat,
    outcome,
    stored: kept,
    judgements,
    errors: found.errors,
    pictures: found.pictures,
    ratios: ratiosOf(found.outcomes),
  };
}

/**
 * @param {Pages} pages
 * @param {Wanted} wanted
 * @param {{
 *   run: number, kept: Baseline | null, found: Found,
 *   onProgress: (run: number, progress: import('./scenario-page.mjs').Progress) => void,
 * }} state  `found` is added to
 */
async function runOnce(pages, wanted, { run, kept, found, onProgress }) {
  const { scenario } = wanted;
  const opened = await pages.open(wanted);
  const { page } = opened;
  try {
    opened.onProgress.told = (progress) => onProgress(run, progress);
    const outcome = await runInPage(page, scenario);
    const judged = await judgeInPage(page, scenario, outcome);
    found.outcomes.push(outcome);
    if (found.first === null) {
      found.first = await baselineInPage(page, outcome);
      found.judgements.push(...judged);
      if (kept !== null) found.difference = await compareInPage(page, outcome, kept);
      found.pictures.push(...(await picturesOf(page, wanted, outcome)));
    } else {
      found.judgements.push(...judged.filter(({ isMet }) => !isMet).map(named(run)));
      found.judgements.push(agreement(run, await compareInPage(page, outcome, found.first)));
    }
    found.errors.push(...unexpected(opened.errors, scenario));
    if (outcome.failure !== null && !opened.isOwn) await pages.dropShared();
  } finally {
    if (opened.isOwn) await opened.close();
  }
}

/**
 * What there is to report of a scenario that the page, not the scenario, has ended.
 *
 * @param {Wanted} wanted
 * @param {unknown} error
 * @param {number} seconds
 * @returns {Result}
 */
export function brokenOff({ file, scenario }, error, seconds) {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  const { name, panel, description = '' } = scenario;
  return {
    file,
    name,
    description,
    panel,
    isPassed: false,
    seconds,
    repeats: 1,
    judgements: [{ name: 'the run', isMet: false, expected: 'an outcome', actual: message, explanation: [] }],
    stored: null,
    baseline: 'not compared',
    difference: null,
    changes: [],
    errors: [],
    pictures: [],
    ratios: [],
    outcome: {
      format: 'duet-scenario-outcome',
      version: 1,
      scenario: name,
      panel,
      device: { vendor: '', architecture: '', description: '', isSoftware: false },
      model: null,
      streams: [],
      facts: {},
      metrics: {},
      counts: null,
      memory: null,
      failure: null,
      trace: null,
      ratios: [],
      group: null,
      training: null,
      elapsedMs: seconds * 1000,
    },
  };
}

/** @type {(run: number) => (judgement: Judgement) => Judgement} */
function named(run) {
  return (judgement) => ({ ...judgement, name: `run ${run + 1}: ${judgement.name}` });
}

/** @type {(run: number, difference: Difference | null) => Judgement} */
function agreement(run, difference) {
  return {
    name: `run ${run + 1} repeats the first`,
    isMet: difference === null,
    expected: 'the same',
    actual: difference === null ? 'the same' : 'something else',
    explanation: difference === null ? [] : [...difference.explanation],
  };
}

/** @type {(page: import('playwright').Page, wanted: Wanted, outcome: Outcome) => Promise<import('./pictures.mjs').Picture[]>} */
async function picturesOf(page, { file, scenario }, outcome) {
  const screenshots = scenario.expect.screenshots ?? [];
  if (screenshots.length === 0) return [];
  await page.evaluate(
    async ([panel, found]) => {
      location.hash = panel === 'training' ? '#/negotiation' : `#/${panel}`;
      await window.duet?.scenario.show(found);
    },
    /** @type {const} */ ([scenario.panel, outcome]),
  );
  const pictures = [];
  for (const one of screenshots) pictures.push(await takePicture(page, one, file));
  return pictures;
}

/** @type {(errors: readonly string[], scenario: Scenario) => string[]} */
function unexpected(errors, { expect: { noConsoleErrors, allowedConsoleErrors = [] } }) {
  if (!noConsoleErrors) return [];
  return errors.filter((error) => !allowedConsoleErrors.some((text) => error.includes(text)));
}

/** @type {(scenario: Scenario, errors: readonly string[]) => Judgement[]} */
function errorsJudged({ expect }, errors) {
  if (!expect.noConsoleErrors) return [];
  const actual = errors.length === 0 ? 'none' : `${errors.length}: ${errors[0]}`;
  return [{ name: 'no console error', isMet: errors.length === 0, expected: 'none', actual, explanation: [] }];
}

/** While baselines are written a picture may be another one. @type {(picture: import('./pictures.mjs').Picture, update: boolean) => Judgement} */
export function pictureJudged({ name, isMet, maxDifferingShare, actual, words }, update) {
  const expected = `at most ${(maxDifferingShare * 100).toFixed(2)} % of the pixels differ`;
  return {
    name: `picture ${name}`,
    isMet: isMet || (update && actual !== null),
    expected,
    actual: words,
    explanation: [],
  };
}

/** @type {(wanted: Wanted, kept: Baseline | null, found: Found) => Pick<Result, 'baseline' | 'difference' | 'changes'>} */
function compared({ scenario }, kept, { difference }) {
  if (scenario.expect.baseline === 'none') return { baseline: 'not compared', difference: null, changes: [] };
  if (kept === null) return { baseline: 'none', difference: null, changes: [] };
  return { baseline: difference === null ? 'met' : 'differs', difference, changes: [] };
}

/**
 * Writes what has changed, unless the scenario's own expectations are not met.
 *
 * @type {(wanted: Wanted, kept: Baseline | null, found: Found, areMet: boolean) =>
 *   Pick<Result, 'baseline' | 'difference' | 'changes'>}
 */
function updated({ file, scenario }, kept, { first, difference, pictures }, areMet) {
  const baseline = scenario.expect.baseline === 'none' ? null : first;
  const changes = [
    ...(baseline === null ? [] : baselineChanges(kept, baseline, difference)),
    ...pictureChanges(pictures),
  ];
  if (!areMet) return { baseline: 'not written', difference: null, changes };
  if (changes.length === 0) return { baseline: 'met', difference: null, changes };
  if (baseline !== null) writeBaseline(file, baseline);
  for (const { file: beside, isMet, actual } of pictures) if (!isMet && actual !== null) writeFileSync(beside, actual);
  return { baseline: 'written', difference: null, changes };
}

/** @type {(pictures: readonly import('./pictures.mjs').Picture[]) => string[]} */
function pictureChanges(pictures) {
  return pictures.flatMap(({ name, actual, expected, isMet, words }) => {
    if (actual === null) return [];
    if (expected === null) return [`+ picture ${name}`];
    return isMet ? [] : [`~ picture ${name}: ${words}`];
  });
}

/** @type {(outcomes: readonly Outcome[]) => Result['ratios']} */
function ratiosOf(outcomes) {
  const [first] = outcomes;
  return (first?.ratios ?? []).map((ratio) => {
    const all = outcomes.flatMap(({ ratios }) => ratios.filter(({ name }) => name === ratio.name));
    const values = all.map((one) => one.ratio);
    return { ...ratio, acrossRuns: values.length > 1 ? [Math.min(...values), Math.max(...values)] : null };
  });
}
