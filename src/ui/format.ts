/** Numbers as the page writes them. */
import { formatTiny } from '@/lib/format-tiny.ts';

const MINUS = '\u2212';

/** Bytes in decimal units, as file sizes are given: 98.4 MB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
}

/** A span of time: 4 s, 1 min 20 s, 2 h 5 min. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Milliseconds as seconds with one decimal: 3.1. */
export function formatSeconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}

/** A number with its sign: +0.40, −1.25, 0.00. */
export function formatSigned(value: number, digits = 2): string {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return value < 0 ? `${MINUS}${text}` : `+${text}`;
}

/** A rate: two digits below ten, none above a hundred. */
export function formatRate(perSecond: number): string {
  return perSecond < 100 ? perSecond.toFixed(1) : perSecond.toFixed(0);
}

/** A token's text where it stands alone: line ends and spaces made visible. */
export function formatToken(text: string): string {
  return text.replaceAll('\n', '\u21B5').replaceAll('\t', '\u21E5');
}

/** The same with its spaces visible too. */
export function formatVisibly(text: string): string {
  return formatToken(text).replaceAll(' ', '\u2423');
}

/** A probability in percent, with as many digits as tell it from its neighbours: 41.3 %, 0.52 %, 3e−5 %. */
export function formatPercent(probability: number): string {
  const percent = probability * 100;
  if (!Number.isFinite(percent)) return 'not measured';
  if (percent >= 99.95 && percent < 100) return `${percent.toFixed(3)} %`;
  return `${percent >= 10 ? percent.toFixed(1) : formatTiny(percent)} %`;
}

/** A short time: 41.2 µs, 1.77 ms. */
export function formatMicroseconds(microseconds: number): string {
  return microseconds < 1000 ? `${microseconds.toFixed(1)} µs` : `${(microseconds / 1000).toFixed(2)} ms`;
}

/** Floating-point operations: 512 FLOP, 3.1 GFLOP. */
export function formatFlops(flops: number): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
  const power = flops < 1000 ? 0 : Math.min(prefixes.length - 1, Math.floor(Math.log10(flops) / 3));
  const value = flops / 1000 ** power;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${prefixes[power] ?? ''}FLOP`;
}

/** A day and a time of day: 1 Mar 2026, 09:30. */
export function formatDate(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
}

/** A day: 1 Mar 2026. */
export function formatDay(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { dateStyle: 'medium' });
}
