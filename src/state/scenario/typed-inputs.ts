/** What was typed in a run, at the steps at which it was read, out of the run's own events. */
import { groupBy } from '@/lib/group-by.ts';
import type { Recording } from '@/protocol/recording.ts';
import type { TraceInputEvent } from '@/protocol/reasoning.ts';

export interface TypedDraft {
  readonly step: number;
  readonly text: string;
  readonly sent: boolean;
  readonly settled?: boolean;
}

export interface TypedRemark {
  readonly step: number;
  readonly text: string;
}

type InputEvent = Extract<TraceInputEvent, { readonly kind: 'append_input' | 'edit_input' }>;

/** What can be typed again: everything else was decided outside, such as by a voice or by settings that changed. */
const TYPED_KINDS: ReadonlySet<TraceInputEvent['kind']> = new Set([
  'append_input',
  'edit_input',
  'start_thinker',
  'start_writer',
  'fill',
  'rewind',
  'inject',
  'wake',
  'next_turn',
]);

/** Whether drafts and remarks at steps say all that happened to the run. */
export function isTypedRun({ setup, recording }: Recording): boolean {
  if (recording.settings.writeBeforeSend === true) return false;
  return setup.events.every((event) => TYPED_KINDS.has(event.kind) || isProbingOnly(event));
}

function isProbingOnly(event: TraceInputEvent): boolean {
  return event.kind === 'set_params' && Object.keys(event).every((key) => ['step', 'kind', 'probing'].includes(key));
}

/**
 * The drafts as they were read: what was held back then is not in them, so they are settled.
 *
 * @param detokenize  text of ids of the input
 */
export async function typedDrafts(
  { setup, recording }: Recording,
  detokenize: (ids: readonly number[]) => Promise<string>,
): Promise<TypedDraft[]> {
  const emptied = new Set(
    recording.events.flatMap((event) => (event.kind === 'draftRead' && event.draftTokens === 0 ? [event.step] : [])),
  );
  const drafts: TypedDraft[] = [];
  let ids: readonly number[] = [];
  let isSent = false;
  for (const [step, events] of groupBy(setup.events, (event) => event.step)) {
    if (events.some(({ kind }) => kind === 'next_turn')) {
      ids = [];
      isSent = false;
    }
    const inputs = events.filter(isInput);
    // Behind Enter the input grows by remarks.
    if (inputs.length === 0 || isSent) continue;
    // The thoughts begin anew when nothing is left of the text, even for a moment.
    if (ids.length > 0 && emptied.has(step)) drafts.push({ step, text: '', sent: false });
    ids = inputs.filter(({ view }) => view === inputs[0]?.view).reduce(withInput, ids);
    const text = await detokenize(ids);
    isSent = text.endsWith('\n');
    drafts.push(isSent ? { step, text: text.slice(0, -1), sent: true } : { step, text, sent: false, settled: true });
  }
  return drafts;
}

export function typedRemarks({ recording }: Recording): TypedRemark[] {
  return recording.events.flatMap((event) =>
    event.kind === 'remarkRead' ? [{ step: event.step, text: event.text }] : [],
  );
}

function isInput(event: TraceInputEvent): event is InputEvent {
  return event.kind === 'append_input' || event.kind === 'edit_input';
}

function withInput(ids: readonly number[], event: InputEvent): readonly number[] {
  const kept = event.kind === 'edit_input' ? ids.slice(0, event.keep) : ids;
  return [...kept, ...event.ids];
}
