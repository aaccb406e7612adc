import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import { readRun } from '@/protocol/recording-schema.ts';
import type { Recording } from '@/protocol/recording.ts';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import { RunFilm } from './run-film.ts';
import { itemsOf } from './run-items.ts';

let golden: ReasoningTrace;
let good: Recording;

beforeAll(async () => {
  const url = new URL('../testing/golden/async/tiny-llama-b_input.json', import.meta.url);
  const whole = JSON.parse(await readFile(url, 'utf8')) as ReasoningTrace;
  // A few steps hold every field there is.
  golden = { ...whole, result: { ...whole.result, steps: whole.result.steps.slice(0, 20) } };
  good = {
    ...golden,
    recording: {
      version: 1,
      id: 'a',
      name: 'A run',
      createdAt: '2026-11-26T12:00:00.000Z',
      model: { id: 'tiny', name: 'Tiny', sha256: null },
      device: { vendor: '', architecture: '', isSoftware: true },
      settings: { budget: 64 },
      inputs: [
        { kind: 'draft', elapsedMs: -20, text: '<script>alert(1)</script>', sent: true },
        { kind: 'pause', elapsedMs: 10 },
      ],
      events: [
        { kind: 'started', elapsedMs: 0 },
        ...golden.result.steps.map(({ step }) => ({
          kind: 'stepped' as const,
          elapsedMs: step * 10,
          step,
          thinkerText: 'a',
          writerText: '',
        })),
        { kind: 'stopped', elapsedMs: 900, reason: 'budget' as const },
      ],
    },
  };
});

const read = (value: unknown): unknown => readRun(JSON.stringify(value));

/** The field that the refusal names. */
function refusedField(source: string): string {
  try {
    // What is accepted must play, too.
    const film = new RunFilm(itemsOf(readRun(source)));
    film.momentAfter(film.countOfStep(3));
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalidConfig') return String(error.details['field']);
    throw error;
  }
  return 'accepted';
}

test('a recording and a bare trace are read as they stand, unknown fields included', () => {
  expect(read({ ...good, later: 1 })).toEqual({ ...good, later: 1 });
  expect(read(golden)).toEqual(golden);
});

test('texts are left as they are: they are only ever shown as text', () => {
  expect(readRun(JSON.stringify(good))).toMatchObject({
    recording: { inputs: [{ text: '<script>alert(1)</script>' }, {}] },
  });
});

const wrong: readonly (readonly [field: string, change: (run: Recording) => unknown])[] = [
  ['recording.version', (run) => ({ ...run, recording: { ...run.recording, version: 2 } })],
  ['recording.createdAt', (run) => ({ ...run, recording: { ...run.recording, createdAt: 'yesterday' } })],
  ['recording.name', (run) => ({ ...run, recording: { ...run.recording, name: 'x'.repeat(201) } })],
  ['recording.settings.budget', (run) => ({ ...run, recording: { ...run.recording, settings: { budget: -1 } } })],
  ['recording.settings', (run) => ({ ...run, recording: { ...run.recording, settings: { colour: 'red' } } })],
  [
    'recording.events',
    (run) => ({ ...run, recording: { ...run.recording, events: run.recording.events.slice(0, 5) } }),
  ],
  ['recording.events.1.thinkerText', (run) => edited(run, 'recording.events.1.thinkerText', 3)],
  ['recording.events.1.kind', (run) => edited(run, 'recording.events.1.kind', 'leapt')],
  ['recording.inputs.0.sent', (run) => edited(run, 'recording.inputs.0.sent', 'yes')],
  ['format', (run) => ({ ...run, format: 'async-trace-2' })],
  ['setup.params.budget', (run) => edited(run, 'setup.params.budget', -1)],
  ['result.steps', (run) => edited(run, 'result.steps.3.step', 7)],
  ['result.steps.2.rows.0.loc', (run) => edited(run, 'result.steps.2.rows.0.loc', [])],
  ['result.steps.2.rows', (run) => edited(run, 'result.steps.2.rows', Array(2).fill(run.result.steps[2]?.rows[0]))],
  ['result.steps.2.state_after', (run) => edited(run, 'result.steps.2.state_after', 'asleep')],
  [
    'result.steps.2.rows.0.attention.mass',
    (run) => edited(run, 'result.steps.2.rows.0.attention', { mass: [[1]], most_read: [] }),
  ],
  ['result.final.stop', (run) => edited(run, 'result.final.stop', '')],
  ['text.writer', (run) => edited(run, 'text.writer', null)],
];

/** A copy with the value at `path` replaced. */
function edited(run: unknown, path: string, value: unknown): unknown {
  const copy: unknown = structuredClone(run);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let parent = copy as Record<string, unknown>;
  for (const key of keys) parent = parent[key] as Record<string, unknown>;
  parent[last] = value;
  return copy;
}

test.each(wrong)('%s at fault is named', (field, change) => {
  expect(refusedField(JSON.stringify(change(good)))).toBe(field);
});

test('a version that this page does not know says what to do', () => {
  const later = JSON.stringify({ ...good, recording: { ...good.recording, version: 2 } });
  expect(() => readRun(later)).toThrow(/another version of Duet/);
});

test('what is no run at all is refused with what to do', () => {
  for (const source of ['', '{', '[]', '3', 'null', '"a"', '<html>']) {
    expect(() => readRun(source)).toThrow(/The file/);
    expect(refusedField(source)).toBe('');
  }
  expect(refusedField('{}')).toBe('format');
});

test('a cut-off file is refused, wherever it is cut', { timeout: 60_000 }, () => {
  const source = JSON.stringify(good);
  fc.assert(
    fc.property(fc.nat(source.length - 1), (length) => {
      expect(refusedField(source.slice(0, length))).toBe('');
    }),
    { numRuns: 300 },
  );
});

/** Paths of every value in a run, arrays shortened to their first entries. */
function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const entries = Object.entries(value).slice(0, 40);
  return [[...path], ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

test('a file with anything in any place is refused, or read and played, and nothing else', { timeout: 60_000 }, () => {
  const paths = pathsOf(good).filter(({ length }) => length > 0);
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(-1, 1e308, 0.5, '', '__proto__', null, [], {}, 'x'.repeat(1000), '<img src=x onerror=alert(1)>'),
  );
  fc.assert(
    fc.property(fc.nat(paths.length - 1), anything, (index, value) => {
      const path = paths[index]?.join('.') ?? '';
      const source = JSON.stringify(edited(good, path, value));
      expect(typeof refusedField(source)).toBe('string');
    }),
    { numRuns: 250 },
  );
});
