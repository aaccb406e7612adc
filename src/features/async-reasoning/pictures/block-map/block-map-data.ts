/** What the block map draws: the blocks of the cache and each view of them, as they stood in a step. */
import type { TraceStep } from '@/protocol/reasoning.ts';
import type { ReasoningView } from '@/state/reasoning-view.ts';
import { newestTurn, roleOfBlock, type BlockRole } from '@/state/block-role.ts';
import { labelOfBlock, ROLES } from '../block-roles.ts';
import { seenIn, type SeenBlock, type ViewName } from '../step-views.ts';
import { changedSpans, olderTokens, type TokenSpan } from './stale-tokens.ts';

export type MappedRun = Pick<ReasoningView, 'setup' | 'steps' | 'traceSteps' | 'turnSteps' | 'staleRanges'>;

export interface CacheBlock {
  readonly name: string;
  readonly role: BlockRole;
  readonly label: string;
  /** Tokens. */
  readonly length: number;
  /** Against the step before; null for a block that nothing was known of then. */
  readonly change: number | null;
  /** Tokens at its beginning that were encoded when what stands in front of them was another. */
  readonly older: number;
  /** Tokens that were formed on text since changed. */
  readonly changed: readonly TokenSpan[];
  /** Lengths of the blocks that are drawn as one; only of earlier turns. */
  readonly parts: readonly number[];
}

export interface ViewBlock {
  readonly name: string;
  readonly role: BlockRole;
  readonly label: string;
  readonly length: number;
  readonly rotaryOffset: number;
  /** Of the rotary offset, against the view's forward before; null without one. */
  readonly change: number | null;
}

export interface ViewRow {
  readonly view: ViewName;
  /** The step of its newest forward. */
  readonly step: number;
  readonly blocks: readonly ViewBlock[];
}

export interface BlockMapData {
  readonly step: number;
  readonly cache: readonly CacheBlock[];
  readonly rows: readonly ViewRow[];
}

const VIEWS: readonly ViewName[] = ['thinker', 'writer', 'probe'];
const ROLE_ORDER = Object.keys(ROLES) as BlockRole[];

/** Before the first step there is nothing. */
export function blockMapAt(run: MappedRun, step: number): BlockMapData {
  if (run.traceSteps[step] === undefined) return { step, cache: [], rows: [] };
  const forwards = VIEWS.flatMap((view) => newestForward(run, step, view) ?? []);
  const rows = forwards.map((forward) => viewRow(run, forward));
  return { step, cache: cacheOf(run, step, forwards), rows };
}

interface Forward {
  readonly view: ViewName;
  readonly step: number;
  readonly blocks: readonly SeenBlock[];
}

/** Of the turn of the step. */
function newestForward(run: MappedRun, step: number, view: ViewName): Forward | null {
  const first = run.turnSteps.findLast((begun) => begun <= step) ?? 0;
  for (let index = step; index >= first; index--) {
    const blocks = seenIn(run, index, view);
    if (blocks !== null) return { view, step: index, blocks };
  }
  return null;
}

function viewRow(run: MappedRun, { view, step, blocks }: Forward): ViewRow {
  const before = new Map(newestForward(run, step - 1, view)?.blocks.map((block) => [block.name, block.rotaryOffset]));
  const drawn = joined(blocks).map(({ block, length }) => {
    const { name, role, rotaryOffset } = block;
    const was = before.get(name);
    return {
      name,
      role,
      label: labelOf(block),
      length,
      rotaryOffset,
      change: was === undefined ? null : rotaryOffset - was,
    };
  });
  return { view, step, blocks: drawn };
}

/** Blocks of earlier turns stand side by side in every view, and are drawn as one. */
function joined<Item extends { readonly role: BlockRole; readonly length: number }>(
  blocks: readonly Item[],
): readonly { readonly block: Item; readonly length: number; readonly parts: readonly number[] }[] {
  const earlier = blocks.filter(({ role, length }) => role === 'earlier' && length > 0);
  const own = blocks.filter(({ role }) => role !== 'earlier');
  const parts = earlier.map(({ length }) => length);
  const all = own.map((block) => ({ block, length: block.length, parts: [block.length] }));
  const head = earlier[0];
  const length = parts.reduce((sum, part) => sum + part, 0);
  return head === undefined ? all : [{ block: head, length, parts }, ...all];
}

function labelOf({ name, role }: { readonly name: string; readonly role: BlockRole }): string {
  return role === 'earlier' ? ROLES.earlier.label : labelOfBlock(name);
}

function cacheOf(run: MappedRun, step: number, forwards: readonly Forward[]): readonly CacheBlock[] {
  const lengths = lengthsOf(forwards);
  const names = [...lengths.keys()];
  const turn = newestTurn(names);
  const hasBefore = step > 0 && run.turnSteps.every((begun) => begun !== step);
  const before = hasBefore ? lengthsOf(VIEWS.flatMap((view) => newestForward(run, step - 1, view) ?? [])) : new Map();
  const blocks = names
    .map((name) => ({ name, role: roleOfBlock(name, turn), length: lengths.get(name) ?? 0 }))
    .toSorted((a, b) => ROLE_ORDER.indexOf(a.role) - ROLE_ORDER.indexOf(b.role));
  return joined(blocks).map(({ block, length, parts }) => {
    const was: number | undefined = block.role === 'earlier' ? length : before.get(block.name);
    return {
      name: block.name,
      role: block.role,
      label: labelOf(block),
      length,
      change: was === undefined ? null : length - was,
      ...staleIn(run, step, block.role, length),
      parts,
    };
  });
}

/** Of views that knew a block at different times, the newest says how long it is. */
function lengthsOf(forwards: readonly Forward[]): Map<string, number> {
  const lengths = new Map<string, number>();
  for (const { blocks } of forwards.toSorted((a, b) => a.step - b.step)) {
    for (const { name, length } of blocks) lengths.set(name, length);
  }
  return lengths;
}

function staleIn(run: MappedRun, step: number, role: BlockRole, length: number): Pick<CacheBlock, 'older' | 'changed'> {
  if (role !== 'thoughts' && role !== 'answer') return { older: 0, changed: [] };
  const stream = role === 'thoughts' ? 'thinker' : 'writer';
  const first = run.turnSteps.findLast((begun) => begun <= step) ?? 0;
  const steps: readonly TraceStep[] = run.traceSteps;
  return {
    older: Math.min(length, olderTokens(steps, stream, first, step)),
    changed: role === 'thoughts' ? changedSpans(run, first, step) : [],
  };
}
