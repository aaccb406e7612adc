/** Blocks, views and random inputs for tests of attention, with the tables as the step table writes them. */
import { floatToHalf, halfToFloat } from '@/engine/quantisation/half.ts';
import { ropeTableReference } from '@/engine/kernels/kv-write/kv-write.reference.ts';
import type { Lanes } from '@/engine/kernels/kernel.ts';
import { at } from '@/lib/assert.ts';
import { shuffled, type Rng } from '@/lib/rng.ts';
import type { KvType } from '@/protocol/model.ts';
import { normals } from './kernel-test.ts';

export const THETA = 10_000;
/** Entries in front of the tables' parts. */
const GAP = 8;

export interface Heads {
  readonly H: number;
  readonly Hkv: number;
  readonly K: number;
}

/** A block as a token sees it: its number, visible keys, rotary offset. */
export interface SceneFragment {
  readonly block: number;
  readonly visible: number;
  readonly loc: number;
}

export interface View {
  readonly fragments: readonly SceneFragment[];
}

export interface Scene extends Heads {
  readonly kvType: KvType;
  readonly pageSize: number;
  readonly blockLengths: readonly number[];
  readonly views: readonly View[];
  /** Default 'many'. */
  readonly lanes?: Lanes;
}

const TINY: Heads = { H: 2, Hkv: 1, K: 16 };
export const SMOLLM2: Heads = { H: 9, Hkv: 3, K: 64 };
export const QWEN3: Heads = { H: 16, Hkv: 8, K: 128 };

/** Slots of each block, pages scattered over the pool, and slots that no block owns. */
function slotsOf({ blockLengths, pageSize }: Scene, rng: Rng) {
  const pagesPerBlock = blockLengths.map((length) => Math.max(1, Math.ceil(length / pageSize)));
  const numPages = pagesPerBlock.reduce((a, b) => a + b, 0) + 2;
  const order = shuffled([...Array(numPages).keys()], rng);
  let next = 0;
  const pages = pagesPerBlock.map((count) => order.slice(next, (next += count)));
  const slots = blockLengths.map((length, block) =>
    Array.from({ length }, (_, key) => at(at(pages, block), Math.floor(key / pageSize)) * pageSize + (key % pageSize)),
  );
  return { numSlots: numPages * pageSize, pages, slots };
}

/** Values of a pool as it stores them; entries of slots outside every block are NaN. */
function poolOf(raw: (slot: number, d: number) => number, numSlots: number, width: number, kvType: KvType) {
  const values = Float32Array.from({ length: numSlots * width }, (_, i) => raw(Math.floor(i / width), i % width));
  if (kvType === 'f32') return { values, words: new Uint32Array(values.buffer) };
  const halves = Uint16Array.from(values, floatToHalf);
  return { values: Float32Array.from(halves, halfToFloat), words: new Uint32Array(halves.buffer) };
}

function tableOf(scene: Scene, pages: readonly (readonly number[])[]) {
  const tokens: number[] = [];
  const fragments: number[] = [];
  const pageEntries: number[] = [];
  const firstEntry = pages.map((own) => pageEntries.push(...own) - own.length);
  for (const view of scene.views) {
    tokens.push(0xffffffff, 0xffffffff, fragments.length / 4, view.fragments.length);
    for (const { block, visible, loc } of view.fragments) fragments.push(at(firstEntry, block), visible, loc, 0);
  }
  const gap = Array.from({ length: GAP }, () => 0xffffffff);
  const tokensAt = GAP;
  const fragmentsAt = tokensAt + tokens.length + GAP;
  const pagesAt = fragmentsAt + fragments.length + GAP;
  const table = Uint32Array.from([...gap, ...tokens, ...gap, ...fragments, ...gap, ...pageEntries]);
  return { table, tokensAt, fragmentsAt, pagesAt };
}

interface Pool {
  /** [slots, Hkv, K] as the kernel reads them. */
  readonly values: Float32Array;
  readonly words: Uint32Array;
}

export interface Inputs {
  readonly qkv: Float32Array;
  readonly keys: Pool;
  readonly values: Pool;
  readonly rope: Float32Array;
  /** [blocks][keys] */
  readonly slots: readonly (readonly number[])[];
  readonly table: Uint32Array;
  readonly tokensAt: number;
  readonly fragmentsAt: number;
  readonly pagesAt: number;
}

/** Random inputs of a scene; `keys` may be replaced by a function of (block, key, element). */
export function inputsOf(scene: Scene, rng: Rng, keyOf?: (block: number, key: number, d: number) => number): Inputs {
  const { H, Hkv, K, kvType } = scene;
  const width = Hkv * K;
  const layout = slotsOf(scene, rng);
  const owner = new Map<number, { block: number; key: number }>();
  layout.slots.forEach((slots, block) => slots.forEach((slot, key) => owner.set(slot, { block, key })));
  const random = (slot: number) => (owner.has(slot) ? rng.normal() : NaN);
  const key = (slot: number, d: number) => {
    const place = owner.get(slot);
    return keyOf === undefined || place === undefined ? random(slot) : keyOf(place.block, place.key, d);
  };
  const largestLoc = Math.max(...scene.views.flatMap((view) => view.fragments.map(({ loc }) => loc)));
  return {
    qkv: normals(rng, scene.views.length * (H + 2 * Hkv) * K),
    keys: poolOf(key, layout.numSlots, width, kvType),
    values: poolOf(random, layout.numSlots, width, kvType),
    rope: ropeTableReference(K, THETA, largestLoc + 1),
    slots: layout.slots,
    ...tableOf(scene, layout.pages),
  };
}

export const whole = (block: number, length: number, loc: number): SceneFragment => ({ block, visible: length, loc });

/** Tokens `first` to `last` of block 0, each seeing itself and what is in front of it. */
export const causal = (first: number, last: number): View[] =>
  Array.from({ length: last - first + 1 }, (_, t) => ({ fragments: [whole(0, first + t + 1, first + t)] }));

export const CONTROL: Scene = {
  ...TINY,
  kvType: 'f32',
  pageSize: 16,
  blockLengths: [12],
  views: [{ fragments: [whole(0, 12, 11)] }],
};

/** Two workers' views of prompt, a, b: the other's block, then the own one. */
export const TWO_WORKERS: Pick<Scene, 'blockLengths' | 'views'> = {
  blockLengths: [40, 70, 130, 3],
  views: [
    { fragments: [whole(0, 40, 240), whole(2, 130, 200), whole(1, 70, 69)] },
    { fragments: [whole(0, 40, 240), whole(1, 70, 200), whole(2, 130, 129)] },
    { fragments: [whole(0, 40, 114), whole(1, 70, 74), whole(3, 3, 2)] },
    { fragments: [whole(3, 1, 0)] },
  ],
};
