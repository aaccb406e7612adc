/** Reads the reference files under `golden/`. Node only. */
import { readFile } from 'node:fs/promises';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { bytesOfPiece } from '@/engine/tokenizer/byte-alphabet.ts';
import { referenceModelFrom, type CheckpointConfig } from './reference-model.ts';

function goldenUrl(path: string): URL {
  return new URL(`./golden/${path}`, import.meta.url);
}

/** @param path relative to `golden/`; the caller knows the file's shape */
export async function readGoldenJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(goldenUrl(path), 'utf8')) as T;
}

/** A tiny model in f32, from its Hugging Face checkpoint. */
export async function readTinyReferenceModel(architecture: 'llama' | 'qwen2' | 'qwen3'): Promise<ReferenceModel> {
  const config = await readGoldenJson<CheckpointConfig>(`tiny/${architecture}/config.json`);
  return referenceModelFrom(config, await readFile(goldenUrl(`tiny/${architecture}/model.safetensors`)));
}

const NORMAL_TOKEN = 1;

/** Bytes of every token of the vocabulary that all tiny models share, by id. */
export async function readTinyTokenBytes(): Promise<Uint8Array[]> {
  const { tokens, types } = await readGoldenJson<{ readonly tokens: string[]; readonly types: number[] }>(
    'tiny/vocab.json',
  );
  return tokens.map((piece, id) =>
    types[id] === NORMAL_TOKEN ? bytesOfPiece(piece) : new TextEncoder().encode(piece),
  );
}
