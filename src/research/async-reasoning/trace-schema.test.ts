import { describe, expect, it } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { readGoldenJson } from '@/testing/golden-files.ts';
import { parseTraceSetup } from './trace-schema.ts';

const TRACES = ['tiny-llama-a', 'tiny-llama-b_input', 'smollm2-a1', 'smollm2-b1', 'smollm2-b2', 'smollm2-b3-input'];

/** A reference setup with one field replaced; `path` as in the error message. */
async function broken(path: string, value: unknown): Promise<unknown> {
  const { setup } = await readGoldenJson<{ setup: Record<string, unknown> }>('async/tiny-llama-b_input.json');
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let target = setup;
  for (const key of keys) target = target[key] as Record<string, unknown>;
  target[last] = value;
  return setup;
}

describe('parseTraceSetup', () => {
  it.each(TRACES)('accepts the reference setup %s as it stands', async (name) => {
    const { setup } = await readGoldenJson<ReasoningTrace>(`async/${name}.json`);
    expect(parseTraceSetup(setup)).toBe(setup);
  });

  it('keeps fields that it does not know', async () => {
    const setup = await broken('note', 'mine');
    expect(parseTraceSetup(setup)).toHaveProperty('note', 'mine');
  });

  it.each([
    ['design', 'C', 'setup.design'],
    ['row_order', ['thinker', 'thinker'], 'setup.row_order'],
    ['blocks', ['a', 'a'], 'setup.blocks'],
    ['blocks', ['input_prompt'], 'setup.views.thinker'],
    ['views.writer', ['nowhere'], 'setup.views.writer'],
    ['views.probe', undefined, 'setup.views.probe'],
    ['views.writer', ['input_prompt', 'thinker_output'], 'setup.views'],
    ['views.input', ['input_block', 'input_block'], 'setup.views.input'],
    ['prefill.1.ids', [], 'setup.prefill.1.ids'],
    ['prefill.0.ids', [1.5], 'setup.prefill.0.ids.0'],
    ['prefill.0.ids', [-1], 'setup.prefill.0.ids.0'],
    ['prefill.0.ids', [320], 'setup.prefill.0.ids'],
    ['stream_tokens.thinker', [], 'setup.stream_tokens.thinker'],
    ['stream_tokens.writer', ['7'], 'setup.stream_tokens.writer.0'],
    ['events.0.kind', 'erase', 'setup.events.0.kind'],
    ['events.0.ids', [400], 'setup.events.0.ids'],
    ['events.2.keep', -1, 'setup.events.2.keep'],
    ['events.1.stream', 'reader', 'setup.events.1.stream'],
    ['params.budget', '6', 'setup.params.budget'],
    ['params.probe_interval', 0, 'setup.params.probe_interval'],
    ['params.yes_bias', null, 'setup.params.yes_bias'],
    ['params.yes_ids', [], 'setup.params.yes_ids'],
    ['params.forbidden.writer', [999], 'setup.params.forbidden.writer'],
  ])('%s = %j is refused by name', async (path, value, field) => {
    const setup = await broken(path, value);
    const parse = (): unknown => parseTraceSetup(setup, 320);
    expect(parse).toThrow(Failure);
    try {
      parse();
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalidConfig', details: { field } });
    }
  });

  it('needs an input view for input events', async () => {
    const { setup } = await readGoldenJson<ReasoningTrace>('async/tiny-llama-b.json');
    const events = [{ step: 0, kind: 'append_input', ids: [1] }];
    expect(() => parseTraceSetup({ ...setup, events })).toThrow('setup.events.0.kind');
  });

  it.each([[null], [7], ['setup'], [[]]])('refuses %j', (value) => {
    expect(() => parseTraceSetup(value)).toThrow(Failure);
  });
});
