/** Tables as RFC 4180 text, safe to open in a spreadsheet. */

type Cell = string | number | boolean | null;

// What spreadsheets take for the beginning of a formula, in half and full width.
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?\d+([.,]\d+)*$/;

/**
 * @param lines  the head, then one list of cells per line; null is an empty cell
 * @returns lines ended by CR LF. A text that a spreadsheet would run as a formula gets an apostrophe in front of it,
 *   which spreadsheets do not show; numbers keep their sign.
 */
export function csvText(lines: readonly (readonly Cell[])[]): string {
  return lines.map((cells) => `${cells.map(cellText).join(',')}\r\n`).join('');
}

function cellText(value: Cell): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
