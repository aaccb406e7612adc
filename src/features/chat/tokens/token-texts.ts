/** Tokens of an answer and their probabilities as they are written. */
import type { ChatToken } from '@/protocol/chat.ts';
import { formatPercent, formatVisibly } from '@/ui/format.ts';

/** Below it, all tokens are drawn as unlikely as they can be. */
const LEAST_PROBABILITY = 0.01;

/** How unlikely a token was: 0 for certain, 1 for one percent and less, in twentieths; 0 where it is not known. */
export function surpriseOf({ logProb }: Pick<ChatToken, 'logProb'>): number {
  if (Number.isNaN(logProb)) return 0;
  const share = Math.min(1, Math.max(0, logProb / Math.log(LEAST_PROBABILITY)));
  return Math.round(share * 20) / 20;
}

/** Spaces and line ends made visible; a token without text is named. */
export function visibleText(text: string): string {
  return text === '' ? 'part of a character, or the end' : formatVisibly(text);
}

export interface TokenChoice {
  readonly text: string;
  readonly probability: number;
  readonly isTaken: boolean;
}

/** The likeliest tokens in that place; the one that was taken is among them, in its rank or behind them. */
export function choicesOf({ text, logProb, top }: ChatToken): readonly TokenChoice[] {
  const place = top.findIndex((one) => one.text === text);
  const likeliest = top.map((one, index) => ({
    text: one.text,
    probability: Math.exp(one.logProb),
    isTaken: index === place,
  }));
  return place >= 0 ? likeliest : [...likeliest, { text, probability: Math.exp(logProb), isTaken: true }];
}

/** One sentence with all numbers of a token, for those who hear it. */
export function spokenToken(token: ChatToken): string {
  const others = choicesOf(token)
    .filter(({ isTaken }) => !isTaken)
    .map(({ text, probability }) => `${visibleText(text)} ${formatPercent(probability)}`);
  const rest = others.length === 0 ? '' : ` Others: ${others.join(', ')}.`;
  return `${visibleText(token.text)}: ${formatPercent(Math.exp(token.logProb))}.${rest}`;
}

const MAX_OTHERS = 5;

export const TOKEN_COLUMNS = ['Place', 'Token', 'Probability', 'Part', 'Likeliest in its place'] as const;

export function tokenRow(token: ChatToken, place: number): (string | number)[] {
  const others = token.top.map((one) => `${visibleText(one.text)} ${formatPercent(Math.exp(one.logProb))}`);
  const part = token.isThinking ? 'thoughts' : 'answer';
  return [place, visibleText(token.text), formatPercent(Math.exp(token.logProb)), part, others.join('  ')];
}

export const TOKEN_CSV_COLUMNS = [
  'place',
  'text',
  'ln p',
  'part',
  ...Array.from({ length: MAX_OTHERS }, (_, index) => [`text ${index + 1}`, `ln p ${index + 1}`]).flat(),
] as const;

/** What is not known is empty. */
export function tokenLine(token: ChatToken, place: number): (string | number | null)[] {
  const { text, logProb, isThinking, top } = token;
  const others = Array.from({ length: MAX_OTHERS }, (_, index) => [
    top[index]?.text ?? null,
    finite(top[index]?.logProb),
  ]);
  return [place, text, finite(logProb), isThinking ? 'thoughts' : 'answer', ...others.flat()];
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
