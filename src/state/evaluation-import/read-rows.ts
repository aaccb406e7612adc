/** A file of questions as rows of named fields; what the fields mean is decided elsewhere. */
import { type CsvRow, parseCsv } from '@/lib/parse-csv.ts';

/** A row that is left out. */
export interface ImportProblem {
  /** Where the row begins, counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface ItemRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ItemRows {
  readonly format: 'jsonl' | 'csv';
  /** What a mapping can name: columns, or paths such as `choices.text`. */
  readonly fieldNames: readonly string[];
  readonly rows: readonly ItemRow[];
  readonly problems: readonly ImportProblem[];
}

/** Characters. */
export const MAX_FILE_LENGTH = 20_000_000;
const MAX_FIELD_NAMES = 60;
/** Rows that are looked at for names of fields. */
const NUM_NAMED_ROWS = 50;

/**
 * Reads JSONL, one object a line, or CSV, whose columns are named by the first row or, without a header, "column 1",
 * "column 2" and so on. Text that begins with `{` is JSONL. Rows that cannot be read are listed, never thrown.
 */
export function readRows(text: string, { hasHeader = true }: { readonly hasHeader?: boolean } = {}): ItemRows {
  if (text.length > MAX_FILE_LENGTH)
    return refused(`The file is longer than ${MAX_FILE_LENGTH / 1e6} million characters.`);
  const begin = text.replace(/^\uFEFF/, '').trimStart()[0];
  if (begin === undefined) return refused('The file is empty.');
  if (begin === '[')
    return refused('The file is a JSON array. Write each of its objects on a line of its own (JSONL).');
  return begin === '{' ? readJsonLines(text) : readCsv(text, hasHeader);
}

function refused(reason: string): ItemRows {
  return { format: 'csv', fieldNames: [], rows: [], problems: [{ line: 1, reason }] };
}

function readJsonLines(text: string): ItemRows {
  const rows: ItemRow[] = [];
  const problems: ImportProblem[] = [];
  for (const [index, lineText] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (lineText.trim() === '') continue;
    const line = index + 1;
    const fields = parseObject(lineText);
    if (fields === undefined) problems.push({ line, reason: 'The line is not a JSON object.' });
    else rows.push({ line, fields });
  }
  const names = new Set(rows.slice(0, NUM_NAMED_ROWS).flatMap(({ fields }) => pathsOf(fields)));
  return { format: 'jsonl', fieldNames: [...names].slice(0, MAX_FIELD_NAMES), rows, problems };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function pathsOf(fields: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(fields).flatMap(([name, value]) =>
    isObject(value) ? [name, ...Object.keys(value).map((inner) => `${name}.${inner}`)] : [name],
  );
}

function readCsv(text: string, hasHeader: boolean): ItemRows {
  const parsed = parseCsv(text, delimiterOf(text));
  const [first] = parsed;
  const names = first === undefined ? [] : hasHeader ? first.fields.map((name) => name.trim()) : numbered(first.fields);
  const rows: ItemRow[] = [];
  const problems: ImportProblem[] = [];
  if (hasHeader && first?.fault !== undefined) problems.push({ line: first.line, reason: first.fault });
  for (const row of hasHeader ? parsed.slice(1) : parsed) {
    const reason = faultOf(row, names.length);
    if (reason === undefined)
      rows.push({ line: row.line, fields: Object.fromEntries(names.map((name, i) => [name, row.fields[i]])) });
    else problems.push({ line: row.line, reason });
  }
  return { format: 'csv', fieldNames: names.slice(0, MAX_FIELD_NAMES), rows, problems };
}

function faultOf({ fault, fields }: CsvRow, numNames: number): string | undefined {
  if (fault !== undefined) return fault;
  return fields.length === numNames
    ? undefined
    : `The row has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}; the first row has ${numNames}.`;
}

function numbered(fields: readonly string[]): string[] {
  return fields.map((_, index) => `column ${index + 1}`);
}

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const line = /^.*/.exec(text)?.[0] ?? '';
  const countOf = (delimiter: string): number => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, other) => (countOf(other) > countOf(best) ? other : best));
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a name, or at a path of names with full stops between them; undefined if there is none. */
export function valueAt(fields: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path];
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      fields,
    );
}
