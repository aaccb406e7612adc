/** Blocks and views of the two designs. */
import type { StreamName } from '@/protocol/reasoning.ts';

export const STREAMS = ['thinker', 'writer'] as const satisfies readonly StreamName[];

export interface BlockLayout {
  readonly rowOrder: readonly StreamName[];
  readonly blocks: readonly string[];
  /** View name -> block names; the last block is written. */
  readonly views: Readonly<Record<string, readonly string[]>>;
}

/**
 * Design A: separate prompts, each stream sees the other's output in front of its own, linked by fixed text.
 * The `dummy_*` blocks stand in for the other stream while the prompts are filled.
 */
export function designALayout(): BlockLayout {
  const thinker = ['thinker_prompt', 'writer_output', 'thinker_split', 'thinker_output'];
  return {
    rowOrder: ['writer', 'thinker'],
    blocks: [
      'writer_prompt',
      'thinker_prompt',
      'dummy_thinker',
      'dummy_writer',
      'writer_split',
      'thinker_split',
      'writer_output',
      'thinker_output',
      'question',
    ],
    views: {
      writer: ['writer_prompt', 'thinker_output', 'writer_split', 'writer_output'],
      thinker,
      probe: [...thinker, 'question'],
    },
  };
}

/**
 * Design B: one prompt; the writer sees the thinker and not the reverse; the probe reads both streams behind a prompt of
 * its own.
 *
 * @param options.withInput  a growing block of user text right behind the prompt
 */
export function designBLayout(options: { readonly withInput: boolean }): BlockLayout {
  const prompt = options.withInput ? ['input_prompt', 'input_block'] : ['input_prompt'];
  return {
    rowOrder: ['thinker', 'writer'],
    blocks: [...prompt, 'thinker_output', 'writer_output', 'mode_switching_prompt', 'question'],
    views: {
      thinker: [...prompt, 'thinker_output'],
      writer: [...prompt, 'thinker_output', 'writer_output'],
      probe: ['mode_switching_prompt', 'thinker_output', 'writer_output', 'question'],
      ...(options.withInput && { input: prompt }),
    },
  };
}
