/**
 * Which text each token of the streams' blocks has, worked out from a run's steps alone, so that it works for a run under
 * way, a scrubbed and a replayed one alike.
 */
import type { StreamName, TraceEventResult, TraceRow, TraceStep } from '@/protocol/reasoning.ts';
import type { ReasoningView } from './reasoning-view.ts';

export type ToldRun = Pick<ReasoningView, 'traceSteps' | 'steps' | 'setup'>;

/** Block name -> text of each token; null where the run's events do not tell it (prefixes, notes). */
export type BlockTexts = ReadonlyMap<string, readonly (string | null)[]>;

/** A token that was chosen and not encoded yet. */
interface Pending {
  readonly id: number;
  readonly text: string | null;
}

type Views = Readonly<Record<string, readonly string[]>>;

/**
 * The blocks that the streams write as they stand after a step.
 *
 * A row encodes its `input` as the last token of its view; the text of that token is the piece that the stream added when
 * it was chosen, one row earlier. When an index is encoded that the block held already, the stream was cut back, and the
 * token that is pending then is the one that stood there.
 *
 * @param last  index of the step; beyond the end it means the newest
 */
export function blockTextsAt({ traceSteps, steps, setup }: ToldRun, last: number): BlockTexts {
  const encoded = new EncodedTexts(setup?.views ?? {});
  for (let index = 0; index <= last; index++) {
    const step = traceSteps[index];
    if (step === undefined) break;
    for (const event of step.events ?? []) encoded.event(event);
    for (const row of step.rows) encoded.row(row, steps[index]?.[row.stream] ?? null);
  }
  return encoded.blocks;
}

/** @returns names of the blocks in each stream's view, at each step; equal views are the same object */
export function viewNamesByStep({ traceSteps, setup }: Omit<ToldRun, 'steps'>): readonly Views[] {
  let views: Views = setup?.views ?? {};
  return traceSteps.map((step) => {
    views = newestViews(step) ?? views;
    return views;
  });
}

function newestViews({ events }: TraceStep): Views | undefined {
  return events?.findLast(({ views }) => views !== undefined)?.views;
}

/** Where each token's text begins in the block's whole text, UTF-16 units; one more entry than tokens. */
export function textOffsets(texts: readonly (string | null)[]): readonly number[] {
  const offsets = [0];
  let offset = 0;
  for (const text of texts) offsets.push((offset += text?.length ?? 0));
  return offsets;
}

class EncodedTexts {
  readonly blocks = new Map<string, (string | null)[]>();
  #views: Views;
  #pending: Readonly<Record<StreamName, Pending | null>> = { thinker: null, writer: null };

  constructor(views: Views) {
    this.#views = views;
  }

  row(row: TraceRow, text: string | null): void {
    this.#encode(row.stream, row.lengths, [row.input]);
    this.#setPending(row.stream, { id: row.token, text });
  }

  /** Of the other kinds none changes what the streams' blocks hold, but for 'rewind', which the next row tells. */
  event(event: TraceEventResult): void {
    const { kind, stream } = event;
    if (kind === 'start_thinker') {
      this.#restart('thinker');
      this.#restart('writer');
    } else if (kind === 'start_writer') {
      this.#restart('writer');
    } else if (kind === 'next_turn') {
      this.#views = event.views ?? this.#views;
      this.#pending = { thinker: null, writer: null };
    } else if ((kind === 'inject' || kind === 'wake') && stream !== undefined) {
      this.#encode(stream, event.lengths, event.encoded ?? []);
      // A token that was chosen here has its text in the step's piece, together with the row's.
      this.#setPending(stream, event.token === undefined ? null : { id: event.token, text: null });
    }
  }

  /** @param ids  the last tokens of the view; of those only the first can have been pending */
  #encode(stream: StreamName, lengths: readonly number[], ids: readonly number[]): void {
    const texts = this.#blockOf(stream);
    const pending = this.#pending[stream];
    const first = (lengths.at(-1) ?? 0) - ids.length;
    ids.forEach((id, offset) => {
      const index = first + offset;
      if (index < texts.length) {
        texts.length = index + 1;
        return;
      }
      while (texts.length < index) texts.push(null);
      texts.push(offset === 0 && pending?.id === id ? pending.text : null);
    });
  }

  #setPending(stream: StreamName, pending: Pending | null): void {
    this.#pending = { ...this.#pending, [stream]: pending };
  }

  #restart(stream: StreamName): void {
    this.#blockOf(stream).length = 0;
    this.#setPending(stream, null);
  }

  #blockOf(stream: StreamName): (string | null)[] {
    const name = this.#views[stream]?.at(-1) ?? '';
    const found = this.blocks.get(name);
    if (found !== undefined) return found;
    const texts: (string | null)[] = [];
    this.blocks.set(name, texts);
    return texts;
  }
}
