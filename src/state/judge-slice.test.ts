import { describe, expect, test } from 'vitest';
import { createAppStore } from './app-store.ts';
import {
  FIRST_JUDGE_FORM,
  formOfJudge,
  judgeOfForm,
  problemsOfJudge,
  readJudgeChoice,
  readJudgeForm,
  type JudgeForm,
} from './judge-form.ts';
import { applyFormChange, judgeConfigOf } from './judge-slice.ts';
import { problemOfUrl } from './server-url.ts';

const KEY = 'sk-very-secret-0815';
const ENDPOINT: JudgeForm = { ...FIRST_JUDGE_FORM, kind: 'endpoint', url: 'https://judge.example/v1', model: 'big' };

function setUp(stored?: unknown): { store: ReturnType<typeof createAppStore>; writes: string[] } {
  const writes: string[] = [];
  const store = createAppStore({
    getItem: () => (stored === undefined ? null : JSON.stringify(stored)),
    setItem: (_name, value) => void writes.push(value),
    removeItem: () => undefined,
  });
  return { store, writes };
}

describe('the key', () => {
  test('is in the judge that is asked, and in nothing that is written', () => {
    const { store, writes } = setUp();
    store.getState().judgeFormChanged(ENDPOINT);
    store.getState().judgeKeyChanged(KEY);
    store.getState().judgeChosen();
    store.getState().draftChanged('A write after all of it.');
    expect(judgeConfigOf(store.getState())).toMatchObject({ kind: 'endpoint', model: 'big', apiKey: KEY });
    expect(writes.at(-1)).toContain('https://judge.example/v1');
    expect(writes.join()).not.toContain(KEY);
    expect(JSON.stringify(store.getState().judgeChoice)).not.toContain(KEY);
  });

  test('that somebody puts into the address is not written either', () => {
    const { store, writes } = setUp();
    for (const url of [
      `https://x.example/v1?api_key=${KEY}`,
      `https://${KEY}@x.example/v1`,
      `https://me:${KEY}@x.example/`,
    ])
      store.getState().judgeFormChanged({ ...ENDPOINT, url });
    store.getState().judgeChosen();
    expect(writes.length).toBeGreaterThan(0);
    expect(writes.join()).not.toContain(KEY);
    expect(store.getState().judgeChoice).toEqual({ kind: 'engine' });
  });

  test('in storage that was tampered with is not taken over', () => {
    const judgeChoice = { ...judgeOfForm(ENDPOINT), apiKey: KEY };
    const { store } = setUp({ version: 2, state: { judgeChoice, judgeForm: { ...ENDPOINT, apiKey: KEY } } });
    expect(store.getState().judgeChoice).toEqual(judgeOfForm(ENDPOINT));
    expect(JSON.stringify([store.getState().judgeChoice, store.getState().judgeForm])).not.toContain(KEY);
    expect(store.getState().judgeKey).toBe('');
  });

  test('goes to no other server', () => {
    const before = { judgeForm: ENDPOINT, judgeKey: KEY };
    expect(applyFormChange(before, { url: 'https://judge.example/other/v1' }).judgeKey).toBe(KEY);
    expect(applyFormChange(before, { url: 'https://evil.example/v1' }).judgeKey).toBe('');
    expect(applyFormChange(before, { url: 'http://judge.example/v1' }).judgeKey).toBe('');
    const elsewhere = { judgeChoice: judgeOfForm(ENDPOINT) ?? { kind: 'engine' }, judgeKey: KEY } as const;
    const judgeForm = { ...ENDPOINT, url: 'https://other.example/v1' };
    expect(judgeConfigOf({ ...elsewhere, judgeForm })).not.toHaveProperty('apiKey');
    expect(judgeConfigOf({ ...elsewhere, judgeForm: ENDPOINT })).toHaveProperty('apiKey', KEY);
  });
});

test('choice and form come back after a reload; what is no judge is the model itself', () => {
  const { store, writes } = setUp();
  store.getState().judgeFormChanged({ kind: 'rule', rule: 'length', words: 80 });
  store.getState().judgeChosen();
  const { store: reloaded } = setUp(JSON.parse(writes.at(-1) ?? '') as unknown);
  expect(reloaded.getState().judgeChoice).toEqual({ kind: 'rule', rule: { kind: 'length', words: 80 } });
  expect(reloaded.getState().judgeForm).toEqual({ ...FIRST_JUDGE_FORM, kind: 'rule', rule: 'length', words: 80 });
  for (const stored of [null, 'engine', { kind: 'endpoint', url: 'nowhere', model: 'm' }, { kind: 'rule' }])
    expect(readJudgeChoice(stored)).toEqual({ kind: 'engine' });
});

test('of a stored form, fields that are out of range are the default, and the others stay', () => {
  expect(readJudgeForm({ ...ENDPOINT, maxAttempts: 99, words: 'many', timeoutSeconds: null })).toEqual(ENDPOINT);
  expect(readJudgeForm(undefined)).toEqual(FIRST_JUDGE_FORM);
});

test('every judge makes a form that makes it again', () => {
  for (const form of [
    FIRST_JUDGE_FORM,
    ENDPOINT,
    { ...FIRST_JUDGE_FORM, kind: 'human' },
    { ...FIRST_JUDGE_FORM, kind: 'webLlm', webLlmModel: 'Qwen3-4B-q4f32_1-MLC' },
    { ...FIRST_JUDGE_FORM, kind: 'rule', rule: 'word', word: 'both' },
    { ...FIRST_JUDGE_FORM, kind: 'rule', rule: 'length', words: 7 },
  ] as const) {
    const judge = judgeOfForm(form) ?? expect.fail('no judge');
    expect(judgeOfForm(formOfJudge(judge, FIRST_JUDGE_FORM))).toEqual(judge);
  }
});

test('a form with a problem changes no choice', () => {
  const { store } = setUp();
  store.getState().judgeFormChanged({ kind: 'endpoint', model: '' });
  store.getState().judgeChosen();
  expect(store.getState().judgeChoice).toEqual({ kind: 'engine' });
});

describe('what is wrong with a form', () => {
  test.each([
    ['', 'Where'],
    ['localhost:11434', 'A whole address'],
    ['ftp://x/v1', 'A whole address'],
    ['https://u@x/v1', 'Without a name'],
    ['https://x/v1?access_token=1', 'Without a name'],
  ])('%s', (url, problem) => {
    expect(problemOfUrl(url)).toContain(problem);
  });

  test.each(['http://192.168.0.7:1234/v1', 'https://x.example/v1/chat/completions?api-version=2'])(
    '%s is good',
    (url) => {
      expect(problemOfUrl(url)).toBeUndefined();
    },
  );

  test('only the chosen kind is looked at', () => {
    const bad: JudgeForm = { ...FIRST_JUDGE_FORM, url: 'x', word: 'two words', words: 0, maxAttempts: null };
    expect(problemsOfJudge({ ...bad, kind: 'engine' })).toEqual({});
    expect(Object.keys(problemsOfJudge({ ...bad, kind: 'endpoint' }))).toEqual(['url', 'model', 'maxAttempts']);
    expect(Object.keys(problemsOfJudge({ ...bad, kind: 'rule', rule: 'word' }))).toEqual(['word']);
    expect(Object.keys(problemsOfJudge({ ...bad, kind: 'rule', rule: 'length' }))).toEqual(['words']);
    expect(judgeOfForm({ ...bad, kind: 'rule', rule: 'personas' })).toEqual({
      kind: 'rule',
      rule: { kind: 'personas' },
    });
  });
});
