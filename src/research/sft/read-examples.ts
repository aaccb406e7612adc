/** Supervised examples from pasted text or JSONL, as rows to train on; what is no example is listed with its line. */
import { at } from '@/lib/assert.ts';
import type { ChatMessage } from '@/protocol/generation.ts';
import type { TrainingRow } from '@/protocol/training.ts';
import { parseExample, type Example } from './parse-example.ts';

/** What reading needs of a tokenizer and a chat template. */
export interface ExampleTokenizer {
  readonly bosTokenId: number | null;
  /** Ends every text and completion. */
  readonly eosTokenId: number | null;
  /** Whether the model expects the BOS token in front of a text. */
  readonly addBos: boolean;
  encode(text: string, options: { readonly parseSpecial: boolean }): number[];
  /** Absent: the model has no chat template. @throws if the template refuses the messages */
  readonly renderChat?: (
    messages: readonly ChatMessage[],
    options: { readonly addGenerationPrompt: boolean },
  ) => string;
}

export interface LineNote {
  /** Where the example begins, counted from 1. */
  readonly line: number;
  readonly reason: string;
}

export interface SupervisedExamples {
  /** With advantage 0, which the supervised loss does not read. */
  readonly rows: readonly TrainingRow[];
  /** Examples left out; the first `MAX_NOTES`. */
  readonly problems: readonly LineNote[];
  readonly numLeftOut: number;
  /** Examples that were cut or split; the first `MAX_NOTES`. */
  readonly notes: readonly LineNote[];
}

/** Characters. */
export const MAX_TEXT_LENGTH = 5_000_000;
export const MAX_EXAMPLES = 5000;
export const MAX_NOTES = 200;

interface Line {
  readonly line: number;
  readonly text: string;
}

/** Token ids of one example, in pieces that count or do not. */
interface Piece {
  readonly tokenIds: readonly number[];
  readonly counts: boolean;
}

/**
 * Text that begins with `{` is JSONL, one example a line: `{"text"}`, `{"prompt", "completion"}` or `{"messages"}`. Anything
 * else is plain text, one example a paragraph. All tokens of a text count in the loss, of a prompt and its completion those
 * of the completion, of messages those of assistant turns up to the token that ends the turn. Names of control tokens in
 * the text become control tokens.
 *
 * @param maxTokens  longest row; longer ones are cut at the end
 */
export function readExamples(text: string, tokenizer: ExampleTokenizer, maxTokens: number): SupervisedExamples {
  if (text.length > MAX_TEXT_LENGTH)
    return refused(`The text is longer than ${MAX_TEXT_LENGTH / 1e6} million characters. Use a part of it.`);
  const plain = text.replace(/^\uFEFF/, '');
  const begin = plain.trimStart()[0];
  if (begin === undefined) return refused('The text is empty.');
  if (begin === '[' && isJson(plain))
    return refused('The text is a JSON array. Write each of its objects on a line of its own (JSONL).');
  const isJsonLines = begin === '{';
  const rows: TrainingRow[] = [];
  const problems: LineNote[] = [];
  const notes: LineNote[] = [];
  for (const { line, text: source } of isJsonLines ? linesOf(plain) : paragraphsOf(plain)) {
    const note = (reason: string): void => void notes.push({ line, reason });
    const example = isJsonLines ? parseExample(source) : { kind: 'text' as const, text: source };
    const made =
      typeof example === 'string'
        ? example
        : rows.length >= MAX_EXAMPLES
          ? `There are more than ${MAX_EXAMPLES} examples.`
          : rowsOf(example, tokenizer, maxTokens, note);
    if (typeof made === 'string') problems.push({ line, reason: made });
    else rows.push(...made);
  }
  return {
    rows,
    problems: problems.slice(0, MAX_NOTES),
    numLeftOut: problems.length,
    notes: notes.slice(0, MAX_NOTES),
  };
}

function refused(reason: string): SupervisedExamples {
  return { rows: [], problems: [{ line: 1, reason }], numLeftOut: 1, notes: [] };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function linesOf(text: string): Line[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((source, index) => ({ line: index + 1, text: source }))
    .filter(({ text: source }) => source.trim() !== '');
}

function paragraphsOf(text: string): Line[] {
  const paragraphs: { line: number; text: string }[] = [];
  let previous = -1;
  for (const { line, text: source } of linesOf(text)) {
    const open = paragraphs.at(-1);
    if (open !== undefined && line === previous + 1) open.text += `\n${source}`;
    else paragraphs.push({ line, text: source });
    previous = line;
  }
  return paragraphs;
}

/** @returns the reason if nothing can be learnt from the example */
function rowsOf(
  example: Example,
  tokenizer: ExampleTokenizer,
  maxTokens: number,
  note: (reason: string) => void,
): TrainingRow[] | string {
  const sequences = example.kind === 'messages' ? chatPieces(example, tokenizer) : [textPieces(example, tokenizer)];
  if (typeof sequences === 'string') return sequences;
  if (sequences.length > 1)
    note(`The chat template rewrites earlier turns, so each of ${sequences.length} turns became a row of its own.`);
  const rows: TrainingRow[] = [];
  for (const pieces of sequences) {
    const row = rowOf(pieces, maxTokens, note);
    if (typeof row === 'string') return row;
    rows.push(row);
  }
  return rows;
}

function textPieces(example: Exclude<Example, { kind: 'messages' }>, tokenizer: ExampleTokenizer): Piece[] {
  const encode = (text: string): number[] => tokenizer.encode(text, { parseSpecial: true });
  const { bosTokenId, eosTokenId, addBos } = tokenizer;
  const head = addBos && bosTokenId !== null ? [bosTokenId] : [];
  const end = eosTokenId === null ? [] : [eosTokenId];
  if (example.kind === 'completion')
    return [
      { tokenIds: [...head, ...encode(example.prompt)], counts: false },
      { tokenIds: [...encode(example.completion), ...end], counts: true },
    ];
  return [
    { tokenIds: head, counts: false },
    { tokenIds: [...encode(example.text), ...end], counts: true },
  ];
}

/**
 * One sequence for the whole conversation if the template only ever appends; else one for each assistant turn. A turn is
 * encoded apart from what is in front of it, as when it is generated.
 */
function chatPieces(
  { messages, firstCounted }: Extract<Example, { kind: 'messages' }>,
  tokenizer: ExampleTokenizer,
): Piece[][] | string {
  const { renderChat } = tokenizer;
  if (renderChat === undefined) return 'The model has no chat template. Give "prompt" and "completion" instead.';
  const turns = [...messages.keys()].filter((i) => i >= firstCounted && at(messages, i).role === 'assistant');
  if (turns.length === 0) return 'There is no assistant turn to learn from.';
  try {
    const prefixes = turns.map((i) => renderChat(messages.slice(0, i), { addGenerationPrompt: true }));
    const wholes = turns.map((i) => renderChat(messages.slice(0, i + 1), { addGenerationPrompt: false }));
    if (!prefixes.every((prefix, k) => at(wholes, k).startsWith(prefix)))
      return 'The chat template writes an assistant turn otherwise than it begins one. Give "prompt" and "completion".';
    const turnPieces = prefixes.map((prefix, k) => turnOf(at(wholes, k).slice(prefix.length), tokenizer));
    const encode = (text: string): Piece => ({
      tokenIds: tokenizer.encode(text, { parseSpecial: true }),
      counts: false,
    });
    const onlyAppends = prefixes.every((prefix, k) => k === 0 || prefix.startsWith(at(wholes, k - 1)));
    if (!onlyAppends) return prefixes.map((prefix, k) => [encode(prefix), ...at(turnPieces, k)]);
    return [
      prefixes.flatMap((prefix, k) => [
        encode(k === 0 ? prefix : prefix.slice(at(wholes, k - 1).length)),
        ...at(turnPieces, k),
      ]),
    ];
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** What a turn has behind its end token, such as a line break, is never generated. */
function turnOf(text: string, tokenizer: ExampleTokenizer): Piece[] {
  const { eosTokenId } = tokenizer;
  const tokenIds = tokenizer.encode(text, { parseSpecial: true });
  const end = eosTokenId === null ? -1 : tokenIds.lastIndexOf(eosTokenId);
  const length = end === -1 ? tokenIds.length : end + 1;
  return [
    { tokenIds: tokenIds.slice(0, length), counts: true },
    { tokenIds: tokenIds.slice(length), counts: false },
  ];
}

/** What stands in front of the first token that counts is the prompt: at least one token, since nothing predicts the first. */
function rowOf(pieces: readonly Piece[], maxTokens: number, note: (reason: string) => void): TrainingRow | string {
  const tokenIds = pieces.flatMap((piece) => piece.tokenIds);
  const counts = pieces.flatMap((piece) => piece.tokenIds.map(() => (piece.counts ? 1 : 0)));
  const promptLength = Math.max(counts.indexOf(1), 1);
  if (counts.lastIndexOf(1) < promptLength) return 'It is too short: there is no token to predict.';
  const length = Math.min(counts.lastIndexOf(1) + 1, maxTokens);
  if (!counts.slice(promptLength, length).includes(1))
    return `What is in front of the first token to learn has ${promptLength} tokens; a row has at most ${maxTokens}.`;
  if (length <= counts.lastIndexOf(1)) note(`Cut from ${counts.lastIndexOf(1) + 1} to ${maxTokens} tokens.`);
  return {
    promptIds: tokenIds.slice(0, promptLength),
    completionIds: tokenIds.slice(promptLength, length),
    lossMask: counts.slice(promptLength, length),
    advantage: 0,
  };
}
