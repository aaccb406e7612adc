/**
 * Checks what comes as a link, a file or from a script. Each part goes through the reader that its panel has for it
 * already; here stands only how the parts are put together.
 */
import { z } from 'zod';
import { Failure } from '@/lib/failure.ts';
import { chatSettingsSchema, type ChatSettings } from '@/protocol/chat-settings.ts';
import { checkInput } from '@/protocol/check-input.ts';
import { COMPARISON_MODES } from '@/protocol/comparison.ts';
import { BUILT_IN_SETS } from '@/protocol/evaluation.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import type { FailureCode } from '@/protocol/failures.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { PERSONA_PAIRS } from '@/protocol/negotiation/persona-pairs.ts';
import { MAX_TEMPLATE_LENGTH } from '@/protocol/negotiation/prompt-template.ts';
import { dilemmaSchema, personaPairSchema } from '@/protocol/negotiation/schema.ts';
import { checkTemplateText } from '@/protocol/negotiation/templates.ts';
import { checkRecording } from '@/protocol/negotiation-recording.ts';
import { negotiationSettingsSchema, type NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import { reasoningSettingsSchema } from '@/protocol/reasoning-settings.ts';
import { checkRun } from '@/protocol/recording-schema.ts';
import { SHARE_FORMAT, type SharedContent } from '@/protocol/shared-content.ts';
import { someOf } from '@/protocol/some-of.ts';
import { checkTrainingRecording } from '@/protocol/training-recording.ts';
import { FIRST_PLAN, MAX_CONFIGURATIONS, MAX_NAME_LENGTH, MAX_SEED } from '../evaluation-plan.ts';
import { FORM_NUMBERS, FORM_RANGES, MAX_KEPT_DATA, SCHEDULES } from '../fine-tune-form.ts';
import { sharedJudgeSchema } from '../judge-form.ts';
import { isTemplateId } from '../material-templates.ts';
import { EVALUATION_RANGES } from '../negotiation-evaluation-form.ts';
import { TRAINING_CHOICES, TRAINING_NUMBER_NAMES, TRAINING_NUMBERS } from '../negotiation-training-form.ts';
import { readGroupRecord } from '../read-group-record.ts';
import { problemOfUrl } from '../server-url.ts';
import { checkSharedScenario } from './check-shared-scenario.ts';

const MAX_TITLE = 120;
const MAX_NOTE = 1000;
const MAX_QUESTION = 200_000;
const MAX_NAME = 500;

/** Whole, or the id of one of ours, which is made whole. */
function wholeOrOurs<Item extends { readonly id: string }>(
  schema: z.ZodType<Item>,
  ours: readonly Item[],
): z.ZodType<Item> {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    const found = ours.find(({ id }) => id === value);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: 'There is none of ours with this id' });
    return z.NEVER;
  }, schema) as z.ZodType<Item>;
}

const name = z.string().min(1).max(MAX_NAME);
const question = z.string().max(MAX_QUESTION);

const templates = z
  .record(
    z.string().max(100),
    z.strictObject({ ourVersion: z.int().min(0), text: z.string().max(MAX_TEMPLATE_LENGTH) }),
  )
  .superRefine((texts, context) => {
    for (const [id, { text }] of Object.entries(texts)) {
      const faults = isTemplateId(id) ? checkTemplateText(id, text) : ['There is no such prompt.'];
      if (faults.length > 0)
        context.addIssue({ code: 'custom', path: [id], message: faults.join(' ').replace(/\.$/, '') });
    }
  });

const rules = z.strictObject({
  settings: someOf<NegotiationSettings>(negotiationSettingsSchema).optional(),
  dilemma: wholeOrOurs(dilemmaSchema, DILEMMAS).optional(),
  pair: wholeOrOurs(personaPairSchema, PERSONA_PAIRS).optional(),
  judge: sharedJudgeSchema.optional(),
  templates: templates.optional(),
});

const planNumbers = TRAINING_NUMBER_NAMES.map((key) => {
  const { min, max, isWhole } = TRAINING_NUMBERS[key];
  const number = z.number().min(min).max(max);
  return [key, (isWhole ? number.int() : number).optional()] as const;
});
const planChoices = Object.entries(TRAINING_CHOICES).map(
  ([key, values]) => [key, z.literal([...values] as (string | boolean)[]).optional()] as const,
);
const plan = z.strictObject({
  ...Object.fromEntries(planNumbers),
  ...Object.fromEntries(planChoices),
  name: z.string().trim().min(1).max(80).optional(),
});

const within = (key: keyof typeof EVALUATION_RANGES): z.ZodOptional<z.ZodInt> =>
  z.int().min(EVALUATION_RANGES[key].min).max(EVALUATION_RANGES[key].max).optional();
const someWords = <Word extends string>(words: readonly Word[]): z.ZodOptional<z.ZodArray<z.ZodType<Word>>> =>
  z
    .array(z.enum(words) as unknown as z.ZodType<Word>)
    .max(words.length)
    .refine((chosen) => new Set(chosen).size === chosen.length, { error: 'It must not name one twice' })
    .optional();
const evaluationForm = z.strictObject({
  numDilemmas: z.int().min(1).max(10_000).optional(),
  sets: someWords(['conflict', 'open']),
  decodings: someWords(['greedy', 'sampling']),
  repetitions: within('repetitions'),
  maxTurns: within('maxTurns'),
  maxUtteranceTokens: within('maxUtteranceTokens'),
  maxCompletionTokens: within('maxCompletionTokens'),
  isCompared: z.boolean().optional(),
  isAbilityMeasured: z.boolean().optional(),
  abilitySets: someWords(BUILT_IN_SETS),
  itemsPerSet: z.int().min(1).max(2000).optional(),
  text: question.optional(),
  seed: within('seed'),
});

const fineTuneNumbers = FORM_NUMBERS.map((key) => {
  const { min, max, isWhole } = FORM_RANGES[key];
  const number = z.number().min(min).max(max);
  return [key, (isWhole ? number.int() : number).optional()] as const;
});
const fineTuneForm = z.strictObject({
  ...Object.fromEntries(fineTuneNumbers),
  data: z.string().max(MAX_KEPT_DATA).optional(),
  lrSchedulerType: z.enum(Object.keys(SCHEDULES)).optional(),
  gradientCheckpointing: z.boolean().optional(),
});

const configuration = z.strictObject({
  name: z.string().trim().min(1).max(MAX_NAME_LENGTH),
  mode: z.enum(COMPARISON_MODES),
  basis: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('present') }),
    z.strictObject({
      kind: z.literal('preset'),
      preset: z.string().refine((preset) => Object.hasOwn(REASONING_PRESETS, preset), 'There is no such preset'),
    }),
    z.strictObject({ kind: z.literal('kept'), settings: reasoningSettingsSchema }),
  ]),
});
const thinkingEvaluationForm = z
  .strictObject({
    set: z.enum(BUILT_IN_SETS).optional(),
    numItems: z.int().min(1).optional(),
    seed: z.int().min(0).max(MAX_SEED).optional(),
    configurations: z
      .array(configuration)
      .max(MAX_CONFIGURATIONS)
      .refine((all) => new Set(all.map((one) => one.name)).size === all.length, 'Each name may be used once')
      .optional(),
  })
  .superRefine(({ set = FIRST_PLAN.set, numItems = 1 }, context) => {
    const most = set === 'imported' ? 0 : BUILT_IN_SET_FACTS[set].maxItems;
    if (numItems > most)
      context.addIssue({ code: 'custom', path: ['numItems'], message: `The set has ${most.toLocaleString('en')}` });
  });

const chatModel = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('engine') }),
  z.strictObject({ kind: z.literal('webLlm'), model: name }),
  z.strictObject({
    kind: z.literal('endpoint'),
    url: z
      .string()
      .max(MAX_NAME)
      .superRefine((url, context) => {
        const problem = problemOfUrl(url);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem.replace(/[.?]$/, '') });
      }),
    model: name,
  }),
]);

/** What stands in `run`, `recording` and `group` is checked by their readers, as a scenario is by its own. */
const replay = z.discriminatedUnion('of', [
  z.strictObject({ of: z.literal('thinking'), run: z.looseObject({}) }),
  z.strictObject({ of: z.literal('negotiation'), recording: z.looseObject({}) }),
  z.strictObject({ of: z.literal('group'), group: z.looseObject({}) }),
  z.strictObject({ of: z.literal('training'), recording: z.looseObject({}) }),
  z.strictObject({
    of: z.literal('shipped'),
    panel: z.enum(['thinking', 'negotiation', 'training']),
    file: z
      .string()
      .max(100)
      .regex(/^[\w-]+\.json$/, 'It must be the name of a file'),
  }),
]);

const head = {
  format: z.literal(SHARE_FORMAT),
  title: z.string().max(MAX_TITLE).optional(),
  note: z.string().max(MAX_NOTE).optional(),
  model: z.strictObject({ id: z.string().max(2000), name: z.string().max(MAX_NAME) }).optional(),
};

const contentSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      ...head,
      kind: z.literal('thinking'),
      settings: reasoningSettingsSchema.optional(),
      question: question.optional(),
    }),
    z.strictObject({ ...head, kind: z.literal('negotiation'), rules }),
    z.strictObject({ ...head, kind: z.literal('training'), plan, rules }),
    z.strictObject({ ...head, kind: z.literal('evaluation'), form: evaluationForm, rules }),
    z.strictObject({
      ...head,
      kind: z.literal('chat'),
      settings: someOf<ChatSettings>(chatSettingsSchema).optional(),
      question: question.optional(),
      chatModel: chatModel.optional(),
    }),
    z.strictObject({ ...head, kind: z.literal('fineTune'), form: fineTuneForm }),
    z.strictObject({
      ...head,
      kind: z.literal('thinkingEvaluation'),
      form: thinkingEvaluationForm,
      settings: reasoningSettingsSchema.optional(),
    }),
    z.strictObject({ ...head, kind: z.literal('scenario'), scenario: z.looseObject({}) }),
    z.strictObject({ ...head, kind: z.literal('replay'), replay }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? 'This page knows no such kind of content' : undefined) },
);

const CALL = 'What was shared';

/**
 * @param value  JSON of anybody
 * @returns      the same, with ids of our dilemmas and pairs made whole
 * @throws {Failure} 'invalidConfig' naming the field
 */
export function checkShared(value: unknown): SharedContent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('it is no object of fields');
  const format: unknown = 'format' in value ? value.format : undefined;
  if (format !== SHARE_FORMAT)
    throw refusal(
      typeof format === 'string' && format.startsWith('duet-share-')
        ? `format: it is ${format.slice(0, 40)}, and this page reads ${SHARE_FORMAT}. Open it with the Duet that made it`
        : `format: it is not ${SHARE_FORMAT}. Choose a file that "Share" has made`,
    );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema and the readers check what the types say
  const content = checkInput(contentSchema, value, CALL) as unknown as SharedContent;
  if (content.kind === 'replay') checkReplay(content.replay);
  if (content.kind === 'scenario') checkSharedScenario(content.scenario);
  return content;
}

function checkReplay(shared: Extract<SharedContent, { kind: 'replay' }>['replay']): void {
  switch (shared.of) {
    case 'thinking':
      checkRun(shared.run);
      break;
    case 'negotiation':
      checkRecording(shared.recording, readGroupRecord);
      break;
    case 'group':
      readGroupRecord(shared.group);
      break;
    case 'training':
      checkTrainingRecording(shared.recording, readGroupRecord);
      break;
    case 'shipped':
  }
}

function refusal(fault: string): Failure<FailureCode> {
  return new Failure('invalidConfig', `${CALL}: ${fault}.`);
}
