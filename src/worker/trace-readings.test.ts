import { beforeAll, describe, expect, it } from 'vitest';
import type { RebuildProgress } from '@/protocol/attention.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import type { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readLiveScripts, sent, type LiveScripts } from '@/testing/live-script.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { attentionOf, checkOf } from './trace-readings.ts';

let scripts: LiveScripts;
let tokenizer: PieceTokenizer;
let trace: ReasoningTrace;
let decoder: FakeDecoder;
beforeAll(async () => {
  scripts = await readLiveScripts();
  tokenizer = new PieceTokenizer(await readTinyTokenBytes());
  ({ trace } = await scripts.scripted([sent(0, 'why')], {
    settings: { budget: 12 },
    answers: [true, true, true, true, true],
  }));
  decoder = scripts.fakeDecoder({});
});

const signal = new AbortController().signal;
const ignore = (): void => undefined;

describe('what is asked of a trace', () => {
  it.each([
    ['attention: trace.format', { trace: {} }],
    ['attention: steps.0', { trace: null, steps: [-1] }],
    ['attention: steps', { trace: null, steps: [] }],
    ['attention: stream', { trace: null, stream: 'reader' }],
    ['attention: ', { trace: null, layer: 3 }],
  ])('is refused with its field: %s', async (start, request) => {
    const message = expect.stringContaining(start.replace('attention: trace', 'trace')) as string;
    await expect(attentionOf(decoder, request as never, signal, ignore)).rejects.toMatchObject({
      code: 'invalidConfig',
      message,
    });
  });

  it('is read and checked, with progress, and leaves nothing behind', async () => {
    const events: RebuildProgress[] = [];
    const readings = await attentionOf(decoder, { trace, stream: 'thinker', steps: [3, 1] }, signal, (event) =>
      events.push(event),
    );
    expect(readings.map(({ step, stream }) => [step, stream])).toEqual([
      [1, 'thinker'],
      [3, 'thinker'],
    ]);
    expect(events.map(({ kind }) => kind)).toContain('rebuilding');
    const report = await checkOf(decoder, tokenizer, { trace, step: 5 }, signal, ignore);
    expect(report).toMatchObject({ step: 5, rebuildDifference: 0 });
    expect(report.rows.map(({ bestText }) => bestText.run)).toEqual(
      report.rows.map(({ best }) => scripts.textOf([best.run])),
    );
    expect(decoder.numLiveObjects).toBe(0);
  });

  it('ends at its signal', async () => {
    await expect(checkOf(decoder, tokenizer, { trace }, AbortSignal.abort(), ignore)).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(decoder.numLiveObjects).toBe(0);
  });
});
