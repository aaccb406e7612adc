/** A scenario in plain words: what it does with which model, and what has to come of it. */
import type { Scenario, WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { SharedFact } from './describe-shared.ts';

const PANELS: Readonly<Record<Scenario['panel'], string>> = {
  thinking: 'Thinking',
  negotiation: 'Negotiation',
  training: 'Training',
  chat: 'Chat',
  model: 'Loading and generating, without a panel',
};

/** What it is, and what it would load. */
export function headOfScenario({ name, description, panel, model }: WrittenScenario): readonly SharedFact[] {
  return [
    { label: 'Scenario', values: [name, ...(description === undefined ? [] : [description])] },
    { label: 'Panel', values: [PANELS[panel]] },
    {
      label: 'Model',
      values:
        model === undefined
          ? ['none']
          : [model.source, ...(model.sha256 === undefined ? [] : ['Only this very file: its SHA-256 is in it.'])],
    },
  ];
}

/** What no panel has a place for. */
export function inputsOfScenario({ inputs }: WrittenScenario): readonly SharedFact[] {
  const parts =
    'questions' in inputs
      ? inputs.questions.map(({ text }) => text)
      : 'actions' in inputs
        ? inputs.actions.map((action) => ('do' in action ? ACTIONS[action.do] : ''))
        : 'setup' in inputs
          ? [`${inputs.setup.problem ?? ''} As a recorded run had it, with ${inputs.setup.events.length} events`.trim()]
          : 'data' in inputs
            ? [`Fine-tuning, ${count(inputs.steps, 'step')}, on ${count(inputs.data.length, 'character')}`]
            : [];
  return parts.length === 0 ? [] : [{ label: 'What is done', values: parts }];
}

const ACTIONS = {
  load: 'A model is loaded.',
  generate: 'Tokens are generated.',
  unload: 'The model is unloaded.',
  loseDevice: 'The GPU device is lost on purpose.',
} as const;

/** What stays with the scenario when its set-up is put in a panel. */
export function restOfScenario({ inputs, expect, environment }: WrittenScenario): readonly SharedFact[] {
  return [
    ...listFact('Then', laterOf(inputs)),
    ...listFact('Expected', expectationsOf(expect)),
    ...listFact('Set up around the page', [
      ...counted(environment?.network, 'answer of the network', 'answers of the network'),
      ...(environment?.quotaBytes === undefined ? [] : ['a limit of storage']),
      ...(environment?.loseDevice === undefined ? [] : ['the GPU device is lost on purpose']),
    ]),
  ];
}

/** What is done behind the question. */
function laterOf(inputs: WrittenScenario['inputs']): readonly string[] {
  if ('questions' in inputs) return counted(inputs.questions.slice(1), 'more question');
  if ('person' in inputs) return counted(inputs.person, 'sentence of a person', 'sentences of a person');
  if (!('question' in inputs)) return [];
  return [
    ...counted(inputs.drafts, 'draft'),
    ...counted(inputs.remarks, 'remark'),
    ...counted(inputs.pauses, 'pause'),
    ...(inputs.stopAt === undefined ? [] : ['a stop']),
  ];
}

function expectationsOf(expect: WrittenScenario['expect']): readonly string[] {
  const { tokenIds, texts, facts, metrics, counts, memory, failure, screenshots, noConsoleErrors = true } = expect;
  return [
    ...counted(keysOf(tokenIds), 'stream with these token ids', 'streams with these token ids'),
    ...counted(texts, 'text'),
    ...counted(keysOf(facts), 'fact'),
    ...counted(metrics, 'metric within bounds', 'metrics within bounds'),
    ...counted(keysOf(counts), 'count'),
    ...counted(keysOf(memory), 'amount of memory', 'amounts of memory'),
    ...counted(screenshots, 'picture'),
    ...(failure === undefined ? [] : [`the failure ${failure.code}`]),
    ...(noConsoleErrors ? ['no error in the console'] : []),
  ];
}

function keysOf(record: object | undefined): readonly string[] {
  return Object.keys(record ?? {});
}

function counted(list: readonly unknown[] | undefined, one: string, many?: string): readonly string[] {
  return list === undefined || list.length === 0 ? [] : [count(list.length, one, many)];
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

function listFact(label: string, values: readonly string[]): readonly SharedFact[] {
  return values.length === 0 ? [] : [{ label, values: [values.join(', ')] }];
}
