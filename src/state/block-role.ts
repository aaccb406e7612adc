/** What a block is for, from its name in a trace. */
export type BlockRole = 'earlier' | 'prompt' | 'input' | 'links' | 'thoughts' | 'answer';

/** Names of both designs, without the turn. */
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
};

/** A block's name and the turn that it belongs to: `writer_output@1` is the answer of the second turn. */
export function parseBlockName(name: string): { readonly base: string; readonly turn: number } {
  const [base = name, turn = '0'] = name.split('@');
  return { base, turn: Number(turn) };
}

/** The newest turn among blocks of a view. */
export function turnOfView(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => parseBlockName(name).turn));
}

/** @param turn  the present one; blocks of those before it are history */
export function roleOfBlock(name: string, turn: number): BlockRole {
  const parsed = parseBlockName(name);
  return parsed.turn < turn ? 'earlier' : (ROLE_OF_BLOCK[parsed.base] ?? 'links');
}
