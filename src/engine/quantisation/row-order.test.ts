import { expect, test } from 'vitest';
import { bytesSource } from '@/engine/loading/byte-source.ts';
import { modelConfigOf } from '@/engine/loading/gguf-config.ts';
import { openGguf } from '@/engine/loading/gguf.ts';
import { readGoldenBytes } from '@/testing/gguf-golden.ts';
import { readSafetensors } from '@/testing/read-safetensors.ts';
import { concatRows, interleaveTiles, llamaSourceRow, permuteRows } from './row-order.ts';

test('undoes the converter’s reordering of q and k rows', () => {
  // The converter's own formula: HF row h*K + c*K/2 + i is stored as row h*K + 2i + c.
  const [numHeads, headDim] = [3, 8];
  const stored = new Uint8Array(numHeads * headDim * 2);
  for (let h = 0; h < numHeads; h++)
    for (let c = 0; c < 2; c++)
      for (let i = 0; i < headDim / 2; i++)
        stored.fill(
          h * headDim + (c * headDim) / 2 + i,
          2 * (h * headDim + 2 * i + c),
          2 * (h * headDim + 2 * i + c) + 2,
        );
  const restored = permuteRows(stored, 2, llamaSourceRow(headDim));
  expect([...restored]).toEqual(Array.from({ length: numHeads * headDim * 2 }, (_, i) => Math.floor(i / 2)));
});

test('joins matrices one below the other', () => {
  expect([...concatRows([Uint8Array.of(1, 2), Uint8Array.of(3), Uint8Array.of(4, 5)])]).toEqual([1, 2, 3, 4, 5]);
});

test('alternates tiles of gate and up', () => {
  const gate = Uint8Array.from({ length: 8 }, (_, row) => row);
  const up = Uint8Array.from({ length: 8 }, (_, row) => 100 + row);
  expect([...interleaveTiles(gate, up, 1)]).toEqual([0, 1, 2, 3, 100, 101, 102, 103, 4, 5, 6, 7, 104, 105, 106, 107]);
});

/** Tensors of a layer whose names differ; q and k of llama files are the reordered ones. */
const HF_NAMES = {
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
} as const;

test.each(['llama', 'qwen2', 'qwen3'])('tiny %s has the rows of its Hugging Face checkpoint', async (name) => {
  const checkpoint = readSafetensors(readGoldenBytes(`tiny/${name}/model.safetensors`));
  using gguf = await openGguf([bytesSource(name, readGoldenBytes(`tiny/${name}/tiny-${name}-F32.gguf`))]);
  const { headDim, hiddenSize, numHiddenLayers } = await modelConfigOf(gguf);
  for (let layer = 0; layer < numHiddenLayers; layer++)
    for (const [ggufName, hfName] of Object.entries(HF_NAMES)) {
      const stored = await gguf.readTensor(`blk.${layer}.${ggufName}.weight`);
      const isReordered = name === 'llama' && (ggufName === 'attn_q' || ggufName === 'attn_k');
      const rows = isReordered ? permuteRows(stored, hiddenSize * 4, llamaSourceRow(headDim)) : stored;
      const expected = checkpoint.get(`model.layers.${layer}.${hfName}.weight`)?.values;
      expect(new Float32Array(rows.buffer), `${layer} ${ggufName}`).toEqual(expected);
    }
});
