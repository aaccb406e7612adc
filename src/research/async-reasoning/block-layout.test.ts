import { describe, expect, it } from 'vitest';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { designALayout, designBLayout } from './block-layout.ts';

describe('layouts are those of the reference traces', () => {
  it.each([
    ['tiny-llama-a', designALayout()],
    ['tiny-llama-b', designBLayout({ withInput: false })],
    ['tiny-llama-b_input', designBLayout({ withInput: true })],
  ])('%s', async (name, layout) => {
    const { setup } = await readGoldenJson<ReasoningTrace>(`async/${name}.json`);
    expect(layout).toEqual({ rowOrder: setup.row_order, blocks: setup.blocks, views: setup.views });
  });
});
