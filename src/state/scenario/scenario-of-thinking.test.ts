import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { Recording } from '@/protocol/recording.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import { EMPTY_MODEL_VIEW } from '../model-view.ts';
import { isRecording } from '../run-items.ts';
import { scenarioFile } from './scenario-file.ts';
import { scenarioOfThinking } from './scenario-of-thinking.ts';

function recorded(name: string): Recording {
  const run = readRun(readFileSync(`public/recordings/${name}.json`, 'utf8'));
  if (!isRecording(run)) throw new Error(`${name} is no recording.`);
  return run;
}

const RUN = recorded('change-of-mind');

/** Only what is read of it. */
const INFO = {
  id: RUN.recording.model.id,
  name: 'A model',
  contextLength: 2048,
  kvType: 'f32',
  kernelShape: 'threadPerRows',
  quantization: null,
  sha256: RUN.recording.model.sha256,
  hasThinkTokens: false,
} as ModelInfo;

const STATE = {
  model: { ...EMPTY_MODEL_VIEW, info: INFO, sourceId: 'smollm2-135m-instruct' },
  adapters: null,
  reasoningChanges: {},
  // As on a slow machine.
  reasoningSettings: { ...defaultSettingsFor(false), budget: 96 },
};

/** The ids themselves, and the line end of sending. */
const idsAsText = (ids: readonly number[]): Promise<string> =>
  Promise.resolve(ids.map((id) => (id === 198 ? '\n' : `<${id}>`)).join(''));

test('what was typed stands at the steps at which it was read', async () => {
  const scenario = await scenarioOfThinking(STATE, RUN, idsAsText);
  if (scenario.panel !== 'thinking' || scenario.inputs.kind !== 'question') throw new Error('It is no question.');
  const { drafts = [], stopAt } = scenario.inputs;
  expect(drafts.map(({ step, sent, settled }) => [step, sent, settled])).toEqual([
    [0, false, true],
    [1, false, true],
    [2, false, true],
    [3, false, true],
    [16, false, true],
    [18, false, true],
    [19, true, undefined],
  ]);
  // Words were taken back at step 16 and 18.
  expect(drafts[4]?.text.length).toBeLessThan(drafts[3]?.text.length ?? 0);
  expect(stopAt).toEqual({ step: RUN.result.steps.length });
  expect(scenario.settings).toEqual({ budget: 96, followUps: true });
});

test('the file is a scenario that names model and tokens', async () => {
  const { name, text } = scenarioFile(await scenarioOfThinking(STATE, RUN, idsAsText));
  expect(name).toMatch(/^thinking-[a-z0-9-]+\.json$/);
  expect(checkScenario(JSON.parse(text))).toMatchObject({
    model: { source: 'smollm2-135m-instruct', sha256: RUN.recording.model.sha256 },
    expect: { tokenIds: { 'turn1.writer': [...RUN.result.final.writer_tokens] } },
  });
});

test('remarks stand at their steps', async () => {
  const run = recorded('remark-in-the-middle');
  const scenario = await scenarioOfThinking(STATE, run, idsAsText);
  const read = run.recording.events.filter(({ kind }) => kind === 'remarkRead');
  expect(read.length).toBeGreaterThan(0);
  expect(scenario.inputs).toMatchObject({ remarks: read.map((event) => ({ step: (event as { step: number }).step })) });
});

test('what cannot be typed again is kept as its setup', async () => {
  const changed = { ...STATE, reasoningChanges: { budget: 7 } };
  const scenario = await scenarioOfThinking(changed, RUN, idsAsText);
  expect(scenario.inputs).toEqual({ kind: 'setup', setup: RUN.setup });
  checkScenario(JSON.parse(scenarioFile(scenario).text));
});

test('a file of the user is expected beside the scenario', async () => {
  const own = { ...STATE, model: { ...STATE.model, sourceId: null } };
  const scenario = await scenarioOfThinking(own, RUN, idsAsText);
  const rule = scenario.environment?.network?.[0];
  expect(rule?.respond.file).toMatch(/\.gguf$/);
  expect(scenario.model?.source).toBe(`/models/${rule?.respond.file}`);
  expect(scenario.description).toContain('put it beside this one');
});

test('an adapter, another model and no model are refused with the reason', async () => {
  const other = { ...STATE, model: { ...STATE.model, info: { ...INFO, id: 'other' } } };
  await expect(scenarioOfThinking(other, RUN, idsAsText)).rejects.toThrow('Another model is loaded');
  const none = { ...STATE, model: EMPTY_MODEL_VIEW };
  await expect(scenarioOfThinking(none, RUN, idsAsText)).rejects.toThrow('No model is loaded');
  const adapter = { id: 'a', name: 'A' };
  const adapters = { adapters: [adapter], attached: { id: 'a', blend: 1 }, numOfOtherModels: 0 };
  await expect(scenarioOfThinking({ ...STATE, adapters: adapters as never }, RUN, idsAsText)).rejects.toThrow(
    'An adapter is attached',
  );
});
