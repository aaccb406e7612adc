/** A small number by its size: 0, 3e−5, 0.042, 4.20. */
export function formatTiny(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 0.0995) return value.toFixed(2);
  if (Math.abs(value) >= 0.00095) return value.toFixed(3);
  return value.toExponential(0).replace('-', '\u2212');
}
