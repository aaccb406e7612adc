/** The number that an answer ends with. */
import { formatRational, parseRational, rational } from '@/lib/rational.ts';
import { boxedAnswer } from './boxed-answer.ts';

/** Ways of writing that mean the same, brought to one. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/[\u2212\u2012\u2013]/g, '-'],
  [/\\[dtc]frac/g, '\\frac'],
  [/\\frac\s*(\d)\s*(\d)(?!\d)/g, '\\frac{$1}{$2}'],
  [/\\([$%])/g, '$1'],
  [/\\(?:times|cdot)(?![A-Za-z])|×/g, '*'],
  [/\\(?:left|right)(?![A-Za-z])/g, ''],
  // Thousands: 1,\!234, 1{,}234, 1\,234 and with thin or fixed spaces.
  [/,\\!/g, ','],
  [/(?<=\d)(?:\{,\}|\\[!,;: ]|[\u00A0\u2009\u202F])(?=\d{3}(?!\d))/g, ','],
];

const DIGITS = String.raw`(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)`;
const DECIMAL = String.raw`(?:${DIGITS}(?:\.\d+)?|\.\d+)`;
const powerOf = (name: string): string => String.raw`\^(?:\{\s?(?<${name}>-?\d{1,3})\s?\}|(?<${name}Bare>-?\d{1,3}))`;

const NUMBER = new RegExp(
  [
    // 1\frac{3}{4}, \frac{3}{4}
    String.raw`(?<whole>\d+)?\s?\\frac\s?\{\s?(?<aboveSign>-?)(?<above>${DECIMAL})\s?\}\s?\{\s?(?<below>${DECIMAL})\s?\}`,
    // 1 3/4, 3/4; not 3/4/2020
    String.raw`(?<!/)(?:(?<mixed>\d+)[ ])?(?<over>${DECIMAL})\s?/\s?(?<under>${DECIMAL})(?!\d|\.\d|\s?/\s?\d)`,
    // 1.5, 1.5e3, 1.5 * 10^3, 2^10, 50%
    String.raw`(?<decimal>${DECIMAL})(?:\s?\*\s?10${powerOf('ofTen')}|(?<exponent>[eE][+-]?\d{1,3}(?!\w))|${powerOf('power')})?(?<percent>\s?(?:%|percent\b))?`,
  ].join('|'),
  'g',
);

/** A minus directly in front is a sign, unless something stands in front of it from which it could subtract. */
const NEGATIVE = /(?:(?:^|[^\w)\]}%.])-|=[ \t]*-[ \t])[$€£]?$|(?:\b(?:negative|equals minus|is minus)) [$€£]?$/i;
const LOOK_BACK = 20;
/** Parts of names, exponents and roots: x1, CO2, x_1, cm^2, \sqrt{2}. */
const NO_NUMBER_BEHIND = /(?:^|[^\\A-Za-z])[A-Za-z]+$|[\^_]\{?-?$|√$|\\sqrt\s?\{$/;
const MAX_POWER = 64;

/**
 * Reads the content of the last box, else of the line behind the last `####`, else the last number of the text, wherever it
 * stands. Knows signs, commas between thousands, decimals, fractions, percent, powers and LaTeX; units are left out. Takes
 * time linear in the text.
 *
 * @returns a number as `parseRational` reads it, with % if it is percent; null if there is none
 */
export function numberAnswer(text: string): string | null {
  const boxed = boxedAnswer(text);
  const fromBox = boxed === null ? null : lastNumber(boxed);
  if (fromBox !== null) return fromBox;
  const mark = text.lastIndexOf('####');
  const marked = mark < 0 ? null : lastNumber(text.slice(mark).split('\n', 1)[0] ?? '');
  return marked ?? lastNumber(text);
}

function lastNumber(text: string): string | null {
  const plain = REWRITES.reduce((result, [pattern, replacement]) => result.replaceAll(pattern, replacement), text);
  let last: string | null = null;
  for (const match of plain.matchAll(NUMBER)) {
    const before = plain.slice(Math.max(match.index - LOOK_BACK, 0), match.index);
    if (NO_NUMBER_BEHIND.test(before)) continue;
    const size = sizeOf(match.groups ?? {});
    if (size !== undefined) last = NEGATIVE.test(before) ? negated(size) : size;
  }
  return last;
}

function negated(size: string): string {
  return size.startsWith('-') ? size.slice(1) : `-${size}`;
}

type Groups = Readonly<Record<string, string | undefined>>;

/** The number without the sign in front of it; undefined if it is none, such as 3/0. */
function sizeOf(groups: Groups): string | undefined {
  const part = (name: string): string => groups[name]?.replaceAll(',', '') ?? '';
  if (groups['above'] !== undefined)
    return checked(
      `${part('aboveSign')}${groups['whole'] === undefined ? '' : `${part('whole')} `}${part('above')}/${part('below')}`,
    );
  if (groups['over'] !== undefined) {
    const fraction = `${part('over')}/${part('under')}`;
    const mixed = groups['mixed'] === undefined ? undefined : checked(`${part('mixed')} ${fraction}`);
    return mixed ?? checked(fraction);
  }
  const decimal = part('decimal');
  const ofTen = groups['ofTen'] ?? groups['ofTenBare'];
  const exponent = ofTen === undefined ? part('exponent') : `e${ofTen}`;
  const size = raised(checked(`${decimal}${exponent}`), groups['power'] ?? groups['powerBare']);
  return size === undefined || groups['percent'] === undefined ? size : `${size}%`;
}

function checked(text: string): string | undefined {
  return parseRational(text) === undefined ? undefined : text;
}

function raised(base: string | undefined, power: string | undefined): string | undefined {
  const value = base === undefined || power === undefined ? undefined : parseRational(base);
  if (value === undefined) return base;
  const exponent = Number(power);
  const { numerator, denominator } = value;
  if (Math.abs(exponent) > MAX_POWER || (exponent < 0 && numerator === 0n)) return undefined;
  const [above, below] = exponent < 0 ? [denominator, numerator] : [numerator, denominator];
  const size = BigInt(Math.abs(exponent));
  return checked(formatRational(rational(above ** size, below ** size)));
}
