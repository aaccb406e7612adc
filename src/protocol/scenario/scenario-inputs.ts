/** What is done in each panel, field by field. */
import { z } from 'zod';
import { CHAT_FIELDS } from '../chat-fields.ts';
import { chatModelSchema } from '../chat-schema.ts';
import { type ChatSettings, chatSettingsSchema } from '../chat-settings.ts';
import { rolloutSchema, unattendedJudgeSchema } from '../negotiation-request-schema.ts';
import { startTrainingSchema } from '../negotiation-training-schema.ts';
import type { TraceSetup } from '../reasoning.ts';
import { traceSetupSchema } from '../recording-schema.ts';
import { loadOptionsSchema } from './scenario-parts.ts';
import { someOf } from '../some-of.ts';

const MAX_TEXT = 100_000;

const count = z.int().min(0);
const text = z.string().max(MAX_TEXT);
const saidText = z.string().min(1).max(MAX_TEXT);

const at = {
  step: count.exactOptional().describe('The step in front of which it happens; this repeats exactly.'),
  atMs: z.number().min(0).max(3_600_000).exactOptional().describe('Or milliseconds behind the run’s start.'),
};

interface At {
  readonly step?: number;
  readonly atMs?: number;
}

const hasOneTime = ({ step, atMs }: At): boolean => (step === undefined) !== (atMs === undefined);
const ONE_TIME = 'must have either step or atMs';

const drafts = z
  .array(
    z
      .strictObject({
        ...at,
        text: text.describe('The whole text box as it stands.'),
        sent: z.boolean().default(false).describe('Whether Enter was pressed.'),
        settled: z.boolean().exactOptional().describe('Whether the typing rests, so that the last word is read too.'),
      })
      .refine(hasOneTime, ONE_TIME),
  )
  .max(10_000);

const questionInputs = z
  .strictObject({
    kind: z.literal('question'),
    question: saidText.describe('The question; without drafts it is sent at once.'),
    drafts: drafts
      .exactOptional()
      .describe('What the text box held at which step. A draft behind an answer begins a turn.'),
    remarks: z
      .array(z.strictObject({ ...at, text: saidText }).refine(hasOneTime, ONE_TIME))
      .max(10_000)
      .exactOptional()
      .describe('Remarks while the writer writes.'),
    pauses: z
      .array(z.strictObject({ ...at, paused: z.boolean() }).refine(hasOneTime, ONE_TIME))
      .max(10_000)
      .exactOptional(),
    stopAt: z.strictObject(at).refine(hasOneTime, ONE_TIME).exactOptional().describe('Ends the run there.'),
  })
  .refine(({ drafts: typed = [], remarks = [], pauses = [], stopAt }) => {
    const times: readonly At[] = [...typed, ...remarks, ...pauses, ...(stopAt === undefined ? [] : [stopAt])];
    return new Set(times.map(({ step }) => step === undefined)).size <= 1;
  }, 'must have all its times as steps, or all as atMs');

const checkedSetup: unknown = traceSetupSchema;
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is looser than the type, the worker checks
const setupSchema = checkedSetup as z.ZodType<TraceSetup, TraceSetup>;

const setupInputs = z.strictObject({
  kind: z.literal('setup'),
  setup: setupSchema.describe('A trace’s `setup` as it stands: blocks, views, token ids and events.'),
});

export const thinkingInputsSchema = z
  .discriminatedUnion('kind', [questionInputs, setupInputs])
  .describe('A question with what is typed and when, or the setup of a recorded run.');

export const negotiationInputsSchema = rolloutSchema
  .omit({ settings: true, pace: true })
  .extend({
    person: z
      .array(
        z.strictObject({
          row: count,
          role: z.enum(['agent1', 'agent2']),
          turn: z.int().min(1),
          text: saidText.regex(/\S/, 'must not be empty'),
        }),
      )
      .max(10_000)
      .exactOptional()
      .describe('What a person says for the sides of `takenOver`.'),
    humanScores: z
      .array(z.int().min(0).max(5).nullable())
      .max(10_000)
      .exactOptional()
      .describe('Answers to a judge of kind "human", in the order in which they are asked for; null: no score.'),
  })
  .describe('A group of dialogues, as `duet.negotiation.rollout` takes it.');

const fineTuneInputs = z.strictObject({
  kind: z.literal('fineTune'),
  adapter: z
    .strictObject({
      config: z
        .record(z.string(), z.unknown())
        .exactOptional()
        .describe('Rank, targets and so on, as PEFT names them.'),
      seed: count.max(0xffff_ffff).exactOptional(),
    })
    .exactOptional()
    .describe('The new adapter that is trained.'),
  data: z.string().min(1).max(1_000_000).describe('Plain text, or one JSON object a line.'),
  steps: z.int().min(1).max(100_000),
  examplesPerStep: z.int().min(1).max(256).exactOptional(),
  maxTokens: z.int().min(2).max(1_000_000).exactOptional(),
});

export const trainingInputsSchema = z
  .discriminatedUnion('kind', [
    fineTuneInputs,
    startTrainingSchema
      .omit({ kind: true, settings: true, adapterId: true })
      .extend({ kind: z.literal('negotiation'), judge: unattendedJudgeSchema.optional() }),
  ])
  .describe('Fine-tuning on examples, or GRPO on dialogues; both with a new adapter.');

export const chatInputsSchema = z
  .strictObject({
    model: chatModelSchema
      .default({ kind: 'engine' })
      .describe('Who answers. A server’s address may begin with `/`: it is the page’s own then. A key is never kept.'),
    timeoutMs: z.int().min(100).max(600_000).exactOptional(),
    questions: z
      .array(
        z.strictObject({
          text: saidText,
          settings: someOf<ChatSettings>(chatSettingsSchema, CHAT_FIELDS)
            .exactOptional()
            .describe('Where they differ from the scenario’s.'),
        }),
      )
      .min(1)
      .max(1000)
      .describe('Asked one after the other; the answers between them are part of the conversation.'),
  })
  .describe('A conversation.');

const generateSchema = z
  .strictObject({
    tokenIds: z.array(count).min(1).max(100_000).exactOptional(),
    messages: z
      .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: text }))
      .min(1)
      .max(1000)
      .exactOptional(),
    maxNewTokens: z.int().min(1).max(100_000),
    temperature: z.number().min(0).max(100).exactOptional(),
  })
  .refine(
    ({ tokenIds, messages }) => (tokenIds === undefined) !== (messages === undefined),
    'must have either tokenIds or messages',
  );

const actionSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('load'),
    source: z.string().min(1).max(2000).exactOptional().describe('Default: the scenario’s model.'),
    options: loadOptionsSchema.exactOptional(),
  }),
  z.strictObject({ do: z.literal('generate'), request: generateSchema }),
  z.strictObject({ do: z.literal('unload') }),
  z.strictObject({ do: z.literal('loseDevice') }),
]);

export const modelInputsSchema = z
  .strictObject({
    actions: z.array(actionSchema).min(1).max(100).describe('Done one after the other; nothing is loaded beforehand.'),
  })
  .describe('What is done with the model.');
