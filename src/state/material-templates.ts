/** Edited prompts with their earlier versions, as pure functions. */
import { z } from 'zod';
import { repeatedKey } from '@/lib/repeated-key.ts';
import type { TemplateTexts } from '@/protocol/negotiation-api.ts';
import { MAX_TEMPLATE_LENGTH } from '@/protocol/negotiation/prompt-template.ts';
import { checkTemplateText, TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';

/** Of one template. */
const MAX_EARLIER = 10;

export interface TemplateVersion {
  readonly text: string;
  /** The version of ours that it was made from. */
  readonly ourVersion: number;
  /** ISO 8601. */
  readonly savedAt: string;
}

export interface TemplateEdit {
  /** Null: ours is in use. */
  readonly current: TemplateVersion | null;
  /** Newest first. */
  readonly earlier: readonly TemplateVersion[];
}

export type TemplateEdits = Readonly<Partial<Record<TemplateId, TemplateEdit>>>;

export const TEMPLATE_IDS: readonly TemplateId[] = Object.keys(TEMPLATES).filter(isTemplateId);

export function isTemplateId(id: string): id is TemplateId {
  return Object.hasOwn(TEMPLATES, id);
}

const UNTOUCHED: TemplateEdit = { current: null, earlier: [] };

/** A text with faults is not taken; one that is ours puts ours back. */
export function savedTemplate(edits: TemplateEdits, id: TemplateId, version: TemplateVersion): TemplateEdits {
  const { text } = version;
  const edit = edits[id] ?? UNTOUCHED;
  if (text === TEMPLATES[id].text) return restoredTemplate(edits, id);
  if (checkTemplateText(id, text).length > 0 || isSame(edit.current, version)) return edits;
  return { ...edits, [id]: { current: version, earlier: earlierOf(edit, text) } };
}

/** Saved again under a newer version of ours, a text says that it was looked at. */
function isSame(current: TemplateVersion | null, { text, ourVersion }: TemplateVersion): boolean {
  return current?.text === text && current.ourVersion === ourVersion;
}

/** Ours is in use again; what was in use is kept among the earlier versions. */
export function restoredTemplate(edits: TemplateEdits, id: TemplateId): TemplateEdits {
  const edit = edits[id];
  if (edit === undefined || edit.current === null) return edits;
  return { ...edits, [id]: { current: null, earlier: earlierOf(edit, null) } };
}

/** Takes a change back. @param edit  undefined: there was none */
export function templatePutBack(edits: TemplateEdits, id: TemplateId, edit: TemplateEdit | undefined): TemplateEdits {
  const { [id]: _now, ...others } = edits;
  return edit === undefined ? others : { ...others, [id]: edit };
}

/** The earlier ones with the one that was in use, each text once, without the one that is in use next. */
function earlierOf({ current, earlier }: TemplateEdit, next: string | null): TemplateVersion[] {
  const all = current === null ? earlier : [current, ...earlier.filter(({ text }) => text !== current.text)];
  return all.filter(({ text }) => text !== next).slice(0, MAX_EARLIER);
}

/** What the prompts are made with; a text that no longer fits its template is left out. */
export function textsInUse(edits: TemplateEdits): TemplateTexts {
  const texts: Partial<Record<TemplateId, string>> = {};
  for (const id of TEMPLATE_IDS) {
    const text = edits[id]?.current?.text;
    if (text !== undefined && checkTemplateText(id, text).length === 0) texts[id] = text;
  }
  return texts;
}

/** Whether ours was renewed after this was made from it. */
export function isOutdated(id: TemplateId, { ourVersion }: TemplateVersion): boolean {
  return ourVersion < TEMPLATES[id].version;
}

const versionSchema = z.strictObject({
  text: z.string().max(MAX_TEMPLATE_LENGTH),
  ourVersion: z.int().min(0),
  savedAt: z.string().max(40),
}) satisfies z.ZodType<TemplateVersion>;

export const templateEditSchema = z.strictObject({
  current: versionSchema.nullable(),
  earlier: z.array(versionSchema).max(MAX_EARLIER),
}) satisfies z.ZodType<TemplateEdit>;

const FORMAT = 'duet-templates-1';

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  templates: z.record(z.string(), z.strictObject({ ourVersion: z.int().min(0), text: z.string() })),
});

/** All edited texts in use. */
export function writeTemplates(edits: TemplateEdits): string {
  const templates = Object.fromEntries(
    TEMPLATE_IDS.flatMap((id) => {
      const current = edits[id]?.current ?? null;
      return current === null ? [] : [[id, { ourVersion: current.ourVersion, text: current.text }] as const];
    }),
  );
  return `${JSON.stringify({ format: FORMAT, templates }, null, 2)}\n`;
}

export type TemplateTextsOfFile = Readonly<Partial<Record<TemplateId, Omit<TemplateVersion, 'savedAt'>>>>;

export interface ReadTemplates {
  readonly texts: TemplateTextsOfFile;
  /** What is left out, and why. */
  readonly problems: readonly string[];
  /** Texts that are in use already. */
  readonly numKnown: number;
}

/** Nothing is thrown: what is wrong is listed. */
export function readTemplates(source: string, edits: TemplateEdits): ReadTemplates {
  const entries = readFile(source);
  if (typeof entries === 'string') return { texts: {}, problems: [entries], numKnown: 0 };
  const texts: Partial<Record<TemplateId, Omit<TemplateVersion, 'savedAt'>>> = {};
  const problems: string[] = [];
  let numKnown = 0;
  for (const [id, { text, ourVersion }] of entries) {
    const reason = isTemplateId(id) ? checkTemplateText(id, text).join(' ') : 'There is no such prompt.';
    if (reason !== '' || !isTemplateId(id)) problems.push(`${id}: ${reason}`);
    else if (text === (edits[id]?.current?.text ?? TEMPLATES[id].text)) numKnown += 1;
    else texts[id] = { text, ourVersion: Math.min(ourVersion, TEMPLATES[id].version) };
  }
  return { texts, problems, numKnown };
}

type FileEntry = readonly [id: string, version: { readonly text: string; readonly ourVersion: number }];

/** @returns the reason if it is no such file */
function readFile(source: string): readonly FileEntry[] | string {
  if (source.length > TEMPLATE_IDS.length * 2 * MAX_TEMPLATE_LENGTH) return 'The file is too long.';
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return 'The file is no JSON.';
  }
  const key = repeatedKey(source);
  if (key !== null) return `The key "${key}" stands twice in one object.`;
  const parsed = fileSchema.safeParse(value);
  return parsed.success ? Object.entries(parsed.data.templates) : `The file is no export of prompts (${FORMAT}).`;
}

/** Each by `savedTemplate`. */
export function withImportedTemplates(
  edits: TemplateEdits,
  texts: TemplateTextsOfFile,
  savedAt: string,
): TemplateEdits {
  return TEMPLATE_IDS.reduce((now, id) => {
    const read = texts[id];
    return read === undefined ? now : savedTemplate(now, id, { ...read, savedAt });
  }, edits);
}
