/**
 * Server-sent events as text arrives, cut anywhere (WHATWG HTML, 9.2.6): lines end with CR, LF or both, lines of one
 * event's data are joined, comments and other fields are passed over.
 */
export class SseEvents {
  #rest = '';
  #data: string[] = [];

  /** @returns the data of the events that are whole now */
  push(text: string): string[] {
    this.#rest += text;
    const lines: string[] = [];
    // A CR at the end may be half of a line's end.
    for (let end = /\r\n|\n|\r(?=.)/s.exec(this.#rest); end !== null; end = /\r\n|\n|\r(?=.)/s.exec(this.#rest)) {
      lines.push(this.#rest.slice(0, end.index));
      this.#rest = this.#rest.slice(end.index + end[0].length);
    }
    return lines.flatMap((line) => this.#read(line));
  }

  /** @returns the data of an event that no empty line has ended; some servers leave it out */
  finish(): string[] {
    const line = this.#rest.replace(/\r$/, '');
    this.#rest = '';
    return [...this.#read(line), ...this.#read('')];
  }

  #read(line: string): string[] {
    if (line !== '') {
      const data = /^data(?:: ?(.*))?$/s.exec(line);
      if (data !== null) this.#data.push(data[1] ?? '');
      return [];
    }
    const data = this.#data;
    this.#data = [];
    return data.length === 0 ? [] : [data.join('\n')];
  }
}
