import type { BlockOfView, ReasoningView } from '@/state/reasoning-view.ts';
import type { Actor } from '@/ui/actor.tsx';
import type { StripBlock, StripRow } from '@/ui/block-strip.tsx';

/** Blocks of design B as the page names them. Names of a trace are snake case. */
const KNOWN_BLOCKS: readonly { readonly name: string; readonly label: string; readonly actor: Actor }[] = [
  { name: 'input_prompt', label: 'prompt', actor: 'probe' },
  { name: 'input_block', label: 'input', actor: 'user' },
  { name: 'thinker_output', label: 'thoughts', actor: 'thinker' },
  { name: 'writer_output', label: 'answer', actor: 'writer' },
];

interface Strip {
  readonly blocks: readonly StripBlock[];
  readonly rows: readonly StripRow[];
}

/** The blocks of both streams side by side. Places stay the same before and during a run. */
export function blocksOfViews(views: ReasoningView['views']): Strip {
  const seen = [...views.thinker, ...views.writer];
  const known = KNOWN_BLOCKS.map(({ name }) => name);
  const others = [...new Set(seen.map(({ name }) => name).filter((name) => !known.includes(name)))];
  const names = [...known, ...others];
  return {
    blocks: names.map((name) => ({
      name: KNOWN_BLOCKS.find((block) => block.name === name)?.label ?? name,
      actor: KNOWN_BLOCKS.find((block) => block.name === name)?.actor ?? 'probe',
      length: Math.max(0, ...seen.filter((block) => block.name === name).map(({ length }) => length)),
    })),
    rows: [
      { name: 'Thinker sees at', actor: 'thinker', rotaryOffsets: offsetsOf(names, views.thinker) },
      { name: 'Writer sees at', actor: 'writer', rotaryOffsets: offsetsOf(names, views.writer) },
    ],
  };
}

function offsetsOf(names: readonly string[], view: readonly BlockOfView[]): readonly (number | null)[] {
  return names.map((name) => view.find((block) => block.name === name)?.rotaryOffset ?? null);
}
