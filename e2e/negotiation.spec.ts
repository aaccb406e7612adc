/** Negotiations of the embedded model through `window.duet`. Prompts are short, since a software adapter reads slowly. */
import type { JSHandle } from '@playwright/test';
import type { DuetApi } from '../src/client/duet-api.ts';
import type {
  JudgedAnswer,
  JudgeReport,
  JudgeRequest,
  RolloutEvent,
  RolloutRequest,
} from '../src/protocol/negotiation-api.ts';
import type { GroupRecord, Utterance } from '../src/protocol/negotiation-run.ts';
import { duet, expect, test } from './fixtures.ts';
import { startJudgeServer } from './judge-server.ts';
import { SHORT_TEMPLATES } from './short-templates.ts';

const OWN = { split: 'train', origin: 'own' } as const;
const TASK = {
  dilemma: { id: 'tree', category: 'everyday', goal: 'Cut the old tree', prompt: 'Cut the old tree?', ...OWN },
  pair: { id: 'cut-keep', theme: 'cutting and keeping', persona1: 'Cut it.', persona2: 'Keep it.', ...OWN },
  templates: SHORT_TEMPLATES,
} as const;
/** Of this group's exchanges some are above it. */
const THRESHOLD = 0.5;
const SETTINGS = { groupSize: 4, maxTurns: 1, maxUtteranceTokens: 8, maxCompletionTokens: 8, seed: 3 } as const;

interface Outcome {
  readonly group: GroupRecord;
  readonly events: readonly RolloutEvent[];
}

function rollout(api: JSHandle<DuetApi>, request: RolloutRequest): Promise<Outcome> {
  return api.evaluate(async (d, given) => {
    const events: RolloutEvent[] = [];
    const group = await d.negotiation.rollout(given, (event) => events.push(event));
    return { group, events };
  }, request);
}

/** Of an utterance's tokens, from one reading of its whole prompt by another path than the one that generated it. */
function logProbsAnew(api: JSHandle<DuetApi>, said: Utterance, temperature: number): Promise<number[]> {
  return api.evaluate(
    async (d, { promptIds, tokenIds, T }) => {
      const positions = tokenIds.map((_, index) => promptIds.length - 1 + index);
      const logits = await d.logits([...promptIds, ...tokenIds], { positions });
      return logits.map((row, index) => {
        const tempered = row.map((logit) => logit / T);
        const most = tempered.reduce((a, b) => Math.max(a, b));
        const sum = tempered.reduce((total, logit) => total + Math.exp(logit - most), 0);
        return (tempered[tokenIds[index] ?? 0] ?? Number.NaN) - most - Math.log(sum);
      });
    },
    { promptIds: said.promptIds, tokenIds: said.tokenIds, T: temperature },
  );
}

test('a group of 4 negotiates, agrees or fails, is judged, and replays bit by bit', async ({ engine: api }) => {
  const settings = { ...SETTINGS, agreementThreshold: THRESHOLD };
  const { group, events } = await rollout(api, { ...TASK, settings });
  expect(group.dialogues.map(({ row }) => row)).toEqual([0, 1, 2, 3]);
  expect(new Set(group.dialogues.map(({ utterances }) => utterances[0]?.text)).size).toBeGreaterThan(1);
  for (const { utterances, agreements, outcome, completion, verdict } of group.dialogues) {
    expect(utterances.map(({ role }) => role)).toEqual(utterances.map((_, i) => (i % 2 === 0 ? 'agent1' : 'agent2')));
    expect(agreements).toHaveLength(utterances.length / 2);
    const hasAgreed = agreements.at(-1)?.state === 'judged' && (agreements.at(-1) as { agreed: boolean }).agreed;
    expect(outcome).toBe(hasAgreed ? 'agreed' : 'failed');
    expect(completion !== undefined).toBe(hasAgreed);
    expect(verdict?.state).toBe(hasAgreed ? 'scored' : undefined);
    if (verdict?.state !== 'scored') continue;
    expect(verdict.score).toBeCloseTo(
      (verdict.distribution ?? []).reduce((sum, p, score) => sum + p * score, 0),
      5,
    );
    expect((verdict.distribution ?? []).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(verdict.answerMass).toBeLessThanOrEqual(1.000_01);
  }
  const starts = events.filter(
    (event) => event.kind === 'utteranceStarted' && event.turn === 1 && event.role === 'agent1',
  );
  for (const start of starts.filter((event) => event.kind === 'utteranceStarted' && event.of === 'utterance'))
    expect(start).toMatchObject({ numSharedTokens: (start as { numPromptTokens: number }).numPromptTokens - 1 });

  const last = group.dialogues[2]?.utterances.at(-1);
  if (last === undefined) throw new Error('Row 2 said nothing.');
  const anew = await logProbsAnew(api, last, 0.7);
  for (const [index, logProb] of last.logProbs.entries()) expect(anew[index]).toBeCloseTo(logProb, 3);

  // Verdicts are not drawn: the same answers would have the same.
  const again = await rollout(api, { ...TASK, settings, judge: null, plan: group.plan });
  expect(again.group.dialogues).toEqual(group.dialogues.map(({ verdict: _verdict, ...dialogue }) => dialogue));
});

test('a person takes over a side, and an edited utterance branches', async ({ engine: api }) => {
  const settings = { ...SETTINGS, groupSize: 2, maxTurns: 1, agreementThreshold: 1 };
  const { group, waited } = await api.evaluate(
    async (d, request) => {
      const sides: string[] = [];
      const done = await d.negotiation.rollout(request, (event) => {
        if (event.kind !== 'awaitingPerson') return;
        const { row, role } = event;
        sides.push(`${row} ${role}`);
        void d.negotiation.say({ row, role }, 'We tell her mother together.');
      });
      return { group: done, waited: sides };
    },
    { ...TASK, settings, judge: null, takenOver: [{ row: 1, role: 'agent2' as const }] },
  );
  expect(waited).toEqual(['1 agent2']);
  expect(group.dialogues[1]?.utterances[1]).toMatchObject({ text: 'We tell her mother together.', origin: 'person' });
  expect(group.dialogues[0]?.utterances[1]?.origin).toBe('model');

  const [, dialogue] = group.dialogues;
  if (dialogue === undefined) throw new Error('Row 1 is missing.');
  const branch = await rollout(api, {
    ...TASK,
    settings,
    judge: null,
    starts: [{ row: 1, branch: 1, utterances: dialogue.utterances.slice(0, 1), said: 'Then we ask the girl first.' }],
  });
  const [course] = branch.group.dialogues;
  expect(course).toMatchObject({ row: 1, branch: 1, outcome: 'failed' });
  expect(course?.utterances[0]).toEqual(dialogue.utterances[0]);
  expect(course?.utterances[1]?.text).toBe('Then we ask the girl first.');
  expect(course?.utterances).toHaveLength(2);
});

test('a side thinks while it listens: word by word, in private, and counted apart', async ({ engine: api }) => {
  const settings = {
    ...SETTINGS,
    groupSize: 2,
    maxTurns: 1,
    agreementThreshold: 1,
    thinking: 'agent2',
    maxThoughtTokens: 6,
  };
  const { group, events } = await rollout(api, { ...TASK, settings, judge: null });
  const together = events.filter((event) => event.kind === 'stepped' && event.thoughts !== undefined);
  expect(together.length).toBeGreaterThan(2);
  for (const { thoughts = [], utterances } of group.dialogues) {
    expect(thoughts.map(({ role, turn }) => `${role} ${turn}`)).toEqual(['agent2 1']);
    const [thought] = thoughts;
    expect(thought?.tokenIds.length).toBeGreaterThan(0);
    expect(thought?.tokenIds.length).toBeLessThanOrEqual(6);
    expect(thought?.heard).toEqual(thought?.tokenIds.map((_, index) => index + 1));
    const [first, second] = utterances;
    const inPrompt = await api.evaluate((d, ids) => d.detokenize(ids), second?.promptIds ?? []);
    expect(inPrompt).toContain(thought?.text ?? 'nothing was thought');
    expect(inPrompt.indexOf(first?.text ?? '')).toBeLessThan(inPrompt.indexOf(thought?.text ?? ''));
  }
});

const ANSWER: JudgedAnswer = {
  dilemma: 'Cut the tree?',
  persona1: 'Cut it.',
  persona2: 'Keep it.',
  completion: 'Half.',
};
const KEY = 'sk-nobody-must-see-this';

function judge(api: JSHandle<DuetApi>, request: JudgeRequest): Promise<JudgeReport> {
  return api.evaluate((d, given) => d.negotiation.judge(given), request);
}

test.describe('a judge on a server', () => {
  // The browser itself reports the refused requests.
  test.use({ allowedErrors: [/Failed to load resource/] });

  test('that answers, fails, is slow, or talks nonsense', async ({ engine: api }) => {
    const replies = ['4', { status: 500, text: `no room, ${KEY}` }, 'It is lovely!', { afterMs: 2000, text: '3' }, '0'];
    let reply = 0;
    const server = await startJudgeServer(() => replies[reply] ?? '0');
    try {
      const endpoint = {
        kind: 'endpoint',
        url: server.url,
        model: 'm',
        apiKey: KEY,
        timeoutMs: 500,
        maxAttempts: 1,
      } as const;
      const states: unknown[] = [];
      for (reply = 0; reply < replies.length; reply++) {
        const report = await judge(api, { answers: [ANSWER], judge: endpoint });
        expect(JSON.stringify(report)).not.toContain(KEY);
        states.push(report.judgements[0]?.verdicts[0]);
      }
      expect(states).toMatchObject([
        { state: 'scored', score: 4 },
        { state: 'unreadable', reason: expect.stringContaining('HTTP 500') },
        { state: 'unreadable', raw: 'It is lovely!' },
        { state: 'unreadable', reason: expect.stringContaining('longer than 0.5 s') },
        { state: 'scored', score: 0 },
      ]);
      expect(server.asked[0]?.authorization).toBe(`Bearer ${KEY}`);
      // Nonsense is asked for again, at another temperature.
      expect(server.asked.filter(({ body }) => Number(body['temperature']) > 0)).toHaveLength(2);
    } finally {
      await server.close();
    }
  });

  test('or on the page is asked there, and its answer comes back', async ({ engine: api }) => {
    const report = await judge(api, { answers: [ANSWER], judge: { kind: 'webLlm', model: 'nobody-knows-it' } });
    expect(report.judgements[0]?.verdicts[0]).toMatchObject({
      state: 'unreadable',
      reason: expect.stringContaining('web-llm does not know this model'),
    });
  });

  test('may decide on agreement too, and leaves its name in the record, but no key', async ({ engine: api }) => {
    const server = await startJudgeServer(({ body }) =>
      (body.messages.at(-1)?.content ?? '').includes('YES or NO?') ? 'YES\nBoth said so.' : '3',
    );
    try {
      const judging = { kind: 'endpoint', url: server.url, model: 'm', apiKey: KEY } as const;
      const settings = {
        ...SETTINGS,
        groupSize: 1,
        maxUtteranceTokens: 4,
        maxCompletionTokens: 4,
        agreementBy: 'judge',
      };
      const { group, events } = await rollout(api, { ...TASK, settings, judge: judging });
      expect(group.dialogues[0]).toMatchObject({
        agreements: [{ state: 'judged', turn: 1, agreed: true }],
        outcome: 'agreed',
        verdict: { state: 'scored', score: 3 },
      });
      expect(group.madeWith).toMatchObject({ judge: 'endpoint m', adapter: null, templates: SHORT_TEMPLATES });
      expect(JSON.stringify([group, events])).not.toContain(KEY);
    } finally {
      await server.close();
    }
  });

  test('writes dilemmas, and what breaks a rule or is known is asked for again', async ({ engine: api }) => {
    const good =
      'Your colleague has left her diary in the shared kitchen, and it lies open. She looked unhappy all week and told nobody why. Do you read the page?';
    const server = await startJudgeServer(({ body }) => {
      const asked = body.messages.at(-1)?.content ?? '';
      if (asked.includes('Find 10')) return 'Mention the loud chewing\nReturn the lent ladder and more words than five';
      return asked.includes('does not keep the rules') ? good : 'Too short?';
    });
    try {
      const { report, events } = await api.evaluate(
        async (d, model) => {
          const seen: string[] = [];
          const made = await d.negotiation.generate({ count: 1, category: 'everyday', model }, ({ kind }) =>
            seen.push(kind),
          );
          return { report: made, events: seen };
        },
        { kind: 'endpoint', url: server.url, model: 'm' } as const,
      );
      expect(events).toEqual(['goalsProposed', 'rejected', 'accepted']);
      expect(report).toMatchObject({ missing: 0, numCalls: 3 });
      expect(report.dilemmas[0]).toMatchObject({
        goal: 'Mention the loud chewing',
        prompt: good,
        split: 'train',
        origin: 'generated',
      });
    } finally {
      await server.close();
    }
  });
});

test('pausing holds a group, a step goes one turn on, stopping keeps what was said', async ({ engine: api }) => {
  const settings = { ...SETTINGS, groupSize: 1, maxTurns: 3, maxUtteranceTokens: 4, agreementThreshold: 1 };
  const { group, log } = await api.evaluate(
    async (d, request) => {
      const seen: string[] = [];
      const controller = new AbortController();
      const rest = (ms: number): Promise<void> =>
        new Promise((resolve) => {
          setTimeout(resolve, ms);
        });
      let heldSteps = 0;
      const onEvent = async (event: RolloutEvent): Promise<void> => {
        if (event.kind === 'stepped') heldSteps++;
        if (event.kind === 'agreementJudged') seen.push(`judged ${event.verdict.turn}`);
        if (event.kind !== 'paceChanged') return;
        seen.push(event.isPaused ? 'paused' : 'goes on');
        if (!event.isPaused) return;
        const before = heldSteps;
        await rest(300);
        seen.push(heldSteps === before ? 'held' : 'not held');
        if (seen.filter((word) => word === 'paused').length === 1) await d.negotiation.step('turn');
        else controller.abort();
      };
      const done = await d.negotiation.rollout(request, (event) => void onEvent(event), { signal: controller.signal });
      return { group: done, log: seen };
    },
    { ...TASK, settings, judge: null, pace: 'turn' as const },
  );
  expect(log).toEqual(['judged 1', 'paused', 'held', 'goes on', 'judged 2', 'paused', 'held']);
  for (const { utterances, outcome } of group.dialogues) {
    expect(utterances).toHaveLength(4);
    expect(outcome).toBe('stopped');
  }
});

test('what cannot be is refused by its field, and the engine stays usable', async ({ engine: api }) => {
  const refusals = await api.evaluate(async (d, task) => {
    const requests: RolloutRequest[] = [
      { ...task, dilemma: 'no-such-thing' },
      { ...task, settings: { maxTurns: 0 } },
      { ...task, templates: { caJudge: '{initial_prompt}' } },
      { ...task, judge: { kind: 'endpoint', url: 'nowhere', model: 'm' } },
      { ...task, settings: { agreementYes: 'AGREED' } },
      { ...task, settings: { maxTurns: 50, maxUtteranceTokens: 400 } },
    ];
    const found: string[] = [];
    for (const request of requests)
      await d.negotiation.rollout(request).then(
        () => found.push('was not refused'),
        (error: { code: string; message: string }) => found.push(`${error.code}: ${error.message}`),
      );
    return found;
  }, TASK);
  expect(refusals).toEqual([
    expect.stringMatching(/^invalidConfig: rollout: dilemma: .*"no-such-thing"/),
    expect.stringMatching(/^invalidConfig: .*maxTurns/),
    expect.stringMatching(/^invalidConfig: rollout: templates\.caJudge: .*slot/),
    expect.stringMatching(/^invalidConfig: url/),
    expect.stringMatching(/^unsupportedModel: "AGREED"/),
    expect.stringMatching(/^contextFull: /),
  ]);
});

test('a lost device ends a group with its reason, and is no stop', async ({ page }) => {
  await page.goto('/?model=none');
  const api = await duet(page);
  const load = { kernelShape: 'threadPerRows', contextLength: 1024 } as const;
  await api.evaluate((d, options) => d.loadModel('smollm2-135m-instruct', options), load);
  const outcome = await api.evaluate(
    async (d, request) => {
      let isLost = false;
      const run = d.negotiation.rollout(request, ({ kind }) => {
        if (kind === 'stepped' && !isLost) {
          isLost = true;
          void d.simulateDeviceLoss();
        }
      });
      return run.then(
        () => 'it ended well',
        (error: { code: string }) => error.code,
      );
    },
    { ...TASK, settings: { ...SETTINGS, groupSize: 1 }, judge: null },
  );
  expect(outcome).toBe('deviceLost');
});
