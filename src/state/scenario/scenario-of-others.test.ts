import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ModelInfo } from '@/protocol/model.ts';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import { DEFAULT_CHAT_SETTINGS } from '@/protocol/chat-settings.ts';
import type { AnswerNode, Conversation } from '../chat-tree.ts';
import { createAppStore } from '../app-store.ts';
import { EMPTY_MODEL_VIEW } from '../model-view.ts';
import { readChatFile, toChatFile } from '../read-chat.ts';
import { readGroupRecord } from '../read-group-record.ts';
import { readNegotiationRecording } from '../read-negotiation-recording.ts';
import { readTrainingRecording } from '../read-training-recording.ts';
import { scenarioFile } from './scenario-file.ts';
import { scenarioOfChat } from './scenario-of-chat.ts';
import { scenarioOfGroup } from './scenario-of-group.ts';
import { scenarioOfTraining } from './scenario-of-training.ts';

const INFO = {
  id: 'smollm2-135m-instruct',
  name: 'SmolLM2 135M Instruct',
  contextLength: 2048,
  kvType: 'f32',
  kernelShape: 'threadPerRows',
  quantization: { kind: 'q8' },
  // Of the model that made the shipped recordings.
  sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
} as ModelInfo;

const memory = new Map<string, string>();
const store = createAppStore({
  getItem: (key) => memory.get(key) ?? null,
  setItem: (key, value) => void memory.set(key, value),
  removeItem: (key) => void memory.delete(key),
});
const state = { ...store.getState(), model: { ...EMPTY_MODEL_VIEW, info: INFO, sourceId: INFO.id } };

function filesIn(folder: string): string[] {
  const shipped = readdirSync(`public/recordings/${folder}`).filter((name) => name !== 'index.json');
  return shipped.filter((name) => name.endsWith('.json')).map((name) => `public/recordings/${folder}/${name}`);
}

test.each(filesIn('negotiations'))('%s becomes a scenario', (file) => {
  const { group } = readNegotiationRecording(readFileSync(file, 'utf8'));
  const scenario = checkScenario(JSON.parse(scenarioFile(scenarioOfGroup(state, group)).text));
  expect(scenario).toMatchObject({
    panel: 'negotiation',
    seed: group.settings.seed,
    model: { options: { quantization: 'q8' } },
  });
  const [first] = group.dialogues;
  expect(scenario.expect.tokenIds?.['dialogue1.turn1.agent1']).toEqual([...(first?.utterances[0]?.tokenIds ?? [])]);
});

test('what another model made than the loaded one is refused', () => {
  const other = { ...state, model: { ...state.model, info: { ...INFO, sha256: 'a'.repeat(64) } } };
  const [negotiation = ''] = filesIn('negotiations');
  const { group } = readNegotiationRecording(readFileSync(negotiation, 'utf8'));
  expect(() => scenarioOfGroup(other, group)).toThrow('another model is loaded');
  const [training = ''] = filesIn('training');
  const { run, steps } = readTrainingRecording(readFileSync(training, 'utf8'));
  expect(() => scenarioOfTraining(other, run, steps[0] ?? null)).toThrow('another model is loaded');
});

const LOADED = { contextLength: 512, kvType: 'f16', kernelShape: 'workgroupPerRows', quantization: 'none' } as const;
const MADE_BY = { name: INFO.name, key: INFO.sha256 ?? '', loadedWith: LOADED };
/** Of `LOADED`, as a scenario says it. */
const OPTIONS = { contextLength: 512, kvType: 'f16', kernelShape: 'workgroupPerRows' };

test('a group names the load and the judge that made it, not those of the page', () => {
  const [file = ''] = filesIn('negotiations');
  const { group } = readNegotiationRecording(readFileSync(file, 'utf8'));
  const repeatableJudge = { kind: 'rule', rule: { kind: 'word', word: 'yes' } } as const;
  const madeWith = { model: MADE_BY, adapter: null, judge: 'a rule', templates: {} };
  const judged = { ...group, madeWith: { ...madeWith, repeatableJudge } };
  expect(readGroupRecord(JSON.parse(JSON.stringify(judged)))).toEqual(judged);
  const scenario = scenarioOfGroup(state, judged);
  expect(scenario.model?.options).toEqual(OPTIONS);
  expect(scenario.inputs).toMatchObject({ judge: repeatableJudge });
  // The page's judge is the engine, but a person judged.
  const byPerson = scenarioOfGroup(state, { ...group, madeWith: { ...madeWith, judge: 'a person' } });
  expect(byPerson.inputs).toMatchObject({ judge: null });
  expect(byPerson.description).toContain('does not repeat itself');
  const unjudged = scenarioOfGroup(state, { ...group, madeWith: { ...madeWith, judge: null } });
  expect(unjudged.description).not.toContain('does not repeat itself');
});

test('trainings and conversations name the load that made them', () => {
  const [file = ''] = filesIn('training');
  const { run } = readTrainingRecording(readFileSync(file, 'utf8'));
  expect(scenarioOfTraining(state, { ...run, model: MADE_BY }, null).model?.options).toEqual(OPTIONS);
  const { made } = answer({});
  const chat = chatWith(answer({ made: { ...made, madeBy: MADE_BY } }));
  const kept = JSON.stringify(toChatFile(chat))
    .replaceAll(/"(a1|q1|c)"/g, '"$1-00000000"')
    .replaceAll('q1-', 'b1-');
  expect(JSON.stringify(readChatFile(JSON.parse(kept), 'It'))).toContain(JSON.stringify(MADE_BY));
  expect(scenarioOfChat(state, chat).model?.options).toEqual(OPTIONS);
  const other = { ...MADE_BY, key: 'a'.repeat(64) };
  expect(() => scenarioOfChat(state, chatWith(answer({ made: { ...made, madeBy: other } })))).toThrow(
    'another model is loaded',
  );
});

test('a group that was stopped, or spoken with an adapter, is refused', () => {
  const [file = ''] = filesIn('negotiations');
  const { group } = readNegotiationRecording(readFileSync(file, 'utf8'));
  const stopped = {
    ...group,
    dialogues: group.dialogues.map((dialogue) => ({ ...dialogue, outcome: 'stopped' as const })),
  };
  expect(() => scenarioOfGroup(state, stopped)).toThrow('stopped before it was over');
  const maker = { model: { name: '', key: '' }, adapter: { id: 'a', blend: 1 }, judge: null, templates: {} };
  expect(() => scenarioOfGroup(state, { ...group, madeWith: maker })).toThrow('An adapter took part');
});

test.each(filesIn('training'))('%s becomes a scenario', (file) => {
  const { run, steps } = readTrainingRecording(readFileSync(file, 'utf8'));
  const scenario = checkScenario(JSON.parse(scenarioFile(scenarioOfTraining(state, run, steps[0] ?? null)).text));
  expect(scenario).toMatchObject({ panel: 'training', inputs: { kind: 'negotiation', steps: run.steps.length } });
  expect(() => scenarioOfTraining(state, { ...run, parent: { runId: '', name: '', step: 1 } }, null)).toThrow(
    'a branch',
  );
});

function answer(change: Partial<AnswerNode>): AnswerNode {
  return {
    id: 'a1',
    parentId: 'q1',
    role: 'assistant',
    childIds: [],
    chosenId: null,
    text: 'Yes',
    state: 'done',
    thinking: null,
    tokens: [{ text: 'Yes', tokenId: 7, logProb: -1, top: [], isThinking: false }],
    stopReason: 'stop',
    timing: null,
    contextTokens: null,
    notes: [],
    failure: null,
    made: { kind: 'engine', model: INFO.name, adapter: null, settings: { ...DEFAULT_CHAT_SETTINGS, seed: 5 } },
    ...change,
  };
}

function chatWith(one: AnswerNode): Conversation {
  const question = { id: 'q1', parentId: null, role: 'user', text: 'Well?', childIds: ['a1'], chosenId: 'a1' } as const;
  const at = '2026-01-01T00:00:00.000Z';
  return {
    id: 'c',
    name: 'Well?',
    createdAt: at,
    changedAt: at,
    nodes: { q1: question, a1: one },
    rootIds: ['q1'],
    chosenRootId: 'q1',
  };
}

test('a conversation becomes a scenario; an answer that was stopped ends where it did', () => {
  const scenario = checkScenario(
    JSON.parse(scenarioFile(scenarioOfChat(state, chatWith(answer({ state: 'stopped' })))).text),
  );
  expect(scenario).toMatchObject({
    seed: 5,
    inputs: { questions: [{ text: 'Well?', settings: { maxTokens: 1 } }] },
    expect: { tokenIds: { answer1: [7] } },
  });
});

test.each(['failed', 'running'] as const)('what stands behind an answer that is %s is not saved', (unanswered) => {
  const exchange = (i: number, one: Partial<AnswerNode>): Conversation['nodes'] => ({
    [`q${i}`]: {
      id: `q${i}`,
      parentId: i === 1 ? null : `a${i - 1}`,
      role: 'user',
      text: `Question ${i}`,
      childIds: [`a${i}`],
      chosenId: `a${i}`,
    },
    [`a${i}`]: answer({ id: `a${i}`, parentId: `q${i}`, ...one }),
  });
  const next = { childIds: ['q2'], chosenId: 'q2' };
  const two = { ...exchange(1, next), ...exchange(2, { state: unanswered }) };
  const chat = chatWith(answer({}));
  expect(scenarioOfChat(state, { ...chat, nodes: two }).inputs).toMatchObject({ questions: [{ text: 'Question 1' }] });
  const three = {
    ...exchange(1, next),
    ...exchange(2, { state: unanswered, childIds: ['q3'], chosenId: 'q3' }),
    ...exchange(3, {}),
  };
  expect(() => scenarioOfChat(state, { ...chat, nodes: three })).toThrow('An answer in the middle failed');
});

test.each([
  ['no finished answer', answer({ state: 'failed' })],
  ['Only answers of the loaded model', answer({ made: { ...answer({}).made, kind: 'endpoint' } })],
  ['another model is loaded', answer({ made: { ...answer({}).made, model: 'Other' } })],
  ['An adapter took part', answer({ made: { ...answer({}).made, adapter: 'A' } })],
  ['without its tokens', answer({ tokens: null })],
  ['was continued', answer({ isContinued: true })],
])('%s: refused', (reason, one) => {
  expect(() => scenarioOfChat(state, chatWith(one))).toThrow(reason);
});
