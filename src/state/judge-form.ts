/** What the form of a judge holds, what is wrong with it, and the judge that it makes. A key is never part of it. */
import { z } from 'zod';
import { assertNever } from '@/lib/assert.ts';
import type { JudgeConfig, RuleConfig } from '@/protocol/negotiation-api.ts';
import { problemOfUrl } from './server-url.ts';

export type JudgeKind = JudgeConfig['kind'];

/** What was filled in for one kind is kept while another one is looked at. Null where a number field is empty. */
export interface JudgeForm {
  readonly kind: JudgeKind;
  readonly url: string;
  readonly model: string;
  readonly timeoutSeconds: number | null;
  readonly maxAttempts: number | null;
  readonly rule: RuleConfig['kind'];
  readonly word: string;
  readonly words: number | null;
  readonly webLlmModel: string;
}

export const FIRST_JUDGE_FORM: JudgeForm = {
  kind: 'engine',
  url: 'http://localhost:11434/v1',
  model: '',
  timeoutSeconds: 60,
  maxAttempts: 3,
  rule: 'personas',
  word: 'together',
  words: 100,
  webLlmModel: 'Qwen3-1.7B-q4f16_1-MLC',
};

export const JUDGE_RANGES = {
  timeoutSeconds: { min: 1, max: 600 },
  maxAttempts: { min: 1, max: 10 },
  words: { min: 1, max: 1000 },
} as const;

type JudgeNumber = keyof typeof JUDGE_RANGES;

const MAX_TEXT = 500;

export type JudgeProblems = Readonly<Partial<Record<'url' | 'model' | 'word' | 'webLlmModel' | JudgeNumber, string>>>;

/** By field, for the chosen kind only. */
export function problemsOfJudge(form: JudgeForm): JudgeProblems {
  switch (form.kind) {
    case 'engine':
    case 'human':
      return {};
    case 'webLlm':
      return form.webLlmModel === '' ? { webLlmModel: 'Choose a model.' } : {};
    case 'rule':
      return problemsOfRule(form);
    case 'endpoint':
      return withoutEmpty({
        url: problemOfUrl(form.url),
        model: form.model.trim() === '' ? 'The name by which the server knows it.' : undefined,
        timeoutSeconds: problemOfNumber(form, 'timeoutSeconds'),
        maxAttempts: problemOfNumber(form, 'maxAttempts'),
      });
    default:
      return assertNever(form.kind);
  }
}

function problemsOfRule(form: JudgeForm): JudgeProblems {
  if (form.rule === 'word')
    return /^\S+$/.test(form.word.trim()) ? {} : { word: 'One word, as it stands in an answer.' };
  return form.rule === 'length' ? withoutEmpty({ words: problemOfNumber(form, 'words') }) : {};
}

function problemOfNumber(form: JudgeForm, name: JudgeNumber): string | undefined {
  const { min, max } = JUDGE_RANGES[name];
  const value = form[name];
  const isGood = value !== null && Number.isInteger(value) && value >= min && value <= max;
  return isGood ? undefined : `A whole number, ${min} to ${max.toLocaleString('en')}.`;
}

function withoutEmpty(problems: Readonly<Record<string, string | undefined>>): JudgeProblems {
  return Object.fromEntries(Object.entries(problems).filter(([, problem]) => problem !== undefined));
}

/** The judge, without a key; null while a field has a problem. */
export function judgeOfForm(form: JudgeForm): JudgeConfig | null {
  if (Object.keys(problemsOfJudge(form)).length > 0) return null;
  switch (form.kind) {
    case 'engine':
    case 'human':
      return { kind: form.kind };
    case 'webLlm':
      return { kind: 'webLlm', model: form.webLlmModel };
    case 'rule':
      return { kind: 'rule', rule: ruleOfForm(form) };
    case 'endpoint':
      return {
        kind: 'endpoint',
        url: form.url.trim(),
        model: form.model.trim(),
        ...(form.timeoutSeconds !== null && { timeoutMs: form.timeoutSeconds * 1000 }),
        ...(form.maxAttempts !== null && { maxAttempts: form.maxAttempts }),
      };
    default:
      return assertNever(form.kind);
  }
}

function ruleOfForm({ rule, word, words }: JudgeForm): RuleConfig {
  if (rule === 'word') return { kind: 'word', word: word.trim() };
  return rule === 'length' ? { kind: 'length', words: words ?? 1 } : { kind: 'personas' };
}

/** The form that makes this judge; what it does not say is as in the other form. */
export function formOfJudge(judge: JudgeConfig, other: JudgeForm): JudgeForm {
  const { kind } = judge;
  switch (kind) {
    case 'engine':
    case 'human':
      return { ...other, kind };
    case 'webLlm':
      return { ...other, kind, webLlmModel: judge.model };
    case 'endpoint': {
      const { url, model, timeoutMs, maxAttempts = other.maxAttempts } = judge;
      const timeoutSeconds = timeoutMs === undefined ? other.timeoutSeconds : timeoutMs / 1000;
      return { ...other, kind, url, model, timeoutSeconds, maxAttempts };
    }
    case 'rule': {
      const { rule } = judge;
      const word = rule.kind === 'word' ? rule.word : other.word;
      return { ...other, kind, rule: rule.kind, word, words: rule.kind === 'length' ? rule.words : other.words };
    }
    default:
      return assertNever(kind);
  }
}

/** The same judge with its key, where it takes one. */
export function withKey(judge: JudgeConfig, apiKey: string): JudgeConfig {
  return judge.kind === 'endpoint' && apiKey.trim() !== '' ? { ...judge, apiKey: apiKey.trim() } : judge;
}

export function isSameJudge(one: JudgeConfig, other: JudgeConfig): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const kindSchema = z.enum(['engine', 'rule', 'endpoint', 'webLlm', 'human']);
const text = z.string().max(MAX_TEXT);
const keptUrl = text.refine((url) => url === '' || problemOfUrl(url) === undefined);
const number = (name: JudgeNumber): z.ZodInt => z.int().min(JUDGE_RANGES[name].min).max(JUDGE_RANGES[name].max);
const first = FIRST_JUDGE_FORM;

const formSchema = z.object({
  kind: kindSchema.catch(first.kind),
  url: keptUrl.catch(first.url),
  model: text.catch(first.model),
  timeoutSeconds: number('timeoutSeconds').catch(first.timeoutSeconds ?? 1),
  maxAttempts: number('maxAttempts').catch(first.maxAttempts ?? 1),
  rule: z.enum(['word', 'length', 'personas']).catch(first.rule),
  word: text.catch(first.word),
  words: number('words').catch(first.words ?? 1),
  webLlmModel: text.catch(first.webLlmModel),
});

const judgesWithoutServer = [
  z.object({ kind: z.literal('engine') }),
  z.object({ kind: z.literal('human') }),
  z.object({ kind: z.literal('webLlm'), model: text.min(1) }),
  z.object({
    kind: z.literal('rule'),
    rule: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('word'), word: text.min(1) }),
      z.object({ kind: z.literal('length'), words: number('words') }),
      z.object({ kind: z.literal('personas') }),
    ]),
  }),
] as const;

/** Judges that can be handed on: none that is a server. */
export const sharedJudgeSchema = z.discriminatedUnion('kind', judgesWithoutServer);

const judgeSchema = z.discriminatedUnion('kind', [
  ...judgesWithoutServer,
  // What it does not name, a key above all, is left out.
  z.object({
    kind: z.literal('endpoint'),
    url: text.refine((url) => problemOfUrl(url) === undefined),
    model: text.min(1),
    timeoutMs: z.int().min(1000).max(600_000).default(60_000),
    maxAttempts: number('maxAttempts').default(3),
  }),
]);

/** What may be stored: no address that has a key in it. */
export function storedJudgeForm(form: JudgeForm): JudgeForm {
  return form.url === '' || problemOfUrl(form.url) === undefined ? form : { ...form, url: '' };
}

/** What storage holds, field by field; what is of another kind or out of range is the default. */
export function readJudgeForm(stored: unknown): JudgeForm {
  const parsed = formSchema.safeParse(stored);
  return parsed.success ? parsed.data : FIRST_JUDGE_FORM;
}

/** As above; what is no judge is the model itself. */
export function readJudgeChoice(stored: unknown): JudgeConfig {
  const parsed = judgeSchema.safeParse(stored);
  return parsed.success ? parsed.data : { kind: 'engine' };
}
