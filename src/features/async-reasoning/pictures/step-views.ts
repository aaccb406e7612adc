/** What each stream and the probe saw in a step. */
import { assertNever } from '@/lib/assert.ts';
import type { StreamName, TraceStep } from '@/protocol/reasoning.ts';
import type { ReasoningView } from '@/state/reasoning-view.ts';
import { newestTurn, roleOfBlock, type BlockRole } from '@/state/block-role.ts';
import { ROLES } from './block-roles.ts';

export type ViewName = StreamName | 'probe';

export interface SeenBlock {
  readonly name: string;
  readonly role: BlockRole;
  readonly length: number;
  /** How far the newest token of the view stands behind the block's first one; of a probe, its first token. */
  readonly rotaryOffset: number;
}

type Recorded = Pick<ReasoningView, 'setup' | 'traceSteps' | 'turnSteps'>;

/** Names of the blocks in each view, in a step. */
export function viewNamesAt(
  { setup, traceSteps, turnSteps }: Recorded,
  step: number,
): Readonly<Record<string, readonly string[]>> {
  for (const turnStep of turnSteps.filter((begun) => begun <= step).toReversed()) {
    const views = traceSteps[turnStep]?.events?.findLast((event) => event.views !== undefined)?.views;
    if (views !== undefined) return views;
  }
  return setup?.views ?? {};
}

/** The blocks of a view in their order; null where it had no part in the step, or only its sizes are known. */
export function seenIn(run: Recorded, step: number, view: ViewName): readonly SeenBlock[] | null {
  const record = recordOf(run.traceSteps[step], view);
  if (record === undefined || record.lengths.length === 0) return null;
  const names = viewNamesAt(run, step)[view] ?? [];
  const turn = newestTurn(names);
  return record.lengths.map((length, index) => {
    const name = names[index] ?? `block ${index + 1}`;
    return { name, role: roleOfBlock(name, turn), length, rotaryOffset: record.loc[index] ?? 0 };
  });
}

/** @returns such as 'earlier turns 40 at 90, prompt 3 at 50, input 6 at 47': a block's length and rotary offset */
export function seenText(blocks: readonly SeenBlock[]): string {
  const earlier = blocks.filter(({ role }) => role === 'earlier');
  const own = blocks.filter(({ role, length }) => role !== 'earlier' && length > 0);
  const parts = own.map(({ role, length, rotaryOffset }) => `${ROLES[role].label} ${length} at ${rotaryOffset}`);
  const first = earlier[0];
  if (first !== undefined) {
    const length = earlier.reduce((sum, block) => sum + block.length, 0);
    parts.unshift(`${ROLES.earlier.label} ${length} at ${first.rotaryOffset}`);
  }
  return parts.join(', ');
}

function recordOf(
  step: TraceStep | undefined,
  view: ViewName,
): { readonly lengths: readonly number[]; readonly loc: readonly number[] } | undefined {
  switch (view) {
    case 'thinker':
    case 'writer':
      return step?.rows.find(({ stream }) => stream === view);
    case 'probe':
      return step?.probe;
    default:
      return assertNever(view);
  }
}
