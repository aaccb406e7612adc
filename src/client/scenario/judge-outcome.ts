/** Each expectation of a scenario, met or not. */
import { COUNT_NAMES, MEMORY_NAMES } from '@/protocol/scenario/scenario-parts.ts';
import type { Judgement, OutcomeStream, ScenarioOutcome, TokenChoice } from '@/protocol/scenario/outcome.ts';
import type { Scenario, ScenarioExpectations } from '@/protocol/scenario/scenario.ts';
import { choiceWords, decimals, tokenCause, tokenWords, type TextOf, visible } from './explain.ts';

/** Of a text that is shown as what was found. */
const LONGEST_SHOWN = 300;
/** Tokens that are shown around the first one that differs. */
const SHOWN_TOKENS = 12;

export async function judgeOutcome(scenario: Scenario, outcome: ScenarioOutcome, textOf: TextOf): Promise<Judgement[]> {
  const { expect, model } = scenario;
  const tokens: Judgement[] = [];
  for (const [name, ids] of Object.entries(expect.tokenIds ?? {}))
    tokens.push(await judgeTokens(name, ids, outcome, textOf));
  return [
    judgeFailure(expect, outcome),
    ...judgeModel(model?.sha256, outcome),
    ...tokens,
    ...(expect.texts ?? []).flatMap((wanted) => judgeText(wanted, outcome)),
    ...Object.entries(expect.facts ?? {}).map(([name, value]) =>
      equal(name, value, outcome.facts[name] ?? 'not known'),
    ),
    ...(expect.metrics ?? []).map((wanted) => judgeMetric(wanted, outcome)),
    ...judgeNumbers('count of', COUNT_NAMES, expect.counts, outcome.counts),
    ...judgeNumbers('bytes of', MEMORY_NAMES, expect.memory, outcome.memory),
  ];
}

function judgeFailure({ failure: wanted }: ScenarioExpectations, { failure }: ScenarioOutcome): Judgement {
  const actual = failure === null ? 'no failure' : `${failure.code}: ${failure.message}`;
  if (wanted === undefined) {
    const explanation = failure === null ? [] : ['The run ended with a failure. What was not reached is not there.'];
    return { name: 'no failure', isMet: failure === null, expected: 'no failure', actual, explanation };
  }
  const part = wanted.messageContains ?? '';
  const isMet = failure !== null && failure.code === wanted.code && failure.message.includes(part);
  const expected = part === '' ? wanted.code : `${wanted.code}, with “${part}”`;
  return { name: 'failure', isMet, expected, actual, explanation: [] };
}

function judgeModel(wanted: string | undefined, { model }: ScenarioOutcome): Judgement[] {
  return wanted === undefined ? [] : [equal('SHA-256 of the model', wanted, model?.sha256 ?? 'not known')];
}

async function judgeTokens(
  name: string,
  wanted: readonly number[],
  outcome: ScenarioOutcome,
  textOf: TextOf,
): Promise<Judgement> {
  const stream = outcome.streams.find((one) => one.name === name);
  const label = `tokens of ${name}`;
  if (stream === undefined) return missing(label, `${wanted.length} tokens`, outcome);
  const index = firstDifference(wanted, stream.tokenIds);
  if (index === null)
    return { name: label, isMet: true, expected: tokenList(wanted, 0), actual: tokenList(wanted, 0), explanation: [] };
  return {
    name: label,
    isMet: false,
    expected: tokenList(wanted, index),
    actual: tokenList(stream.tokenIds, index),
    explanation: await tokenExplanation(stream, index, wanted[index], textOf),
  };
}

async function tokenExplanation(
  stream: OutcomeStream,
  index: number,
  wanted: number | undefined,
  textOf: TextOf,
): Promise<string[]> {
  const actual = stream.tokenIds[index];
  const choice: TokenChoice | null = stream.choices?.[index] ?? null;
  const at = choice?.step === undefined ? '' : ` (step ${choice.step})`;
  const place = `${stream.name} differs first at token ${index}${at}`;
  if (actual === undefined) return [`${place}: it ends there; ${await tokenWords(wanted, textOf)} was expected.`];
  const [found, expected] = [await tokenWords(actual, textOf), await tokenWords(wanted, textOf)];
  const words = [`${place}: expected ${expected}, got ${found}.`];
  if (choice === null) return [...words, 'This token was not chosen: it is part of a prompt, or of what was typed.'];
  const side = { ...choice, token: actual };
  return [...words, ...(await choiceWords(side, `The chosen token ${found}`, textOf)), ...tokenCause({}, side)];
}

function judgeText(
  { of, equals, contains, matches }: NonNullable<ScenarioExpectations['texts']>[number],
  outcome: ScenarioOutcome,
): Judgement[] {
  const stream = outcome.streams.find(({ name }) => name === of);
  const wanted = [
    { verb: 'is', text: equals, isMet: (text: string) => text === equals },
    { verb: 'contains', text: contains, isMet: (text: string) => text.includes(contains ?? '') },
    { verb: 'matches', text: matches, isMet: (text: string) => new RegExp(matches ?? '', 'su').test(text) },
  ];
  return wanted.flatMap(({ verb, text, isMet }) => {
    if (text === undefined) return [];
    const name = `text of ${of} ${verb}`;
    if (stream === undefined) return [missing(name, text, outcome)];
    return [
      { name, isMet: isMet(stream.text), expected: visible(text), actual: shortened(stream.text), explanation: [] },
    ];
  });
}

function judgeMetric(
  { name, min, max }: NonNullable<ScenarioExpectations['metrics']>[number],
  { metrics }: ScenarioOutcome,
): Judgement {
  const value = metrics[name];
  const expected = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ];
  const isMet = value !== undefined && value >= (min ?? -Infinity) && value <= (max ?? Infinity);
  const explanation =
    value === undefined ? [`The outcome has ${Object.keys(metrics).join(', ') || 'no metrics'}.`] : [];
  return {
    name: `metric ${name}`,
    isMet,
    expected: min === max ? `${min}` : expected.join(', '),
    actual: value === undefined ? 'not known' : decimals(value),
    explanation,
  };
}

function judgeNumbers<Name extends string>(
  label: string,
  names: readonly Name[],
  wanted: Readonly<Partial<Record<Name, number>>> | undefined,
  actual: Readonly<Record<Name, number>> | null,
): Judgement[] {
  return names.flatMap((name) => {
    const number = wanted?.[name];
    if (number === undefined) return [];
    return [equal(`${label} ${name}`, String(number), actual === null ? 'not known' : String(actual[name]))];
  });
}

function equal(name: string, expected: string, actual: string): Judgement {
  return { name, isMet: expected === actual, expected, actual, explanation: [] };
}

function missing(name: string, expected: string, { streams }: ScenarioOutcome): Judgement {
  const names = streams.map((stream) => stream.name).join(', ');
  const explanation = [names === '' ? 'The outcome has no streams.' : `The outcome has ${names}.`];
  return { name, isMet: false, expected: shortened(expected), actual: 'no such stream', explanation };
}

/** @returns null where the lists are the same */
export function firstDifference(a: readonly number[], b: readonly number[]): number | null {
  const longest = Math.max(a.length, b.length);
  for (let i = 0; i < longest; i++) if (a[i] !== b[i]) return i;
  return null;
}

/** Some tokens around a place, with their number. */
function tokenList(ids: readonly number[], around: number): string {
  const from = Math.max(0, around - SHOWN_TOKENS / 2);
  const shown = ids.slice(from, from + SHOWN_TOKENS);
  const [before, behind] = [from > 0 ? '… ' : '', from + SHOWN_TOKENS < ids.length ? ' …' : ''];
  return `${ids.length} tokens: ${before}${shown.join(' ')}${behind}`;
}

function shortened(text: string): string {
  const shown = visible(text);
  return shown.length <= LONGEST_SHOWN ? shown : `${shown.slice(0, LONGEST_SHOWN - 1)}…`;
}
