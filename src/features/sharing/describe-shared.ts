/** What was shared, in plain words. */
import { assertNever } from '@/lib/assert.ts';
import type { SettingsField } from '@/lib/settings-field.ts';
import { CHAT_FIELDS, CHAT_KEYS } from '@/protocol/chat-fields.ts';
import { COMPARISON_MODE_NAMES } from '@/protocol/comparison.ts';
import { BUILT_IN_SET_FACTS } from '@/protocol/evaluation-sets.ts';
import { NEGOTIATION_FIELDS, NEGOTIATION_KEYS } from '@/protocol/negotiation-fields.ts';
import { TEMPLATES, type TemplateId } from '@/protocol/negotiation/templates.ts';
import { REASONING_FIELDS, REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import { REASONING_PRESETS } from '@/protocol/reasoning-presets.ts';
import type {
  SharedChatModel,
  SharedContent,
  SharedEvaluation,
  SharedFineTune,
  SharedJudge,
  SharedPlan,
  SharedReplay,
  SharedRules,
  SharedThinkingEvaluation,
} from '@/protocol/shared-content.ts';
import { FINE_TUNE_LABELS, SCHEDULES } from '@/state/fine-tune-form.ts';
import { FIRST_TRAINING_FORM, TRAINING_NUMBERS } from '@/state/negotiation-training-form.ts';
import { isRecording } from '@/state/run-items.ts';
import { setUpOfScenario } from '@/state/sharing/set-up-of-scenario.ts';
import { formatDay, formatDuration } from '@/ui/format.ts';
import { numberText, valueText } from '@/ui/settings/settings-text.ts';
import { headOfScenario, inputsOfScenario, restOfScenario } from './describe-scenario.ts';

export interface SharedFact {
  readonly label: string;
  readonly values: readonly string[];
  /** Something to think about before it is used. */
  readonly isWarning?: true;
}

/** What it is, in a word or two. */
export function nameOfShared(content: SharedContent): string {
  switch (content.kind) {
    case 'thinking':
      return 'A set-up of the Thinking panel';
    case 'negotiation':
      return 'A negotiation';
    case 'training':
      return 'The plan of a training';
    case 'evaluation':
      return 'The plan of an evaluation';
    case 'chat':
      return 'A set-up of the chat';
    case 'fineTune':
      return 'The plan of a fine-tuning';
    case 'thinkingEvaluation':
      return 'The plan of an evaluation of Thinking';
    case 'scenario':
      return 'A scenario';
    case 'replay':
      return REPLAY_NAMES[content.replay.of];
    default:
      return assertNever(content);
  }
}

const REPLAY_NAMES: Readonly<Record<SharedReplay['of'], string>> = {
  thinking: 'A recorded run',
  negotiation: 'A recorded negotiation',
  group: 'A group of dialogues',
  training: 'A recorded training',
  shipped: 'A recording that comes with Duet',
};

/** What is inside, part by part. */
export function factsOfShared(content: SharedContent): readonly SharedFact[] {
  const { model } = content;
  return [
    ...partsOf(content),
    ...(model === undefined ? [] : [fact('Made with', model.name === '' ? model.id : model.name)]),
  ];
}

function partsOf(content: SharedContent): readonly SharedFact[] {
  switch (content.kind) {
    case 'thinking':
      return [...questionFact(content.question), ...changesFact(content.settings, REASONING_KEYS, REASONING_FIELDS)];
    case 'negotiation':
      return rulesFacts(content.rules);
    case 'training':
      return [planFact(content.plan), ...rulesFacts(content.rules)];
    case 'evaluation':
      return [evaluationFact(content.form), ...rulesFacts(content.rules)];
    case 'chat':
      return [
        ...questionFact(content.question),
        ...changesFact(content.settings, CHAT_KEYS, CHAT_FIELDS),
        ...(content.chatModel === undefined ? [] : [chatModelFact(content.chatModel)]),
      ];
    case 'fineTune':
      return [fineTuneFact(content.form)];
    case 'thinkingEvaluation':
      return [thinkingEvaluationFact(content.form), ...changesFact(content.settings, REASONING_KEYS, REASONING_FIELDS)];
    case 'scenario': {
      const { scenario } = content;
      const setUp = setUpOfScenario(scenario);
      return [
        ...headOfScenario(scenario),
        ...(setUp === null ? inputsOfScenario(scenario) : partsOf(setUp)),
        ...restOfScenario(scenario),
      ];
    }
    case 'replay':
      return replayFacts(content.replay);
    default:
      return assertNever(content);
  }
}

const fact = (label: string, ...values: readonly string[]): SharedFact => ({ label, values });

function questionFact(question: string | undefined): readonly SharedFact[] {
  if (question === undefined) return [];
  return [fact('Question', question.trim() === '' ? 'none: the box is empty' : question.trim())];
}

function changesFact<Key extends string>(
  settings: Readonly<Partial<Record<Key, unknown>>> | undefined,
  keys: readonly Key[],
  fields: Readonly<Record<Key, SettingsField>>,
): readonly SharedFact[] {
  if (settings === undefined) return [];
  const changed = keys.filter((key) => settings[key] !== undefined);
  const texts = changed.map((key) => `${fields[key].label}: ${valueText(fields[key], settings[key])}`);
  return [fact('Settings', ...(texts.length === 0 ? ['all at their defaults'] : texts))];
}

function rulesFacts({ dilemma, pair, judge, settings, templates }: SharedRules): readonly SharedFact[] {
  const texts = templates === undefined ? [] : Object.keys(templates).map((id) => TEMPLATES[id as TemplateId].name);
  return [
    ...(typeof dilemma === 'object' ? [fact('Dilemma', dilemma.goal, dilemma.prompt)] : []),
    ...(typeof pair === 'object' ? [fact('Personas', pair.persona1, pair.persona2)] : []),
    ...changesFact(settings, NEGOTIATION_KEYS, NEGOTIATION_FIELDS),
    ...(judge === undefined ? [] : [fact('Judge', judgeText(judge))]),
    ...(templates === undefined ? [] : [fact('Prompts', ...(texts.length === 0 ? ['none edited'] : texts))]),
  ];
}

function judgeText(judge: SharedJudge): string {
  switch (judge.kind) {
    case 'engine':
      return 'the loaded model, adapter off';
    case 'human':
      return 'a person';
    case 'webLlm':
      return `web-llm, ${judge.model}`;
    case 'rule':
      return judge.rule.kind === 'word' ? `a rule: the word “${judge.rule.word}”` : `a rule: ${judge.rule.kind}`;
    default:
      return assertNever(judge);
  }
}

const PLAN_WORDS: Readonly<Record<string, string>> = {
  name: 'Name',
  method: 'Method',
  material: 'Material',
  lossType: 'Loss',
  scaleRewards: 'Rewards scaled by',
  normalizeOver: 'Tokens averaged over',
  trainRoles: 'Trained',
  gradientCheckpointing: 'Gradient checkpointing',
  measuresChange: 'Change measured',
  trainsThoughts: 'Thoughts trained',
};

function plainText(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return Array.isArray(value) ? value.map(plainText).join(', ') : String(value);
}

/** How much it is stands there even if all is as in an untouched form. */
function planFact(plan: SharedPlan): SharedFact {
  const labels: Readonly<Record<string, string>> = {
    ...PLAN_WORDS,
    ...Object.fromEntries(Object.entries(TRAINING_NUMBERS).map(([key, { label }]) => [key, label])),
  };
  const { steps, groupsPerStep, groupSize } = FIRST_TRAINING_FORM;
  return formFact('Plan', { steps, groupsPerStep, groupSize, ...plan }, labels);
}

const EVALUATION_WORDS: Readonly<Record<keyof SharedEvaluation, string>> = {
  numDilemmas: 'Held-out dilemmas',
  sets: 'Sets',
  decodings: 'Decoding',
  repetitions: 'Repetitions',
  maxTurns: 'Turns at most',
  maxUtteranceTokens: 'Utterance at most',
  maxCompletionTokens: 'Answer at most',
  isCompared: 'Answers compared in pairs',
  isAbilityMeasured: 'General ability measured',
  abilitySets: 'Question sets',
  itemsPerSet: 'Questions of each',
  text: 'Text for perplexity',
  seed: 'Seed',
};

function evaluationFact({ abilitySets, ...form }: SharedEvaluation): SharedFact {
  const sets = abilitySets?.map((set) => BUILT_IN_SET_FACTS[set].label);
  return formFact('Plan', { ...form, ...(sets !== undefined && { abilitySets: sets }) }, EVALUATION_WORDS);
}

function fineTuneFact({ lrSchedulerType, data, ...form }: SharedFineTune): SharedFact {
  const words = {
    ...form,
    ...(lrSchedulerType !== undefined && { lrSchedulerType: SCHEDULES[lrSchedulerType] }),
    ...(data !== undefined && { data: data.trim() === '' ? 'none: the box is empty' : data.trim() }),
  };
  return formFact('Plan', words, FINE_TUNE_LABELS);
}

function thinkingEvaluationFact({ set, configurations, ...form }: SharedThinkingEvaluation): SharedFact {
  const words = {
    ...(set !== undefined && { set: BUILT_IN_SET_FACTS[set].label }),
    ...form,
    ...(configurations !== undefined && { configurations: configurations.map(configurationText) }),
  };
  return formFact('Plan', words, { set: 'Questions', numItems: 'Number', seed: 'Seed', configurations: 'Ways' });
}

function configurationText({
  name,
  mode,
  basis,
}: NonNullable<SharedThinkingEvaluation['configurations']>[number]): string {
  const settings =
    basis.kind === 'present'
      ? ''
      : basis.kind === 'preset'
        ? `, preset “${REASONING_PRESETS[basis.preset]?.name ?? basis.preset}”`
        : ', with its own settings';
  return `${name} (${COMPARISON_MODE_NAMES[mode].toLowerCase()}${settings})`;
}

function formFact(label: string, form: object, labels: Readonly<Record<string, string>>): SharedFact {
  const texts = Object.entries(form).map(([key, value]) => `${labels[key] ?? key}: ${plainText(value)}`);
  return fact(label, ...(texts.length === 0 ? ['as in an untouched form'] : texts));
}

function chatModelFact(chatModel: SharedChatModel): SharedFact {
  switch (chatModel.kind) {
    case 'engine':
      return fact('Chat with', 'the loaded model');
    case 'webLlm':
      return fact('Chat with', `web-llm, ${chatModel.model}`);
    case 'endpoint':
      return {
        ...fact(
          'Chat with',
          `${chatModel.model}, at the server ${chatModel.url}`,
          'What you write will be sent there.',
        ),
        isWarning: true,
      };
    default:
      return assertNever(chatModel);
  }
}

function replayFacts(replay: SharedReplay): readonly SharedFact[] {
  switch (replay.of) {
    case 'thinking': {
      const { run } = replay;
      const steps = fact('Length', `${run.result.steps.length.toLocaleString('en')} steps${lengthText(replay)}`);
      if (!isRecording(run)) return [steps];
      const { name, model, device, createdAt } = run.recording;
      return [
        fact('Run', name),
        steps,
        fact('Recorded', `${formatDay(createdAt)}, with ${model.name || 'an unknown model'}`, deviceText(device)),
      ];
    }
    case 'negotiation': {
      const { name, model, device, createdAt, events } = replay.recording;
      return [
        fact('Negotiation', name),
        fact('Length', formatDuration(Math.round((events.at(-1)?.atMs ?? 0) / 1000))),
        fact('Recorded', `${formatDay(createdAt)}, with ${model.name}`, deviceText(device)),
      ];
    }
    case 'group': {
      const { dilemma, dialogues, madeWith } = replay.group;
      return [
        fact('Dilemma', dilemma.goal),
        fact('Length', `${dialogues.length} dialogues`),
        ...(madeWith === undefined ? [] : [fact('Recorded', `with ${madeWith.model.name}`)]),
      ];
    }
    case 'training': {
      const { run, steps, createdAt, device } = replay.recording;
      return [
        fact('Training', run.name),
        fact('Length', `${run.steps.length} steps, ${steps.length} of them with their dialogues`),
        fact('Recorded', formatDay(createdAt), device),
      ];
    }
    case 'shipped':
      return [fact('Recording', replay.file.replace(/\.json$/, '').replaceAll('-', ' '))];
    default:
      return assertNever(replay);
  }
}

function lengthText({ run }: Extract<SharedReplay, { of: 'thinking' }>): string {
  if (!isRecording(run)) return '';
  const { events } = run.recording;
  const ms = (events.at(-1)?.elapsedMs ?? 0) - (events[0]?.elapsedMs ?? 0);
  return `, ${formatDuration(Math.max(1, Math.round(ms / 1000)))}`;
}

function deviceText({
  vendor,
  architecture,
  isSoftware,
}: {
  readonly vendor: string;
  readonly architecture: string;
  readonly isSoftware: boolean;
}): string {
  const adapter = [vendor, architecture].filter(Boolean).join(' ') || 'an unknown device';
  return isSoftware ? `on ${adapter} (software adapter)` : `on ${adapter}`;
}
