/** How the page calls and colours the blocks of both designs. */
import { parseBlockName, type BlockRole } from '@/state/block-role.ts';
import type { Actor } from '@/ui/actor.tsx';

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

/** By names without the turn. Where the role would not tell two blocks apart, T and W are the thinker's and the writer's. */
const LABELS: Readonly<Record<string, string>> = {
  input_prompt: 'prompt',
  writer_prompt: 'prompt W',
  thinker_prompt: 'prompt T',
  input_block: 'input',
  writer_input: 'input W',
  thinker_input: 'input T',
  thinker_turn: 'close T',
  writer_split: 'link W',
  thinker_split: 'link T',
  thinker_output: 'thoughts',
  writer_output: 'answer',
  mode_switching_prompt: 'probe prompt',
  question: 'yes or no?',
};

/** What a block is called on the page, whatever its turn. */
export function labelOfBlock(name: string): string {
  const { base } = parseBlockName(name);
  return LABELS[base] ?? base;
}
