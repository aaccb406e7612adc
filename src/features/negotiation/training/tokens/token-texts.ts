/** Tokens and their numbers as they are written. */
import type { NegotiationTrainingStep } from '@/protocol/negotiation-training.ts';
import { formatTiny } from '@/lib/format-tiny.ts';
import { formatPercent, formatSigned, formatVisibly } from '@/ui/format.ts';
import { speakerOf, tokensOfRow, type TrainedToken } from './said-tokens.ts';

type Cell = string | number | boolean | null;

const MINUS = '\u2212';

/** Spaces and line ends made visible; a token without text is named. */
export function visibleText({ text, isStop }: Pick<TrainedToken, 'text' | 'isStop'>): string {
  if (text === '') return isStop ? 'stop token' : 'part of a character';
  return formatVisibly(text);
}

/** A difference of ln p: signed, never rounded to 0 unless it is 0. */
export function formatNats(nats: number): string {
  if (nats === 0) return '0';
  const size = Math.abs(nats);
  return `${nats < 0 ? MINUS : '+'}${size >= 0.0005 ? size.toFixed(3) : size.toExponential(1).replace('-', MINUS)}`;
}

/** What a probability was multiplied by. */
export function formatFactor(nats: number): string {
  const factor = Math.exp(nats);
  const digits = Math.abs(nats) >= 0.0095 ? 2 : 4;
  if (factor >= 1000 || factor < 0.01) return `\u00D7${formatPower(factor)}`;
  return `\u00D7${factor.toFixed(digits)}`;
}

function formatPower(value: number): string {
  return value.toExponential(1).replace('-', MINUS).replace('+', '');
}

/** One sentence with all numbers of a token, for those who hear it. */
export function spokenToken(token: TrainedToken): string {
  const { logProb, logProbAfter, change, advantage, entropy, isCounted } = token;
  const moved =
    logProbAfter === null || change === null
      ? `probability ${formatPercent(Math.exp(logProb))}, change not measured`
      : `probability ${formatPercent(Math.exp(logProb))} before, ${formatPercent(Math.exp(logProbAfter))} after, ${formatNats(change)} nats`;
  const weight = isCounted ? `advantage ${formatSigned(advantage)}` : 'not counted in the loss';
  return `${visibleText(token)}: ${moved}, ${weight}, entropy ${formatTiny(entropy)} nats.`;
}

export const TOKEN_COLUMNS = [
  'step',
  'group',
  'dialogue',
  'speaker',
  'turn',
  'place',
  'token id',
  'text',
  'counts in the loss',
  'reward',
  'advantage',
  'ln p when sampled',
  'ln p before',
  'ln p after',
  'change (nats)',
  'ratio',
  'entropy (nats)',
] as const;

/** All trained tokens of a step, one line each; what was not measured is empty. */
export function tokenLines(step: NegotiationTrainingStep): Cell[][] {
  return step.rows.flatMap((row) => {
    const said = speakerOf(step, row);
    const head = [step.step, row.group + 1, row.dialogue + 1, said?.role ?? '', said?.turn ?? null];
    const reward = step.rewards[row.group]?.[row.dialogue] ?? null;
    return tokensOfRow(row, said?.stop === 'stopToken').map((token, index): Cell[] => [
      ...head,
      index + 1,
      token.id,
      token.text,
      token.isCounted,
      reward,
      token.advantage,
      row.sampledLogProbs?.[index] ?? null,
      finite(token.logProb),
      token.logProbAfter,
      token.change,
      token.logRatio === null ? null : Math.exp(token.logRatio),
      finite(token.entropy),
    ]);
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The numbers of a table's page, short enough to read beside each other. */
export function tableRow(token: TrainedToken, place: number): (string | number)[] {
  const { id, isCounted, advantage, logProb, logProbAfter, change, entropy, logRatio } = token;
  const missing = '\u2013';
  return [
    place,
    visibleText(token),
    id,
    isCounted ? 'yes' : 'no',
    formatSigned(advantage),
    formatPercent(Math.exp(logProb)),
    logProbAfter === null ? missing : formatPercent(Math.exp(logProbAfter)),
    change === null ? missing : formatNats(change),
    change === null ? missing : formatFactor(change),
    logRatio === null ? missing : Math.exp(logRatio).toFixed(4),
    Number.isFinite(entropy) ? entropy.toFixed(3) : missing,
  ];
}

export const TABLE_COLUMNS = [
  'Place',
  'Token',
  'Id',
  'Counts',
  'Advantage',
  'p before',
  'p after',
  'Change, nats',
  'Factor',
  'Ratio',
  'Entropy, nats',
] as const;
