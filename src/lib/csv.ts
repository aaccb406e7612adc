/** Comma-separated values as RFC 4180 has them: CRLF, and quotes around what needs them. */

/** Starts a formula in a spreadsheet; a text that begins so is kept a text. */
const FORMULA = /^[=+\-@\t\r]/;

/** @returns one line per row behind the header, each ended by CRLF */
export function toCsv(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
