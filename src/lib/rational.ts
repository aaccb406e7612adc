/** Numbers as exact fractions, so that 0.1 + 0.2 is 0.3 and 1/3 is not 0.333. */

/** In lowest terms; the denominator is at least 1. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Longer numbers are not read: arithmetic on them would take time that grows with the square of their length. */
const MAX_LENGTH = 400;
const MAX_EXPONENT = 400;

const SIGNED = /^(?<sign>[+-]?)(?<body>.+)$/s;
const DECIMAL = /^(?<whole>\d*)(?:\.(?<part>\d*))?(?:[eE](?<exponent>[+-]?\d{1,4}))?$/;
const MIXED = /^(?<whole>\d+) (?<above>\d+)\/(?<below>\d+)$/;

/** @throws {RangeError} if `denominator` is 0 */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError('The denominator of a fraction is 0.');
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/**
 * Reads `-12`, `3.50`, `.5`, `5.`, `1.2e-3`, `3/4`, `1.5/2` and mixed numbers such as `1 3/4`, with a sign in front of all.
 *
 * @returns undefined for anything else, for a denominator of 0, and for more than 400 characters or digits
 */
export function parseRational(text: string): Rational | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const { sign, body = '' } = SIGNED.exec(text)?.groups ?? {};
  const size = readUnsigned(body);
  return size === undefined || sign !== '-' ? size : { ...size, numerator: -size.numerator };
}

/** As `parseRational` reads it: an integer, or a fraction in lowest terms. */
export function formatRational({ numerator, denominator }: Rational): string {
  return denominator === 1n ? `${numerator}` : `${numerator}/${denominator}`;
}

export function equalRationals(a: Rational, b: Rational): boolean {
  return a.numerator === b.numerator && a.denominator === b.denominator;
}

function readUnsigned(text: string): Rational | undefined {
  const mixed = MIXED.exec(text)?.groups;
  if (mixed !== undefined) {
    const [whole, above, below] = [mixed['whole'], mixed['above'], mixed['below']].map((digits) => BigInt(digits ?? 0));
    return whole === undefined || above === undefined || below === undefined || below === 0n
      ? undefined
      : rational(whole * below + above, below);
  }
  const slash = text.indexOf('/');
  if (slash < 0) return readDecimal(text);
  const above = readDecimal(text.slice(0, slash));
  const below = readDecimal(text.slice(slash + 1));
  if (above === undefined || below === undefined || below.numerator === 0n) return undefined;
  return rational(above.numerator * below.denominator, above.denominator * below.numerator);
}

function readDecimal(text: string): Rational | undefined {
  const { whole = '', part = '', exponent = '0' } = DECIMAL.exec(text)?.groups ?? {};
  const power = Number(exponent) - part.length;
  if (whole + part === '' || Math.abs(power) > MAX_EXPONENT) return undefined;
  const digits = BigInt(whole + part);
  return power >= 0 ? rational(digits * 10n ** BigInt(power)) : rational(digits, 10n ** BigInt(-power));
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [larger, smaller] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
