/** What the blocks of both designs are for, by their names in a trace. */
export type BlockRole = 'earlier' | 'prompt' | 'input' | 'links' | 'thoughts' | 'answer' | 'probe';

/** By names without the turn. */
const ROLE_OF_BLOCK: Readonly<Record<string, BlockRole>> = {
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
  mode_switching_prompt: 'probe',
  question: 'probe',
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
  const role = ROLE_OF_BLOCK[parsed.base] ?? 'links';
  return role !== 'probe' && parsed.turn < turn ? 'earlier' : role;
}
