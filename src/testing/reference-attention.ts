import { shownLayer } from '@/engine/generation/decoder.ts';
import type { AttentionQuestion, HeadVectors, RowAttention } from '@/engine/generation/decoder.ts';
import type { ReferenceBlock } from '@/engine/model/block.reference.ts';
import type { ReferenceAttention } from '@/engine/model/forward.reference.ts';
import type { ModelConfig } from '@/engine/model/model-config.ts';
import { at } from '@/lib/assert.ts';

/** What the oracle's last token read, as the engine's decoder tells it. */
export function referenceAttention(
  config: ModelConfig,
  layers: readonly ReferenceAttention[],
  view: readonly ReferenceBlock[],
  { keys, withHead = false }: AttentionQuestion,
): RowAttention {
  const starts = startsOf(view);
  const byLayer = layers.map(({ weights }) => meanOf(weights));
  return {
    mass: layers.map(({ weights }) =>
      weights.map((head) => view.map(({ length }, b) => sumOf(head.subarray(at(starts, b), at(starts, b) + length)))),
    ),
    keys: keys === 'byLayer' ? byLayer : [meanOf(byLayer)],
    ...(withHead && { head: headVectors(config, layers, view) }),
  };
}

function headVectors(
  { headDim, ropeTheta }: ModelConfig,
  layers: readonly ReferenceAttention[],
  view: readonly ReferenceBlock[],
): HeadVectors {
  const layer = shownLayer(layers.length);
  const { queries, weights } = at(layers, layer);
  const starts = startsOf(view);
  const keys = view.flatMap((block, b) => {
    if (block.length === 0) return [];
    const own = [...at(weights, 0).subarray(at(starts, b), at(starts, b) + block.length)];
    const weight = Math.max(...own);
    const token = own.indexOf(weight);
    const from = token * block.tokenWidth;
    return [{ block: b, token, weight, key: [...block.keys(layer).subarray(from, from + headDim)] }];
  });
  return { layer, head: 0, ropeTheta, query: [...queries.subarray(0, headDim)], keys };
}

function startsOf(view: readonly { readonly length: number }[]): number[] {
  let next = 0;
  return view.map(({ length }) => (next += length) - length);
}

function meanOf(rows: readonly ArrayLike<number>[]): number[] {
  return Array.from({ length: at(rows, 0).length }, (_, key) => sumOf(rows.map((row) => at(row, key))) / rows.length);
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += at(values, i);
  return sum;
}
