/** Blocks and views of the two designs. */
import type { StreamName, TraceSetup } from '@/protocol/reasoning.ts';

export const STREAMS = ['thinker', 'writer'] as const satisfies readonly StreamName[];

/** View name -> block names; the last block is written. */
export type Views = Readonly<Record<string, readonly string[]>>;

export interface BlockLayout {
  readonly rowOrder: readonly StreamName[];
  readonly blocks: readonly string[];
  readonly views: Views;
}

interface LayoutOptions {
  /** Whether the question is a growing block of its own behind the prompt. */
  readonly withInput: boolean;
}

/**
 * Design A: separate prompts, each stream sees the other's output in front of its own, linked by fixed text.
 * The `dummy_*` blocks stand in for the other stream while the prompts are filled. With input each prompt has an input
 * block of its own, since what comes before it differs, and `thinker_turn` closes the thinker's user turn behind it.
 */
export function designALayout({ withInput }: LayoutOptions = { withInput: false }): BlockLayout {
  return {
    rowOrder: ['writer', 'thinker'],
    blocks: [
      'writer_prompt',
      'thinker_prompt',
      ...(withInput ? ['writer_input', 'thinker_input', 'thinker_turn'] : []),
      'dummy_thinker',
      'dummy_writer',
      'writer_split',
      'thinker_split',
      'writer_output',
      'thinker_output',
      'question',
    ],
    views: designAViews(withInput),
  };
}

function designAViews(withInput: boolean): Views {
  const asked = withInput ? ['thinker_input', 'thinker_turn'] : [];
  const thinker = ['thinker_prompt', ...asked, 'writer_output', 'thinker_split', 'thinker_output'];
  return {
    writer: [
      'writer_prompt',
      ...(withInput ? ['writer_input'] : []),
      'thinker_output',
      'writer_split',
      'writer_output',
    ],
    thinker,
    probe: [...thinker, 'question'],
    ...(withInput && {
      input: ['writer_prompt', 'writer_input'],
      thinker_input: ['thinker_prompt', 'thinker_input'],
    }),
  };
}

/**
 * Design B: one prompt; the writer sees the thinker and not the reverse; the probe reads both streams behind a prompt of
 * its own.
 *
 * @param options.withInput  a growing block of user text right behind the prompt
 */
export function designBLayout({ withInput }: LayoutOptions): BlockLayout {
  const prompt = withInput ? ['input_prompt', 'input_block'] : ['input_prompt'];
  return {
    rowOrder: ['thinker', 'writer'],
    blocks: [...prompt, 'thinker_output', 'writer_output', 'mode_switching_prompt', 'question'],
    views: {
      thinker: [...prompt, 'thinker_output'],
      writer: [...prompt, 'thinker_output', 'writer_output'],
      probe: ['mode_switching_prompt', 'thinker_output', 'writer_output', 'question'],
      ...(withInput && { input: prompt }),
    },
  };
}

/** Names of the views that hold the user's text, one or two. */
export function inputViewsOf(views: Views): string[] {
  return ['input', 'thinker_input'].filter((name) => views[name] !== undefined);
}

/** Blocks that every turn has anew; the others are filled again or shared. */
const TURN_BLOCKS = new Set([
  'input_prompt',
  'input_block',
  'writer_prompt',
  'writer_input',
  'thinker_prompt',
  'thinker_input',
  'thinker_turn',
  'writer_split',
  'thinker_split',
  'writer_output',
  'thinker_output',
]);

/** Name of a block in a turn; turns count from 0. */
export function turnName(block: string, turn: number): string {
  return turn > 0 && TURN_BLOCKS.has(block) ? `${block}@${turn}` : block;
}

/** Name of a turn's block in the first turn. */
export function turnlessName(block: string): string {
  return block.replace(/@\d+$/u, '');
}

export interface TurnLayout {
  readonly newBlocks: readonly string[];
  readonly views: Views;
  /** Views of block names in which the opening of the turn is encoded, each at the end of its history. */
  readonly openings: readonly (readonly string[])[];
}

/**
 * The views of the next turn: what a stream saw stands in front as its history.
 *
 * @param views         of the turn that has ended, with input blocks
 * @param turn          the new turn, >= 1
 * @param keepThoughts  whether the thinker's linking text and thoughts stay in the thinker's history of design A, where
 *                      they stand behind the answer; in both designs the writer's history keeps the block of thoughts
 */
export function turnLayout(
  design: TraceSetup['design'],
  views: Views,
  turn: number,
  keepThoughts: boolean,
): TurnLayout {
  const base = design === 'A' ? designAViews(true) : designBLayout({ withInput: true }).views;
  const renamed = (name: string): string[] => (base[name] ?? []).map((block) => turnName(block, turn));
  const writer = views['writer'] ?? [];
  const thinker = design === 'B' ? writer : thinkerHistoryOfA(views['thinker'] ?? [], keepThoughts);
  const next: Views = {
    writer: [...writer, ...renamed('writer')],
    thinker: [...thinker, ...renamed('thinker')],
    probe: design === 'A' ? [...thinker, ...renamed('probe')] : renamed('probe'),
    input: [...writer, ...renamed('input')],
    ...(base['thinker_input'] && { thinker_input: [...thinker, ...renamed('thinker_input')] }),
  };
  const newBlocks = new Set(
    Object.keys(next)
      .flatMap(renamed)
      .filter((block) => block.endsWith(`@${turn}`)),
  );
  return {
    newBlocks: [...newBlocks],
    views: next,
    openings: inputViewsOf(next).map((name) => (next[name] ?? []).slice(0, -1)),
  };
}

/** The thinker of design A writes behind the answer: without its thoughts the history ends with the answer. */
function thinkerHistoryOfA(view: readonly string[], keepThoughts: boolean): readonly string[] {
  return keepThoughts ? view : view.slice(0, -2);
}
