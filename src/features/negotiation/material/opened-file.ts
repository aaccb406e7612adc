import { MAX_MATERIAL_LENGTH } from '@/protocol/negotiation/material-jsonl.ts';

/** A file as it was read, or why it was not. */
export type OpenedFile =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly problem: string };

/** UTF-8 has at most three bytes for each UTF-16 unit. */
const MAX_BYTES = 3 * MAX_MATERIAL_LENGTH;

export async function openFile(file: File): Promise<OpenedFile> {
  const { name } = file;
  if (file.size > MAX_BYTES) return { name, problem: `It is larger than ${MAX_BYTES / 1e6} MB.` };
  try {
    return { name, text: await file.text() };
  } catch {
    return { name, problem: 'The browser could not read it.' };
  }
}
