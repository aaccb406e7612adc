/** Pre-tokenizers of a `tokenizer.json`, recognised by their structure: which of our rules does the same. */
import { isJsonObject, type JsonObject } from '@/engine/loading/folder-json.ts';
import { PRE_TOKENIZERS, type PreTokenizerRule } from './pre-tokenizers.ts';

const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;
const gpt4Like = (digits: string): string =>
  String.raw`(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|${digits}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`;

const DIGITS = 'split \\p{N}';
const BYTES = 'bytes';
const GPT2_AND_BYTES = `split ${GPT2}, ${BYTES}`;

/** Steps in words of ours -> label of the same rule in GGUF files. */
const LABELS: ReadonlyMap<string, string> = new Map([
  [GPT2_AND_BYTES, 'gpt-2'],
  [`${DIGITS}, ${GPT2_AND_BYTES}`, 'smollm'],
  [`split ${gpt4Like(String.raw`\p{N}`)}, ${BYTES}`, 'qwen2'],
  [`split ${gpt4Like(String.raw`\p{N}{1,3}`)}, ${BYTES}`, 'llama-bpe'],
]);

/** @returns null for a pre-tokenizer that none of our rules repeats exactly */
export function ruleOfPreTokenizer(preTokenizer: unknown): PreTokenizerRule | null {
  const steps = stepsOf(preTokenizer);
  const label = LABELS.get(steps.join(', '));
  return label === undefined ? null : (PRE_TOKENIZERS.get(label) ?? null);
}

function stepsOf(preTokenizer: unknown): string[] {
  if (!isJsonObject(preTokenizer)) return ['none'];
  const parts = preTokenizer['type'] === 'Sequence' ? preTokenizer['pretokenizers'] : [preTokenizer];
  return Array.isArray(parts) ? parts.map((part) => (isJsonObject(part) ? stepOf(part) : 'none')) : ['none'];
}

function stepOf(part: JsonObject): string {
  switch (part['type']) {
    case 'Digits':
      // The library of the file's makers takes every \p{N} for a digit.
      return part['individual_digits'] === true ? DIGITS : 'runs of digits';
    case 'Split':
      return splitOf(part);
    case 'ByteLevel':
      if (part['add_prefix_space'] === true) return 'prefix space';
      return part['use_regex'] === false ? BYTES : GPT2_AND_BYTES;
    default:
      return 'another type';
  }
}

/** What matches becomes a piece; since the patterns cover every text, removing what does not match is the same. */
function splitOf({ pattern, behavior, invert }: JsonObject): string {
  const isIsolated = behavior === 'Isolated' && invert !== true;
  const isKept = behavior === 'Removed' && invert === true;
  const regex = isJsonObject(pattern) ? pattern['Regex'] : undefined;
  // Of a single digit only the first is true: what lies between digits must stay.
  const isSame = isIsolated || (isKept && regex !== '\\p{N}');
  return isSame && typeof regex === 'string' ? `split ${regex}` : 'another split';
}
