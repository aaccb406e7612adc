import type { Dilemma } from '@/protocol/negotiation.ts';
import { readDilemmas } from '@/protocol/negotiation/material-jsonl.ts';
import { MAX_OWN_ITEMS } from '@/state/material-lists.ts';

/** Generated dilemmas as they join the list: with free ids, and held out where they are close to a held-out one. */
export function acceptedItems(
  dilemmas: readonly Dilemma[],
  existing: readonly Dilemma[],
): { readonly items: readonly Dilemma[]; readonly numLeftOut: number } {
  const taken = new Set(existing.map(({ id }) => id));
  const lines = dilemmas.map(({ id, ...text }) => JSON.stringify(taken.has(id) ? text : { ...text, id }));
  const { items } = lines.length === 0 ? { items: [] } : readDilemmas(lines.join('\n'), existing);
  const room = MAX_OWN_ITEMS - existing.filter(({ origin }) => origin !== 'ours').length;
  const added = items.slice(0, room);
  return { items: added, numLeftOut: dilemmas.length - added.length };
}
