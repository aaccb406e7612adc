/** Choices and the right one, in the forms in which question sets write them. */
import { choiceLetter } from '@/protocol/evaluation-schema.ts';
import { isObject } from './read-rows.ts';

export interface Choices {
  readonly texts: readonly string[];
  /** How the set itself names them; empty if it does not. */
  readonly labels: readonly string[];
}

/**
 * Reads a list of texts, a list of `{ label, text }`, an object of two lists `{ label, text }`, or any of them written as
 * JSON or as a Python list.
 *
 * @returns undefined if it is none of them
 */
export function readChoices(value: unknown): Choices | undefined {
  const list = typeof value === 'string' ? parseList(value) : value;
  if (isObject(list)) return pairUp(textsOf(list['label']), textsOf(list['text']));
  if (!Array.isArray(list)) return undefined;
  if (!list.every(isObject)) return pairUp([], textsOf(list));
  return pairUp(textsOf(list.map(({ label }) => label)), textsOf(list.map(({ text }) => text)));
}

/**
 * Finds the right choice: by its label in the set, by letter, by number counted from 0, or by its text.
 *
 * @returns its letter; undefined if it is none of the choices
 */
export function letterOfAnswer(value: unknown, { texts, labels }: Choices): string | undefined {
  const [answer] = textsOf([value]) ?? [];
  if (answer === undefined) return undefined;
  const letters = texts.map((_, index) => choiceLetter(index));
  const byNumber = /^\d{1,3}$/.test(answer) ? Number(answer) : -1;
  const candidates = [
    labels.indexOf(answer),
    letters.indexOf(answer.toUpperCase()),
    byNumber < texts.length ? byNumber : -1,
    texts.indexOf(answer),
  ];
  return letters[candidates.find((index) => index >= 0) ?? -1];
}

function pairUp(labels: readonly string[] | undefined, texts: readonly string[] | undefined): Choices | undefined {
  if (texts === undefined) return undefined;
  return { texts, labels: labels?.length === texts.length ? labels : [] };
}

/** Strings and numbers as trimmed strings; undefined if there is anything else. */
function textsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const texts = value.flatMap((entry: unknown) =>
    typeof entry === 'string' || typeof entry === 'number' ? [String(entry).trim()] : [],
  );
  return texts.length === value.length ? texts : undefined;
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Tables saved from Python hold lists as Python prints them, with or without commas.
    if (!/^\s*\[.*\]\s*$/s.test(text)) return undefined;
    const quoted = text.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/gs);
    return [...quoted].map(([, single, double]) => (single ?? double ?? '').replaceAll(/\\(.)/gs, '$1'));
  }
}
