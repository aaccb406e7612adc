import type { BlockOfView, ReasoningView } from '@/state/reasoning-view.ts';
import type { Actor } from '@/ui/actor.tsx';
import type { StripBlock, StripRow } from '@/ui/block-strip.tsx';

type Role = 'earlier' | 'prompt' | 'input' | 'links' | 'thoughts' | 'answer';

interface RoleTexts {
  readonly label: string;
  readonly actor: Actor;
}

/** What a block is for, in the order of the strip. */
const ROLES: Readonly<Record<Role, RoleTexts>> = {
  earlier: { label: 'earlier turns', actor: 'probe' },
  prompt: { label: 'prompt', actor: 'probe' },
  input: { label: 'input', actor: 'user' },
  links: { label: 'links', actor: 'probe' },
  thoughts: { label: 'thoughts', actor: 'thinker' },
  answer: { label: 'answer', actor: 'writer' },
};

const ALWAYS_SHOWN: readonly Role[] = ['prompt', 'input', 'thoughts', 'answer'];

/** Names of both designs as they stand in a trace, without the turn. */
const ROLE_OF_BLOCK: Readonly<Record<string, Role>> = {
  input_prompt: 'prompt',
  writer_prompt: 'prompt',
  thinker_prompt: 'prompt',
  input_block: 'input',
  writer_input: 'input',
  thinker_input: 'input',
  thinker_turn: 'links',
  writer_split: 'links',
  thinker_split: 'links',
  thinker_output: 'thoughts',
  writer_output: 'answer',
};

interface Strip {
  readonly blocks: readonly StripBlock[];
  readonly rows: readonly StripRow[];
}

/** A block's name and the turn that it belongs to: `writer_output@1` is the answer of the second turn. */
function parseName(name: string): { readonly base: string; readonly turn: number } {
  const [base = name, turn = '0'] = name.split('@');
  return { base, turn: Number(turn) };
}

/**
 * The blocks of both streams side by side, one column for each purpose; those of earlier turns are one column. Places
 * stay the same before and during a run.
 */
export function blocksOfViews(views: ReasoningView['views']): Strip {
  const all = [...views.thinker, ...views.writer];
  const turn = Math.max(0, ...all.map(({ name }) => parseName(name).turn));
  const roleOf = ({ name }: BlockOfView): Role => {
    const parsed = parseName(name);
    return parsed.turn < turn ? 'earlier' : (ROLE_OF_BLOCK[parsed.base] ?? 'links');
  };
  const seen = new Set<Role>([...ALWAYS_SHOWN, ...all.map(roleOf)]);
  const roles = (Object.keys(ROLES) as Role[]).filter((role) => seen.has(role));
  return {
    blocks: roles.map((role) => ({
      name: ROLES[role].label,
      actor: ROLES[role].actor,
      length: lengthOf(all.filter((block) => roleOf(block) === role)),
    })),
    rows: [
      { name: 'Thinker sees at', actor: 'thinker', rotaryOffsets: offsetsOf(roles, roleOf, views.thinker) },
      { name: 'Writer sees at', actor: 'writer', rotaryOffsets: offsetsOf(roles, roleOf, views.writer) },
    ],
  };
}

/** A block that both streams see counts once, as long as the newer view knew it. */
function lengthOf(blocks: readonly BlockOfView[]): number {
  const lengths = new Map<string, number>();
  for (const { name, length } of blocks) lengths.set(name, Math.max(length, lengths.get(name) ?? 0));
  return [...lengths.values()].reduce((sum, length) => sum + length, 0);
}

/** Of earlier turns only how far their beginning is. */
function offsetsOf(
  roles: readonly Role[],
  roleOf: (block: BlockOfView) => Role,
  view: readonly BlockOfView[],
): readonly (readonly number[])[] {
  return roles.map((role) => {
    const offsets = view.filter((block) => roleOf(block) === role).map(({ rotaryOffset }) => rotaryOffset);
    return role === 'earlier' ? offsets.slice(0, 1) : offsets;
  });
}
