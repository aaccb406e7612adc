import { parseBlockName, roleOfBlock, newestTurn } from '@/state/block-role.ts';

/** A block as the page calls it: thoughts; answer, turn 1. */
export function blockLabel(name: string, view: readonly string[]): string {
  const { turn } = parseBlockName(name);
  const role = roleOfBlock(name, turn);
  const known = role === 'links' ? 'linking text' : role;
  const label = name.startsWith('block ') ? name : known;
  return turn < newestTurn(view) ? `${label}, turn ${turn + 1}` : label;
}
