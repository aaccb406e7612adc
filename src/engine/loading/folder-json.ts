import type { z } from 'zod';
import { invalidFile } from './gguf-header.ts';
import type { ModelFolder } from './model-folder.ts';

/** Our choice; the largest tokenizer.json in use has about 35 MB. */
const MAX_JSON_BYTES = 64e6;

/** A small text file of a folder. @returns null if the folder has none of this name */
export async function readFolderText(folder: ModelFolder, fileName: string): Promise<string | null> {
  using source = await folder.open(fileName);
  if (source === null) return null;
  if (source.sizeBytes > MAX_JSON_BYTES)
    throw invalidFile(fileName, 'size', `${source.sizeBytes} bytes are not credible for this file`);
  const bytes = await source.read(0, source.sizeBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalidFile(fileName, 'text', 'it is not UTF-8. Copy or download it again');
  }
}

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A JSON file of a folder.
 *
 * @returns null if the folder has none of this name
 * @throws {Failure} 'invalidFile' if it is no JSON object
 */
export async function readFolderJson(folder: ModelFolder, fileName: string): Promise<JsonObject | null> {
  const text = await readFolderText(folder, fileName);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidFile(fileName, 'text', 'it is not JSON. Copy or download it again');
  }
  if (!isJsonObject(value)) throw invalidFile(fileName, 'text', 'it is not a JSON object');
  return value;
}

/** A choice; names of a file's fields are repeated in messages. */
const MAX_FIELD_LENGTH = 300;

/** What a schema has against a file first: the field, e.g. `records.0.nbytes`, and what is wrong with it. */
export function firstFault({ issues: [issue] }: z.ZodError): { readonly field: string; readonly problem: string } {
  const field = issue?.path.map(String).join('.') ?? '';
  return {
    field: field === '' ? 'content' : field.slice(0, MAX_FIELD_LENGTH),
    problem: issue?.message ?? 'it is not valid',
  };
}

/** Not zod's record, which leaves out a key named __proto__. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
