/** What the blocks of both designs are for, by their names in a trace. */
import type { Actor } from '@/ui/actor.tsx';

export type BlockRole = 'earlier' | 'prompt' | 'input' | 'links' | 'thoughts' | 'answer' | 'probe';

interface RoleTexts {
  readonly label: string;
  readonly actor: Actor;
}

export const ROLES: Readonly<Record<BlockRole, RoleTexts>> = {
  earlier: { label: 'earlier turns', actor: 'probe' },
  prompt: { label: 'prompt', actor: 'probe' },
  input: { label: 'input', actor: 'user' },
  links: { label: 'links', actor: 'probe' },
  thoughts: { label: 'thoughts', actor: 'thinker' },
  answer: { label: 'answer', actor: 'writer' },
  probe: { label: 'probe', actor: 'probe' },
};

interface BlockTexts {
  readonly role: BlockRole;
  /** Where the role alone would not tell two blocks apart: T and W are the thinker's and the writer's. */
  readonly label: string;
}

/** By names without the turn. */
const BLOCKS: Readonly<Record<string, BlockTexts>> = {
  input_prompt: { role: 'prompt', label: 'prompt' },
  writer_prompt: { role: 'prompt', label: 'prompt W' },
  thinker_prompt: { role: 'prompt', label: 'prompt T' },
  input_block: { role: 'input', label: 'input' },
  writer_input: { role: 'input', label: 'input W' },
  thinker_input: { role: 'input', label: 'input T' },
  thinker_turn: { role: 'links', label: 'close T' },
  writer_split: { role: 'links', label: 'link W' },
  thinker_split: { role: 'links', label: 'link T' },
  thinker_output: { role: 'thoughts', label: 'thoughts' },
  writer_output: { role: 'answer', label: 'answer' },
  mode_switching_prompt: { role: 'probe', label: 'probe prompt' },
  question: { role: 'probe', label: 'yes or no?' },
};

/** A block's name and the turn that it belongs to: `writer_output@1` is the answer of the second turn. */
export function parseBlockName(name: string): { readonly base: string; readonly turn: number } {
  const [base = name, turn = '0'] = name.split('@');
  return { base, turn: Number(turn) };
}

/** Of the newest turn among the names; blocks without turns, such as the probe's question, count as no turn. */
export function newestTurn(names: readonly string[]): number {
  return names.reduce((turn, name) => Math.max(turn, parseBlockName(name).turn), 0);
}

/** @param turn  the one that is shown; blocks of a turn before it are 'earlier' */
export function roleOfBlock(name: string, turn: number): BlockRole {
  const parsed = parseBlockName(name);
  const role = BLOCKS[parsed.base]?.role ?? 'links';
  return role !== 'probe' && parsed.turn < turn ? 'earlier' : role;
}

/** What a block is called on the page, whatever its turn. */
export function labelOfBlock(name: string): string {
  const { base } = parseBlockName(name);
  return BLOCKS[base]?.label ?? base;
}
