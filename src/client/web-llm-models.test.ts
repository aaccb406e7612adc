import { prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { findWebLlmBuild, WEB_LLM_MODELS } from './web-llm-models.ts';

const builds = WEB_LLM_MODELS.flatMap(({ f16, f32 }) => [
  { ...f16, type: 'f16' as const },
  { ...f32, type: 'f32' as const },
]);

describe('models of web-llm', () => {
  test.each(builds)('$id is in web-llm’s own list, with this memory', ({ id, megabytes, type }) => {
    const record = prebuiltAppConfig.model_list.find(({ model_id: listed }) => listed === id);
    expect(record).toBeDefined();
    expect(Math.round(record?.vram_required_MB ?? 0)).toBe(megabytes);
    if (type === 'f32') expect(record?.required_features ?? []).not.toContain('shader-f16');
  });

  test('take less as f16, and are found again by their builds', () => {
    for (const model of WEB_LLM_MODELS) {
      expect(model.f16.megabytes).toBeLessThan(model.f32.megabytes);
      expect(findWebLlmBuild(model.f16.id)).toMatchObject({ type: 'f16', build: model.f16 });
      expect(findWebLlmBuild(model.f32.id)?.model).toBe(model);
    }
    expect(findWebLlmBuild('Qwen3-4B')).toBeUndefined();
  });

  test('stand least memory first, and the judge that a form begins with is among them', () => {
    const memory = WEB_LLM_MODELS.map(({ f16 }) => f16.megabytes);
    expect(memory).toEqual(memory.toSorted((a, b) => a - b));
    expect(findWebLlmBuild('Qwen3-1.7B-q4f16_1-MLC')?.model.name).toBe('Qwen3 1.7B');
  });
});
