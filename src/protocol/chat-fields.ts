/** Every setting of a chat as one record. The form draws from it. */
import type { SettingsField as FieldOf } from '@/lib/settings-field.ts';
import { DEFAULT_CHAT_SETTINGS, MAX_SYSTEM_PROMPT, type ChatSettings } from './chat-settings.ts';

type ChatGroup = 'prompt' | 'sampling' | 'length';

const OURS = 'a choice made here';
const COMMON = 'usual in chat programs';

const ours = DEFAULT_CHAT_SETTINGS;

export const CHAT_FIELDS = {
  systemPrompt: {
    kind: 'text',
    group: 'prompt',
    default: ours.systemPrompt,
    maxLength: MAX_SYSTEM_PROMPT,
    label: 'System prompt',
    unit: '',
    help: 'What the model is told before the conversation: who it is, how it should answer. Empty: what its template says by itself.',
    source: OURS,
  },
  thinking: {
    kind: 'choice',
    group: 'prompt',
    default: ours.thinking,
    options: { template: 'as the model has it', on: 'on', off: 'off' },
    label: 'Thinking',
    unit: '',
    help: 'Whether the model thinks in private before it answers. Only models whose template has the switch obey.',
    source: 'enable_thinking of the Qwen3 template',
  },
  adapter: {
    kind: 'choice',
    group: 'prompt',
    default: ours.adapter,
    options: { on: 'with the adapter', off: 'without it' },
    label: 'Adapter',
    unit: '',
    help: 'Whether the loaded model answers with the attached LoRA adapter. Without one it makes no difference.',
    source: OURS,
  },
  temperature: {
    kind: 'number',
    group: 'sampling',
    default: ours.temperature,
    min: 0,
    max: 5,
    step: 0.05,
    label: 'Temperature',
    unit: '',
    help: 'How much chance there is in the choice of a token. 0 always takes the likeliest one.',
    source: COMMON,
  },
  topP: {
    kind: 'number',
    group: 'sampling',
    default: ours.topP,
    min: 0.01,
    max: 1,
    step: 0.01,
    label: 'Top p',
    unit: '',
    help: 'Only the likeliest tokens that together have this probability. 1: all of them.',
    source: COMMON,
  },
  topK: {
    kind: 'number',
    group: 'sampling',
    default: ours.topK,
    min: 0,
    max: 1000,
    step: 1,
    label: 'Top k',
    unit: 'tokens',
    help: 'Only so many of the likeliest tokens. 0: all of them.',
    source: OURS,
  },
  minP: {
    kind: 'number',
    group: 'sampling',
    default: ours.minP,
    min: 0,
    max: 1,
    step: 0.01,
    label: 'Min p',
    unit: '',
    help: 'Only tokens with at least this share of the likeliest one’s probability. 0: all of them.',
    source: OURS,
  },
  seed: {
    kind: 'number',
    group: 'sampling',
    default: ours.seed,
    min: 0,
    max: 0xffff_ffff,
    step: 1,
    label: 'Seed',
    unit: '',
    help: 'The same seed gives the same first answer on one device. Each further answer to a question is drawn with the next seed.',
    source: OURS,
  },
  maxTokens: {
    kind: 'number',
    group: 'length',
    default: ours.maxTokens,
    min: 1,
    max: 16_384,
    step: 16,
    label: 'Answer at most',
    unit: 'tokens',
    help: 'An answer is cut off at this length, its thoughts included. A hundred tokens are about seventy English words.',
    source: OURS,
  },
} as const satisfies Readonly<Record<keyof ChatSettings, FieldOf<ChatGroup>>>;

export const CHAT_KEYS =
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `satisfies` above says that these are the keys
  Object.keys(CHAT_FIELDS) as (keyof ChatSettings)[];

export const CHAT_GROUPS = {
  prompt: 'Prompt, thinking, adapter',
  sampling: 'Choice of tokens',
  length: 'Length',
} as const satisfies Readonly<Record<ChatGroup, string>>;

/** Named ways to choose tokens; the prompt, the length and the seed are left alone. */
export const CHAT_PRESETS: Readonly<
  Record<string, { readonly name: string; readonly summary: string; readonly settings: Partial<ChatSettings> }>
> = {
  balanced: {
    name: 'Balanced',
    summary: 'Some chance, without the unlikeliest tokens. The default.',
    settings: { temperature: ours.temperature, topP: ours.topP, topK: ours.topK, minP: ours.minP },
  },
  exact: {
    name: 'Exact (greedy)',
    summary: 'Always the likeliest token: the same answer every time on one device.',
    settings: { temperature: 0, topP: 1, topK: 0, minP: 0 },
  },
};
