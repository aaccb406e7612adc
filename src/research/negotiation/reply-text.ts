import { splitThoughts } from '@/lib/think-splitter.ts';

/** What a model answers apart from its thoughts; thoughts that never end leave no answer. */
export function withoutThoughts(text: string): string {
  return splitThoughts(text).text;
}

/** Undefined for a text that is no JSON; a code block around it is taken off. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.trim().replace(/^```(?:json)?\s*(.*?)\s*```$/s, '$1')) as unknown;
  } catch {
    return undefined;
  }
}

/** In lower case, letters and digits of any script. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
