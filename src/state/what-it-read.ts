/** Selections for the picture of what the answer read. Pure; everything comes from the rows of the trace. */
import type { TraceAttention } from '@/protocol/attention.ts';
import type { TraceRow } from '@/protocol/reasoning.ts';
import { roleOfBlock, newestTurn } from './block-role.ts';
import { blockTextsAt, textOffsets, viewNamesByStep, type BlockTexts, type ToldRun } from './block-texts.ts';

export const READ_ROLES = ['earlier', 'prompt', 'input', 'thoughts', 'answer'] as const;
export type ReadRole = (typeof READ_ROLES)[number];

export type ReadRow = TraceRow & { readonly attention: TraceAttention };

/** A writer token, and what was read to choose it. */
export interface ReadToken {
  /** Its step's number, which is its index in `traceSteps`. */
  readonly step: number;
  /** The text that was chosen. */
  readonly text: string;
  /** Names of the row's blocks, in the order of the view. */
  readonly view: readonly string[];
  readonly row: ReadRow;
}

function hasAttention(row: TraceRow): row is ReadRow {
  return row.attention !== undefined;
}

/** Writer tokens with attention, in the order in which they were made. */
export function readTokensOf(run: ToldRun): readonly ReadToken[] {
  const views = viewNamesByStep(run);
  return run.traceSteps.flatMap(({ rows }, step) => {
    const row = rows.find(({ stream }) => stream === 'writer');
    if (row === undefined || !hasAttention(row)) return [];
    return [{ step, text: run.steps[step]?.writer ?? '', view: views[step]?.['writer'] ?? [], row }];
  });
}

/** Name of a view's block; those of a run without names are counted. */
export function blockNameOf({ view }: Pick<ReadToken, 'view'>, block: number): string {
  return view[block] ?? `block ${block + 1}`;
}

/** Thousands of tokens share a view, whose names are parsed once. */
const rolesOfView = new WeakMap<readonly string[], readonly ReadRole[]>();

function readRoleOf({ view }: ReadToken, block: number): ReadRole {
  const known = rolesOfView.get(view) ?? view.map((name) => readRole(name, newestTurn(view)));
  rolesOfView.set(view, known);
  return known[block] ?? 'prompt';
}

function readRole(name: string, turn: number): ReadRole {
  const role = roleOfBlock(name, turn);
  // Linking text of design A is as fixed as the prompt; the writer never reads the probe's blocks.
  return role === 'links' || role === 'probe' ? 'prompt' : role;
}

/** @param layer  null: mean over the layers. @returns [blocks], adds up to 1 but for rounding */
export function massOfBlocks({ mass }: TraceAttention, layer: number | null): readonly number[] {
  if (layer !== null) return mass[layer] ?? [];
  const [first = []] = mass;
  return first.map((_, block) => mass.reduce((sum, blocks) => sum + (blocks[block] ?? 0), 0) / mass.length);
}

export type RoleShares = Readonly<Record<ReadRole, number>>;

const NO_SHARES: RoleShares = { earlier: 0, prompt: 0, input: 0, thoughts: 0, answer: 0 };

/** A row never changes, and thousands of them are asked for in every frame of a run. */
const meanShares = new WeakMap<ReadRow, RoleShares>();

/** Mass by what the blocks are for. @param layer  null: mean over the layers */
export function sharesOf(token: ReadToken, layer: number | null): RoleShares {
  const known = layer === null ? meanShares.get(token.row) : undefined;
  if (known !== undefined) return known;
  const shares: Record<ReadRole, number> = { ...NO_SHARES };
  massOfBlocks(token.row.attention, layer).forEach((mass, block) => {
    shares[readRoleOf(token, block)] += mass;
  });
  if (layer === null) meanShares.set(token.row, shares);
  return shares;
}

/** Neighbouring writer tokens drawn as one. */
export interface ReadColumn {
  /** Indices into the tokens, both ends included. */
  readonly first: number;
  readonly last: number;
  /** Averaged over the column's tokens. */
  readonly shares: RoleShares;
}

/** At most `maxColumns` columns of equal width; the last one may be narrower. */
export function columnsOf(
  tokens: readonly ReadToken[],
  layer: number | null,
  maxColumns: number,
): readonly ReadColumn[] {
  const width = Math.max(1, Math.ceil(tokens.length / maxColumns));
  return Array.from({ length: Math.ceil(tokens.length / width) }, (_, column) => {
    const first = column * width;
    const part = tokens.slice(first, first + width);
    return { first, last: first + part.length - 1, shares: meanOf(part.map((token) => sharesOf(token, layer))) };
  });
}

function meanOf(list: readonly RoleShares[]): RoleShares {
  const mean = (role: ReadRole): number => list.reduce((sum, shares) => sum + shares[role], 0) / list.length;
  return {
    earlier: mean('earlier'),
    prompt: mean('prompt'),
    input: mean('input'),
    thoughts: mean('thoughts'),
    answer: mean('answer'),
  };
}

export interface BlockMass {
  readonly name: string;
  readonly role: ReadRole;
  readonly length: number;
  readonly mass: number;
}

/** The view of one token. @param layer  null: mean over the layers */
export function blockMassesOf(token: ReadToken, layer: number | null): readonly BlockMass[] {
  return massOfBlocks(token.row.attention, layer).map((mass, block) => ({
    name: blockNameOf(token, block),
    role: readRoleOf(token, block),
    length: token.row.lengths[block] ?? 0,
    mass,
  }));
}

/** Decimals of the given number of digits that add up to the rounded sum: the largest remainders are rounded up. */
export function roundedTogether(values: readonly number[], digits: number): readonly number[] {
  const unit = 10 ** digits;
  const floors = values.map((value) => Math.floor(value * unit));
  const total = Math.round(values.reduce((sum, value) => sum + value, 0) * unit);
  const missing = total - floors.reduce((sum, value) => sum + value, 0);
  const byRemainder = values
    .map((value, index) => ({ index, remainder: value * unit - (floors[index] ?? 0) }))
    .toSorted((a, b) => b.remainder - a.remainder);
  for (const { index } of byRemainder.slice(0, missing)) floors[index] = (floors[index] ?? 0) + 1;
  return floors.map((value) => value / unit);
}

export interface MostRead {
  readonly block: string;
  readonly role: ReadRole;
  /** In the block, from 0. */
  readonly token: number;
  /** Mean over layers and heads. */
  readonly mass: number;
  /** Null where the run does not tell it. */
  readonly text: string | null;
}

/** @param texts  at the token's step */
export function mostReadOf(token: ReadToken, texts: BlockTexts): readonly MostRead[] {
  return token.row.attention.most_read.map(([block, index, mass]) => {
    const name = blockNameOf(token, block);
    const text = texts.get(name)?.[index] ?? null;
    return { block: name, role: readRoleOf(token, block), token: index, mass, text };
  });
}

export interface ReadPiece {
  readonly text: string;
  /** 0 where it is not among the most-read tokens. */
  readonly mass: number;
}

/** Consecutive tokens of the thoughts around the most-read ones. */
export interface ThoughtWindow {
  /** Token in the block, from 0. */
  readonly from: number;
  readonly pieces: readonly ReadPiece[];
}

const REACH = 7;

/** The most-read thoughts with the words around them, in reading order. */
export function thoughtWindowsOf(mostRead: readonly MostRead[], texts: BlockTexts): readonly ThoughtWindow[] {
  const read = mostRead.filter(({ role, text }) => role === 'thoughts' && text !== null);
  const [first] = read;
  if (first === undefined) return [];
  const all = texts.get(first.block) ?? [];
  const masses = new Map(read.map(({ token, mass }) => [token, mass]));
  const windows: { from: number; to: number }[] = [];
  for (const { token } of read.toSorted((a, b) => a.token - b.token)) {
    const from = Math.max(0, token - REACH);
    const to = Math.min(all.length, token + REACH + 1);
    const last = windows.at(-1);
    if (last !== undefined && from <= last.to) last.to = to;
    else windows.push({ from, to });
  }
  return windows.map(({ from, to }) => ({
    from,
    pieces: all.slice(from, to).map((text, offset) => ({ text: text ?? '', mass: masses.get(from + offset) ?? 0 })),
  }));
}

/** A part of the stream's text and how much it was read. */
export interface ReadRange {
  readonly from: number;
  readonly to: number;
  readonly mass: number;
}

/** Where the most-read thoughts stand in the text of the thoughts, ascending. */
export function thoughtRangesOf(mostRead: readonly MostRead[], texts: BlockTexts): readonly ReadRange[] {
  const read = mostRead.filter(({ role, text }) => role === 'thoughts' && text !== null && text !== '');
  const [first] = read;
  if (first === undefined) return [];
  const offsets = textOffsets(texts.get(first.block) ?? []);
  return read
    .map(({ token, mass }) => ({ from: offsets[token] ?? 0, to: offsets[token + 1] ?? 0, mass }))
    .toSorted((a, b) => a.from - b.from);
}

/**
 * The same for the token that is looked at, in the thoughts as they stand now.
 *
 * @returns nothing when those thoughts are gone: cut back since, or of an earlier turn
 */
export function readThoughtsNow(run: ToldRun, step: number | null, thinkerText: string): readonly ReadRange[] {
  const tokens = readTokensOf(run);
  const token = tokens[indexOfStep(tokens, step)];
  if (token === undefined) return [];
  const texts = blockTextsAt(run, token.step);
  const mostRead = mostReadOf(token, texts);
  const block = mostRead.find(({ role }) => role === 'thoughts')?.block ?? '';
  return thinkerText.startsWith((texts.get(block) ?? []).join('')) ? thoughtRangesOf(mostRead, texts) : [];
}

/** Index of the token of a step; the newest when there is none of it. -1 when there are none at all. */
export function indexOfStep(tokens: readonly ReadToken[], step: number | null): number {
  const index = step === null ? -1 : tokens.findIndex((token) => token.step === step);
  return index < 0 ? tokens.length - 1 : index;
}
