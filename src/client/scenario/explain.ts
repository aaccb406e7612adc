/** What differs, in sentences. */
import type { DifferenceSide, OutcomeFacts } from '@/protocol/scenario/outcome.ts';
import { NEAR_TIE, NEAR_TIE_WORDS, type SetupDifference } from '@/protocol/run-comparison.ts';

/** Text of one token; null where it cannot be asked for. */
export type TextOf = (tokenId: number) => Promise<string | null>;

/** 104 “h”; of a token without text the id alone. */
export async function tokenWords(tokenId: number | undefined, textOf: TextOf): Promise<string> {
  if (tokenId === undefined) return 'no token';
  const text = await textOf(tokenId);
  return text === null || text === '' ? `${tokenId}` : `${tokenId} “${visible(text)}”`;
}

/** @returns what the choice says about its cause; nothing without a margin */
export async function choiceWords(side: DifferenceSide, whose: string, textOf: TextOf): Promise<string[]> {
  const { margin, top = [], logProb } = side;
  if (isDrawn(side)) return [`${whose} was drawn; ${await tokenWords(top[0]?.[0], textOf)} was likelier.`];
  const second = top.find(([id]) => id !== side.token)?.[0];
  const rival = second === undefined ? 'the second best' : `the second best, ${await tokenWords(second, textOf)},`;
  const scale = logProb === undefined ? 'logits' : 'log-probabilities';
  if (margin !== undefined) return [`${whose} led ${rival} by ${decimals(margin)} (top-2 margin of the ${scale}).`];
  return logProb === undefined ? [] : [`${whose} had a probability of ${decimals(Math.exp(logProb))}.`];
}

/** At a temperature another token than the likeliest may be chosen. */
function isDrawn({ token, top = [] }: DifferenceSide): boolean {
  const [best] = top;
  return token !== undefined && best !== undefined && best[0] !== token;
}

/** Why a token may have come out otherwise, where both runs' choices are known. */
export function tokenCause(expected: DifferenceSide, actual: DifferenceSide): string[] {
  const margins = [expected.margin, actual.margin].filter((margin) => margin !== undefined);
  if (margins.length === 0) return [];
  if (isDrawn(expected) || isDrawn(actual))
    return ['The token was drawn at random: another seed, or a small difference of what is likely, draws another one.'];
  return Math.min(...margins) < NEAR_TIE
    ? [NEAR_TIE_WORDS]
    : ['The choice was clear, so that what had been read differs, or the weights, the settings or the expectation.'];
}

/** What the runs were made on, where that is not the same: the likeliest cause of a difference. */
export function machineCauses(actual: OutcomeFacts, expected: OutcomeFacts): string[] {
  const causes: string[] = [];
  const [here, there] = [adapterWords(actual), adapterWords(expected)];
  if (here !== there)
    causes.push(
      `The baseline was made on another adapter (${there}; this is ${here}). Adapters add in another order, so near ties fall otherwise there: this is a likely cause.`,
    );
  if (actual.model !== null && expected.model !== null) {
    if (actual.model.sha256 !== expected.model.sha256)
      causes.push(
        `The model is another file: SHA-256 ${actual.model.sha256 ?? 'unknown'}, and ${expected.model.sha256 ?? 'unknown'} for the baseline.`,
      );
    if (actual.model.kernelShape !== expected.model.kernelShape)
      causes.push(
        `The kernels have another shape (${actual.model.kernelShape}, and ${expected.model.kernelShape} for the baseline), which adds in another order. Name one in the model’s options.`,
      );
  }
  return causes;
}

export function setupWords(setup: readonly SetupDifference[]): string[] {
  return setup.map(({ field, a, b }) => `The setup’s ${field} is ${b}; the baseline has ${a}.`);
}

export function adapterWords({ device: { vendor, architecture } }: Pick<OutcomeFacts, 'device'>): string {
  return [vendor, architecture].filter(Boolean).join(' ') || 'unknown';
}

/** Up to four digits behind the point, as many as say something. */
export function decimals(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1);
  return String(Number(value.toFixed(4)));
}

/** White space and what cannot be shown, as escapes. */
export function visible(text: string): string {
  return text
    .replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
    .replaceAll('\uFFFD', '\u00B7');
}
