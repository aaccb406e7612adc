/** Reference files beside this one (`golden/`, with their own README files). Node only. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

function goldenUrl(path: string): URL {
  return new URL(`./golden/${path}`, import.meta.url);
}

export function readGoldenBytes(path: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(goldenUrl(path)));
}

/** @throws {z.ZodError} if the file is not what the test expects */
export function readGoldenJson<T>(path: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(goldenUrl(path), 'utf8')));
}

/** Tensors of a `*.golden.json` of the tiny models. */
export const goldenTensorsSchema = z.object({
  tensors: z.record(
    z.string(),
    z.object({
      type: z.string(),
      shape: z.array(z.number()),
      raw_sha256: z.string(),
      raw_bytes: z.number(),
      f32_sha256: z.string(),
      samples: z.array(z.tuple([z.number(), z.number()])),
    }),
  ),
});

/** The tiny GGUF files, without their `.gguf`; each has a `.golden.json`. */
export const TINY_MODELS = [
  'tiny/llama/tiny-llama-F32',
  'tiny/llama/tiny-llama-F16',
  'tiny/llama/tiny-llama-Q8_0',
  'tiny/llama/tiny-llama-Q4_0',
  'tiny/llama/tiny-llama-Q4_1',
  'tiny/llama/tiny-llama-Q5_0',
  'tiny/llama/tiny-llama-Q5_1',
  'tiny/kquants/tiny-llama256-Q2_K',
  'tiny/kquants/tiny-llama256-Q3_K',
  'tiny/kquants/tiny-llama256-Q4_K',
  'tiny/kquants/tiny-llama256-Q4_K_M',
  'tiny/kquants/tiny-llama256-Q5_K',
  'tiny/kquants/tiny-llama256-Q6_K',
  'tiny/qwen2/tiny-qwen2-F32',
  'tiny/qwen3/tiny-qwen3-F32',
] as const;

/** The embedded model's file, 98 MB. */
export const EMBEDDED_MODEL_PATH = new URL(
  '../../public/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf',
  import.meta.url,
);
