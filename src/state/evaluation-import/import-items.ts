/** Rows of a file as items of an evaluation; rows that are not good are listed with their line and left out. */
import { assertNever } from '@/lib/assert.ts';
import { parseRational } from '@/lib/rational.ts';
import type { EvaluationItem } from '@/protocol/evaluation.ts';
import { questionText } from '@/protocol/evaluation-question.ts';
import { evaluationItemSchema, MAX_CHOICES, MAX_ITEMS } from '@/protocol/evaluation-schema.ts';
import type { ItemMapping } from './item-mapping.ts';
import { letterOfAnswer, readChoices, type Choices } from './read-choices.ts';
import { valueAt, type ImportProblem, type ItemRow, type ItemRows } from './read-rows.ts';

export interface ImportedItems {
  readonly items: readonly EvaluationItem[];
  /** In the order of lines; the first `MAX_PROBLEMS`. */
  readonly problems: readonly ImportProblem[];
  /** Rows left out, those too many to be listed included. */
  readonly numLeftOut: number;
}

export const MAX_PROBLEMS = 200;

/** Never throws: whatever a file holds becomes an item or a problem. */
export function importItems(rows: ItemRows, mapping: ItemMapping): ImportedItems {
  const items: EvaluationItem[] = [];
  const problems = [...rows.problems];
  const linesById = new Map<string, number>();
  for (const row of rows.rows) {
    const item = items.length < MAX_ITEMS ? itemOf(row, mapping) : `An evaluation has at most ${MAX_ITEMS} items.`;
    const reason = typeof item === 'string' ? item : repeated(item, linesById);
    if (typeof item === 'string' || reason !== undefined) {
      problems.push({ line: row.line, reason: reason ?? '' });
    } else {
      linesById.set(item.id, row.line);
      items.push(item);
    }
  }
  const inOrder = problems.toSorted((a, b) => a.line - b.line);
  return { items, problems: inOrder.slice(0, MAX_PROBLEMS), numLeftOut: problems.length };
}

function repeated({ id }: EvaluationItem, linesById: ReadonlyMap<string, number>): string | undefined {
  const line = linesById.get(id);
  return line === undefined ? undefined : `The id "${id}" was used in line ${line}.`;
}

/** @returns the reason if the row is no item */
function itemOf({ line, fields }: ItemRow, mapping: ItemMapping): EvaluationItem | string {
  const question = textAt(fields, mapping.question);
  if (question === undefined) return `The question, field "${mapping.question}", is missing.`;
  const choices = mapping.kind === 'choice' ? choicesAt(fields, mapping.choices ?? []) : undefined;
  if (typeof choices === 'string') return choices;
  const answer = answerOf(valueAt(fields, mapping.answer), mapping, choices);
  if ('reason' in answer) return answer.reason;
  return checked({
    id: (mapping.id === undefined ? undefined : textAt(fields, mapping.id)) ?? `line-${line}`,
    question: questionText(mapping.kind, question, choices?.texts),
    kind: mapping.kind,
    answer: answer.answer,
    ...(choices && { choices: choices.texts }),
  });
}

function checked(item: EvaluationItem): EvaluationItem | string {
  const { error } = evaluationItemSchema.safeParse(item);
  const issue = error?.issues[0];
  return issue === undefined ? item : `${issue.path.join('.')}: ${issue.message}.`;
}

/** Text or a number at the path; undefined if there is nothing to read. */
function textAt(fields: Readonly<Record<string, unknown>>, path: string): string | undefined {
  const value = valueAt(fields, path);
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).trim();
  return text === '' ? undefined : text;
}

function choicesAt(fields: Readonly<Record<string, unknown>>, paths: readonly string[]): Choices | string {
  const [first, ...others] = paths;
  if (first === undefined) return 'No field for the choices is given.';
  const values = paths.map((path) => textAt(fields, path));
  const choices =
    others.length === 0
      ? readChoices(valueAt(fields, first))
      : values.includes(undefined)
        ? undefined
        : { texts: values as string[], labels: [] };
  if (choices === undefined) return `The choices, ${nameAll(paths)}, cannot be read.`;
  const count = choices.texts.length;
  return count < 2 || count > MAX_CHOICES ? `There are ${count} choices; 2 to ${MAX_CHOICES} are possible.` : choices;
}

function nameAll(paths: readonly string[]): string {
  return `${paths.length === 1 ? 'field' : 'fields'} ${paths.map((path) => `"${path}"`).join(', ')}`;
}

type Answer = { readonly answer: string } | { readonly reason: string };

function answerOf(value: unknown, { kind, answer: path }: ItemMapping, choices: Choices | undefined): Answer {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (text === '') return { reason: `The answer, field "${path}", is missing.` };
  switch (kind) {
    case 'number':
      return numberOf(text);
    case 'choice': {
      const letter = choices && letterOfAnswer(value, choices);
      return letter === undefined
        ? { reason: `The answer "${shortened(text)}" is none of the choices.` }
        : { answer: letter };
    }
    case 'refusal':
      return { answer: text.toLowerCase() };
    case 'boxed':
      return { answer: text };
    default:
      return assertNever(kind);
  }
}

/** The whole answer, or what stands behind its last `####`, as a number. */
function numberOf(text: string): Answer {
  const [written = ''] = text.split('####').slice(-1);
  const plain = withoutSeparators(written.replaceAll(/[$€£]/g, '').replaceAll('−', '-').trim());
  const isRead = parseRational(plain.replace(/%$/, '')) !== undefined;
  return isRead ? { answer: plain } : { reason: `The answer "${shortened(written.trim())}" is not a number.` };
}

/** Commas between thousands only: 3,5 stays what it is, since nobody can tell what it means. */
function withoutSeparators(text: string): string {
  return /^[+-]?\d{1,3}(,\d{3})+(?![\d,])/.test(text) ? text.replaceAll(',', '') : text;
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
