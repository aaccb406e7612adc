import { expect, it, vi } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { serveRun } from '@/lib/stream.ts';
import type { ChatAnswer } from '@/protocol/chat.ts';
import type {
  Comparison,
  ComparisonConfig,
  ComparisonEvent,
  OtherModelConfig,
  OtherModelEvent,
} from '@/protocol/comparison.ts';
import { DEFAULT_REASONING_SETTINGS } from '@/protocol/reasoning-settings.ts';
import { createCompare } from './compare-duet.ts';
import type { DuetApi } from './duet-api.ts';

const OWN: Comparison = {
  format: 'duet-comparison-1',
  createdAt: '2026-01-01T00:00:00.000Z',
  question: 'Why?',
  typingRate: 0,
  settings: { ...DEFAULT_REASONING_SETTINGS, budget: 64, temperature: 0.3, seed: 5 },
  model: { id: 'm', sha256: null },
  device: { vendor: 'v', architecture: 'a', isSoftware: true },
  runs: [],
};
const ANSWER: ChatAnswer = {
  text: 'Because.',
  thinking: null,
  tokens: null,
  stopReason: 'stop',
  timing: { timeToFirstTokenMs: 1, totalMs: 2, numTokens: 2 },
};
const KEY = 'sk-very-secret';
const SERVER: OtherModelConfig = { kind: 'endpoint', url: 'http://localhost:1/v1', model: 'small', apiKey: KEY };
const WEB_LLM: OtherModelConfig = { kind: 'webLlm', model: 'tiny' };

const token = { stream: 'writer', text: 'H', step: 0, elapsedMs: 1 } as const;

interface Setup {
  readonly compare: DuetApi['compare'];
  readonly engineCompare: ReturnType<typeof vi.fn>;
  readonly chat: ReturnType<typeof vi.fn<DuetApi['chat']>>;
  readonly loadWebLlm: ReturnType<typeof vi.fn<(model: string) => Promise<void>>>;
}

function setup(chatWith: DuetApi['chat']): Setup {
  const engineCompare = vi.fn((_config: ComparisonConfig, onEvent: (event: ComparisonEvent) => void) =>
    Promise.resolve(
      serveRun<Comparison, ComparisonEvent>((_signal, emit) => {
        emit({ kind: 'progressed', mode: 'noThinking', token, share: 1, secondsLeft: 0 });
        return Promise.resolve(OWN);
      }, onEvent),
    ),
  );
  const chat = vi.fn<DuetApi['chat']>(chatWith);
  const loadWebLlm = vi.fn<(model: string) => Promise<void>>(() => Promise.resolve());
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a remote engine in the same thread
  const compare = createCompare({ compare: engineCompare } as never, { chat, loadWebLlm });
  return { compare, engineCompare, chat, loadWebLlm };
}

const answers: DuetApi['chat'] = (_model, { onDelta }) => {
  onDelta?.({ text: 'Because.', thinking: '', tokens: [] });
  return Promise.resolve(ANSWER);
};

it('other models are asked after the engine, with its settings, and stand in the result without their key', async () => {
  const { compare, engineCompare, chat, loadWebLlm } = setup(answers);
  const events: (ComparisonEvent | OtherModelEvent)[] = [];
  const config = { question: 'Why?', modes: ['noThinking'], others: [WEB_LLM, SERVER] } as const;
  const result = await compare(config, (event) => events.push(event));
  expect(engineCompare.mock.calls[0]?.[0]).toEqual({ question: 'Why?', modes: ['noThinking'] });
  expect(loadWebLlm).toHaveBeenCalledWith('tiny', undefined);
  expect(chat.mock.calls[1]).toMatchObject([
    SERVER,
    { messages: [{ role: 'user', content: 'Why?' }], maxTokens: 64, temperature: 0.3, seed: 5 },
  ]);
  expect(result.others?.map(({ model, text }) => [model.kind, text.writer])).toEqual([
    ['webLlm', 'Because.'],
    ['endpoint', 'Because.'],
  ]);
  expect(events.map((event) => [event.kind, 'share' in event ? event.share.toFixed(3) : null])).toEqual([
    ['progressed', '0.333'],
    ['otherStarted', null],
    ['otherProgressed', '0.339'],
    ['otherEnded', null],
    ['otherStarted', null],
    ['otherProgressed', '0.672'],
    ['otherEnded', null],
  ]);
  expect(JSON.stringify([result, events])).not.toContain(KEY);
});

it('one that fails loses nothing of the others', async () => {
  const { compare } = setup((model, request) =>
    model.kind === 'webLlm' ? Promise.reject(new Failure('endpointFailed', 'No network.')) : answers(model, request),
  );
  const { others } = await compare({ question: 'Why?', others: [WEB_LLM, SERVER] });
  expect(others?.[0]).toMatchObject({ stop: 'failed', failure: { code: 'endpointFailed', message: 'No network.' } });
  expect(others?.[1]).toMatchObject({ stop: 'writer_eos', failure: null });
});

it('cancelling ends the comparison while another model answers', async () => {
  const controller = new AbortController();
  const { compare, chat } = setup(() => {
    controller.abort();
    return Promise.reject(new Failure('cancelled', ''));
  });
  const running = compare({ question: 'Why?', others: [SERVER] }, undefined, { signal: controller.signal });
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  expect(chat.mock.calls[0]?.[1].signal).toBe(controller.signal);
});

it('a wrong model is refused before the engine is asked, and none leaves the result as it was', async () => {
  const { compare, engineCompare } = setup(answers);
  await expect(compare({ question: 'Why?', others: [SERVER, SERVER] })).rejects.toMatchObject({
    code: 'invalidConfig',
  });
  expect(engineCompare).not.toHaveBeenCalled();
  expect(await compare({ question: 'Why?' })).toEqual(OWN);
});
