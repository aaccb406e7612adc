/**
 * Value of an IEEE 754 binary16 number.
 *
 * @param bits  16 bits, 0..65535
 */
export function halfToFloat(bits: number): number {
  return halfValues()[bits & 0xffff] as number;
}

/**
 * Nearest binary16 number, ties to even; overflow gives infinity.
 *
 * @returns bits, 0..65535
 */
export function floatToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  // 65520 is halfway between the largest half and the next power of two; the tie rounds up, to infinity.
  if (magnitude >= 65_520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundTiesToEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  // log2 may be one off next to a power of two; the mantissa shows it.
  const scaled = magnitude * 2 ** (10 - exponent);
  const corrected = scaled >= 2048 ? exponent + 1 : scaled < 1024 ? exponent - 1 : exponent;
  // A mantissa that rounds up to 2048 carries into the exponent, which is what the addition does.
  return sign | (((corrected + 15) << 10) + roundTiesToEven(magnitude * 2 ** (10 - corrected)) - 1024);
}

/** Largest finite binary16 number. */
export const MAX_HALF = 65_504;

/** Values of all 65,536 bit patterns; a look-up is several times faster than the arithmetic in the packing loops. */
export function halfValues(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits));
  return table;
}

let table: Float32Array | undefined;

function decodeHalf(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

function roundTiesToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
