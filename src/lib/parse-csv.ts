/** Comma-separated values as RFC 4180 says them, forgiving where files in the wild depart from it. */

export interface CsvRow {
  /** Of its first character, counted from 1; a quoted field may go over several lines. */
  readonly line: number;
  readonly fields: readonly string[];
  /** What is wrong with its quotes; its fields are a guess then. */
  readonly fault?: string;
}

const QUOTE = '"';
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Splits a text into rows; empty lines give none. Lines end with LF, CRLF or CR, a quoted field may hold all of them, the
 * delimiter and, doubled, the quote. Takes time linear in the text and never throws.
 *
 * @param delimiter  one character, neither a quote nor an end of line
 */
export function parseCsv(text: string, delimiter = ','): CsvRow[] {
  const reader = new CsvReader(text.replace(BYTE_ORDER_MARK, ''), delimiter);
  const rows: CsvRow[] = [];
  for (let row = reader.next(); row !== undefined; row = reader.next()) {
    if (row.fields.length > 1 || row.fields[0] !== '' || row.fault !== undefined) rows.push(row);
  }
  return rows;
}

class CsvReader {
  readonly #text: string;
  readonly #delimiter: string;
  /** Ends a field that has no quotes. */
  readonly #fieldEnd: RegExp;
  #offset = 0;
  #line = 1;
  #fault: string | undefined;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#fieldEnd = new RegExp(`[\\r\\n\\u{${delimiter.codePointAt(0)?.toString(16)}}]`, 'gu');
  }

  next(): CsvRow | undefined {
    if (this.#offset >= this.#text.length) return undefined;
    const line = this.#line;
    this.#fault = undefined;
    const fields: string[] = [];
    do {
      fields.push(this.#text[this.#offset] === QUOTE ? this.#quoted() : this.#plain());
    } while (this.#skip(this.#delimiter));
    this.#skipLineEnd();
    return { line, fields, ...(this.#fault !== undefined && { fault: this.#fault }) };
  }

  #plain(): string {
    this.#fieldEnd.lastIndex = this.#offset;
    const end = this.#fieldEnd.exec(this.#text)?.index ?? this.#text.length;
    const field = this.#text.slice(this.#offset, end);
    this.#offset = end;
    return field;
  }

  #quoted(): string {
    const parts: string[] = [];
    this.#offset++;
    for (;;) {
      const end = this.#text.indexOf(QUOTE, this.#offset);
      if (end < 0) {
        parts.push(this.#take(this.#text.length));
        this.#fault = 'A quoted field is never closed.';
        break;
      }
      parts.push(this.#take(end));
      this.#offset++;
      if (!this.#skip(QUOTE)) break;
      parts.push(QUOTE);
    }
    const behind = this.#plain();
    if (behind.trim() !== '') this.#fault = 'There is text behind a closing quote.';
    return parts.join('');
  }

  /** Text up to `end`, its lines counted. */
  #take(end: number): string {
    const part = this.#text.slice(this.#offset, end);
    this.#line += part.match(/\r\n|\r|\n/g)?.length ?? 0;
    this.#offset = end;
    return part;
  }

  #skip(character: string): boolean {
    const isThere = this.#text.startsWith(character, this.#offset);
    if (isThere) this.#offset += character.length;
    return isThere;
  }

  #skipLineEnd(): void {
    if (this.#skip('\r\n') || this.#skip('\r') || this.#skip('\n')) this.#line++;
  }
}
