/**
 * A scenario: one file that says what is done in a panel and what has to come of it. The schema is the source of the
 * published JSON schema and of the reference in docs.
 */
import { z } from 'zod';
import { type ChatSettings, chatSettingsSchema } from '../chat-settings.ts';
import { type NegotiationSettings, negotiationSettingsSchema } from '../negotiation-settings.ts';
import { NEGOTIATION_FIELDS } from '../negotiation-fields.ts';
import { CHAT_FIELDS } from '../chat-fields.ts';
import { REASONING_FIELDS } from '../reasoning-fields.ts';
import { reasoningSettingsSchema } from '../reasoning-settings.ts';
import type { ReasoningSettings } from '../reasoning.ts';
import {
  chatInputsSchema,
  modelInputsSchema,
  negotiationInputsSchema,
  thinkingInputsSchema,
  trainingInputsSchema,
} from './scenario-inputs.ts';
import { environmentSchema, expectSchema, modelSchema } from './scenario-parts.ts';
import { someOf } from '../some-of.ts';

export const SCENARIO_FORMAT = 'duet-scenario';
export const SCENARIO_VERSION = 1;

/** Characters of a file. */
export const MAX_SCENARIO_CHARACTERS = 32_000_000;

const shared = {
  $schema: z.string().max(2000).exactOptional().describe('Where this schema is, for editors.'),
  format: z.literal(SCENARIO_FORMAT, { error: 'must be "duet-scenario"' }),
  version: z.literal(SCENARIO_VERSION, {
    error: 'must be 1. A file of another version needs the Duet that wrote it',
  }),
  name: z.string().trim().min(1).max(200).describe('What the reports call it.'),
  description: z.string().max(5000).exactOptional().describe('What it is for.'),
  environment: environmentSchema.exactOptional(),
  seed: z
    .int()
    .min(0)
    .max(0xffff_ffff)
    .exactOptional()
    .describe('Of everything that is drawn; it stands in for the seed among the settings.'),
  expect: expectSchema,
};

/** It would have no effect. */
const NOT_BESIDE_SETUP = 'must be left out: a setup has its own';

const needsModel = { ...shared, model: modelSchema };
const mayHaveModel = { ...shared, model: modelSchema.exactOptional() };

export const scenarioSchema = z.discriminatedUnion('panel', [
  z
    .strictObject({
      ...needsModel,
      panel: z.literal('thinking'),
      inputs: thinkingInputsSchema,
      settings: someOf<ReasoningSettings>(reasoningSettingsSchema, REASONING_FIELDS)
        .exactOptional()
        .describe('Settings of asynchronous thinking. Not beside a setup, which has its own.'),
    })
    .refine(({ inputs, seed }) => inputs.kind !== 'setup' || seed === undefined, {
      path: ['seed'],
      message: NOT_BESIDE_SETUP,
    })
    .refine(({ inputs, settings }) => inputs.kind !== 'setup' || settings === undefined, {
      path: ['settings'],
      message: NOT_BESIDE_SETUP,
    }),
  z.strictObject({
    ...needsModel,
    panel: z.literal('negotiation'),
    inputs: negotiationInputsSchema,
    settings: someOf<NegotiationSettings>(negotiationSettingsSchema, NEGOTIATION_FIELDS)
      .exactOptional()
      .describe('Settings of the negotiation.'),
  }),
  z.strictObject({
    ...needsModel,
    panel: z.literal('training'),
    inputs: trainingInputsSchema,
    settings: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .describe('Of fine-tuning: training settings, as TRL names them. Of dialogues: settings of the negotiation.'),
  }),
  z.strictObject({
    ...mayHaveModel,
    panel: z.literal('chat'),
    inputs: chatInputsSchema,
    settings: someOf<ChatSettings>(chatSettingsSchema, CHAT_FIELDS).exactOptional().describe('Settings of the chat.'),
  }),
  z.strictObject({
    ...mayHaveModel,
    panel: z.literal('model'),
    inputs: modelInputsSchema,
    settings: z.strictObject({}).exactOptional().describe('There are none.'),
  }),
]);

export type Scenario = z.output<typeof scenarioSchema>;
/** As it is written: what has a default may be left out. */
export type WrittenScenario = z.input<typeof scenarioSchema>;
export type ScenarioPanel = Scenario['panel'];
export type ScenarioOf<Panel extends ScenarioPanel> = Extract<Scenario, { readonly panel: Panel }>;
export type ScenarioModel = z.output<typeof modelSchema>;
export type ScenarioExpectations = z.output<typeof expectSchema>;
