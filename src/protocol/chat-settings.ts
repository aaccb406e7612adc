/** How the Chat panel asks a model, with the defaults. */
import { z } from 'zod';

export interface ChatSettings {
  /** What the model is told before the conversation; empty: nothing, so its template's own one counts. */
  readonly systemPrompt: string;
  /** 'template': as the model's template has it. */
  readonly thinking: 'template' | 'on' | 'off';
  readonly adapter: 'on' | 'off';
  readonly maxTokens: number;
  /** 0 = greedy. */
  readonly temperature: number;
  /** 1 = off. */
  readonly topP: number;
  /** 0 = off. */
  readonly topK: number;
  /** 0 = off. */
  readonly minP: number;
  readonly seed: number;
}

export const DEFAULT_CHAT_SETTINGS: ChatSettings = {
  systemPrompt: '',
  thinking: 'template',
  adapter: 'on',
  maxTokens: 512,
  temperature: 0.7,
  topP: 0.95,
  topK: 0,
  minP: 0,
  seed: 0,
};

/** UTF-16 units. */
export const MAX_SYSTEM_PROMPT = 20_000;

const MAX_SEED = 0xffff_ffff;
const MAX_TOKENS = 16_384;
const ours = DEFAULT_CHAT_SETTINGS;

export const chatSettingsSchema = z.strictObject({
  systemPrompt: z.string().max(MAX_SYSTEM_PROMPT).default(ours.systemPrompt),
  thinking: z.enum(['template', 'on', 'off']).default(ours.thinking),
  adapter: z.enum(['on', 'off']).default(ours.adapter),
  maxTokens: z.int().min(1).max(MAX_TOKENS).default(ours.maxTokens),
  temperature: z.number().min(0).max(5).default(ours.temperature),
  topP: z.number().min(0.01).max(1).default(ours.topP),
  topK: z.int().min(0).max(1000).default(ours.topK),
  minP: z.number().min(0).max(1).default(ours.minP),
  seed: z.int().min(0).max(MAX_SEED).default(ours.seed),
});
