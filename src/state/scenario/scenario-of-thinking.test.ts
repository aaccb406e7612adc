import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkScenario } from '@/protocol/scenario/check-scenario.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { Recording } from '@/protocol/recording.ts';
import { defaultSettingsFor } from '@/protocol/reasoning-settings.ts';
import type { ModelInfo } from '@/protocol/model.ts';
import type { AdapterInfo } from '@/protocol/training-api.ts';
import { createAppStore, type AppState } from '../app-store.ts';
import { EMPTY_MODEL_VIEW } from '../model-view.ts';
import type { RunMaker } from '../run-film.ts';
import { isRecording } from '../run-items.ts';
import { scenarioFile } from './scenario-file.ts';
import { scenarioOfThinking, type MadeRun } from './scenario-of-thinking.ts';

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

const STATE = { model: { ...EMPTY_MODEL_VIEW, info: INFO, sourceId: 'smollm2-135m-instruct' } };

const MADE: MadeRun = {
  run: RUN,
  maker: {
    model: STATE.model,
    adapter: null,
    // As on a slow machine.
    settings: { ...defaultSettingsFor(false), budget: 96 },
    wereSettingsChanged: false,
  },
};

const ADAPTER = { id: 'a', name: 'Pirate' } as AdapterInfo;

function madeBy(info: ModelInfo, sourceId: string | null): MadeRun {
  return { ...MADE, maker: { ...MADE.maker, model: { info, sourceId } } };
}

function makerOf({ runMaker }: AppState): RunMaker {
  if (runMaker === null) throw new Error('There is no run.');
  return runMaker;
}

/** The ids themselves, and the line end of sending. */
const idsAsText = (ids: readonly number[]): Promise<string> =>
  Promise.resolve(ids.map((id) => (id === 198 ? '\n' : `<${id}>`)).join(''));

test('what was typed stands at the steps at which it was read', async () => {
  const scenario = await scenarioOfThinking(STATE, MADE, idsAsText);
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
  const { name, text } = scenarioFile(await scenarioOfThinking(STATE, MADE, idsAsText));
  expect(name).toMatch(/^thinking-[a-z0-9-]+\.json$/);
  expect(checkScenario(JSON.parse(text))).toMatchObject({
    model: { source: 'smollm2-135m-instruct', sha256: RUN.recording.model.sha256 },
    expect: { tokenIds: { 'turn1.writer': [...RUN.result.final.writer_tokens] } },
  });
});

test('remarks stand at their steps', async () => {
  const run = recorded('remark-in-the-middle');
  const scenario = await scenarioOfThinking(STATE, { ...MADE, run }, idsAsText);
  const read = run.recording.events.filter(({ kind }) => kind === 'remarkRead');
  expect(read.length).toBeGreaterThan(0);
  expect(scenario.inputs).toMatchObject({ remarks: read.map((event) => ({ step: (event as { step: number }).step })) });
});

test('what cannot be typed again is kept as its setup', async () => {
  const changed = { ...MADE, maker: { ...MADE.maker, wereSettingsChanged: true } };
  const scenario = await scenarioOfThinking(STATE, changed, idsAsText);
  expect(scenario.inputs).toEqual({ kind: 'setup', setup: RUN.setup });
  checkScenario(JSON.parse(scenarioFile(scenario).text));
});

test('a file of the user is expected beside the scenario', async () => {
  const scenario = await scenarioOfThinking(STATE, madeBy({ ...INFO, format: 'gguf' }, null), idsAsText);
  const rule = scenario.environment?.network?.[0];
  expect(rule?.respond.file).toMatch(/\.gguf$/);
  expect(scenario.model?.source).toBe(`/models/${rule?.respond.file}`);
  expect(scenario.description).toContain('put it beside this one');
  expect(scenarioFile(scenario).need).toContain(`put it beside the scenario, as ${rule?.respond.file}`);
});

test('a folder of files is refused, and a model with an address needs nothing', async () => {
  const folder = madeBy({ ...INFO, format: 'safetensors' }, null);
  await expect(scenarioOfThinking(STATE, folder, idsAsText)).rejects.toThrow('from a folder of files');
  expect(scenarioFile(await scenarioOfThinking(STATE, MADE, idsAsText)).need).toBe('');
});

test('what is done behind the run does not count, only what it was made with', async () => {
  const store = createAppStore({ getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
  const { getState } = store;
  getState().modelLoadStarted('smollm2-135m-instruct');
  getState().modelLoaded(INFO);
  getState().reasoningSettingsChanged({ budget: 50 });
  getState().runStarted(0);
  const before = await scenarioOfThinking(getState(), { run: RUN, maker: makerOf(getState()) }, idsAsText);
  expect(before).toMatchObject({ model: { options: { contextLength: 2048 } }, settings: { budget: 50 } });

  getState().reasoningSettingsChanged({ budget: 70, onEdit: 'restart' });
  getState().modelLoadStarted('smollm2-135m-instruct');
  getState().modelLoaded({ ...INFO, contextLength: 512, kvType: 'f16' });
  getState().adaptersListed({ adapters: [ADAPTER], attached: { id: 'a', blend: 1 }, numOfOtherModels: 0 });
  const after = await scenarioOfThinking(getState(), { run: RUN, maker: makerOf(getState()) }, idsAsText);
  expect(after).toEqual(before);

  getState().runStarted(1);
  const next = scenarioOfThinking(getState(), { run: RUN, maker: makerOf(getState()) }, idsAsText);
  await expect(next).rejects.toThrow('The adapter Pirate was attached');
});

test('an adapter, another model and no model are refused with the reason', async () => {
  const other = { model: { ...STATE.model, info: { ...INFO, sha256: 'a'.repeat(64) } } };
  await expect(scenarioOfThinking(other, MADE, idsAsText)).rejects.toThrow('Another model is loaded');
  await expect(scenarioOfThinking({ model: EMPTY_MODEL_VIEW }, MADE, idsAsText)).rejects.toThrow('Another model');
  const adapted = { ...MADE, maker: { ...MADE.maker, adapter: 'A' } };
  await expect(scenarioOfThinking(STATE, adapted, idsAsText)).rejects.toThrow('The adapter A was attached');
});
