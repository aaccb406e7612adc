import { beforeAll, describe, expect, test } from 'vitest';
import { Failure } from '@/lib/failure.ts';
import type { ChatTokenizer } from '@/research/negotiation/chat-tokenizer.ts';
import { rolloutGroup } from '@/research/negotiation/group-rollout.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import type { RolloutEvent } from './negotiation-api.ts';
import {
  checkRecording,
  recordingFile,
  type NegotiationRecording,
  type TimedRolloutEvent,
} from './negotiation-recording.ts';
import type { GroupRecord } from './negotiation-run.ts';

const HEAD = {
  id: 'a-tree',
  name: 'A tree',
  note: 'Both think.',
  createdAt: '2026-11-26T12:00:00.000Z',
  madeBy: 'a test',
  model: { id: 'tiny', name: 'Tiny', sha256: null },
  device: { vendor: 'none', architecture: 'double', isSoftware: true },
  judge: 'a rule',
};

let group: GroupRecord;
let events: readonly TimedRolloutEvent[];

/** Two rows that think on both sides: one agrees and is judged, as the worker tells of it. */
beforeAll(async () => {
  const pieces = await readTinyTokenBytes();
  const tokenizer = new PieceTokenizer(pieces);
  const id = (piece: string): number => tokenizer.idOf(piece) ?? -1;
  const decoder = new FakeDecoder({
    vocabSize: pieces.length,
    logits: () =>
      new Map([
        [id('a'), 20],
        [id('b'), 20],
        [id('<|im_end|>'), 19],
        [id('yes'), 1],
        [id('no'), 0],
      ]),
  });
  const chat: ChatTokenizer = chatMl(tokenizer);
  const request = { dilemma: DILEMMA, pair: PAIR, settings: tinySettings({ thinking: 'both', maxTurns: 2 }) };
  const told = await collect(
    rolloutGroup(new SamplingDecoder(decoder), request, { tokenizer: chat, prompts: SHORT_PROMPTS }),
  );
  const verdict = { state: 'scored', score: 3.5, distribution: [0, 0, 0, 0.5, 0.5, 0] } as const;
  group = { ...told.result, dialogues: told.result.dialogues.map((dialogue) => ({ ...dialogue, verdict })) };
  const judged = group.dialogues.map(({ row }): RolloutEvent => ({ kind: 'judged', row, verdict }));
  events = [...told.events, ...judged].map((event, index) => ({ atMs: 1000 + 250.4 * index, event }));
});

// The record in it is checked by whoever reads it.
const read = (text: string): NegotiationRecording =>
  checkRecording(JSON.parse(text), (value): GroupRecord => JSON.parse(JSON.stringify(value)));

const written = (): string => JSON.stringify(recordingFile(HEAD, group, events));

type Json = Record<string, unknown> & { group: { dialogues: Record<string, unknown>[] }; events: { event: unknown }[] };

function changed(change: (file: Json) => void): () => unknown {
  const file: Json = JSON.parse(written());
  change(file);
  return () => read(JSON.stringify(file));
}

describe('a file', () => {
  test('gives back every event as the page got it, with times from 0 on', () => {
    const recording = read(written());
    expect(recording.group).toEqual(group);
    expect(recording.events.map(({ event }) => event)).toEqual(events.map(({ event }) => event));
    expect(recording.events[0]?.atMs).toBe(0);
    expect(recording.events[2]?.atMs).toBe(501);
    expect(events.some(({ event }) => event.kind === 'stepped' && (event.thoughts?.length ?? 0) > 0)).toBe(true);
    expect(events.some(({ event }) => event.kind === 'thoughtsEnded')).toBe(true);
  });

  test('holds token ids and log-probabilities once, in the record', () => {
    const { events: kept }: Json = JSON.parse(written());
    expect(JSON.stringify(kept)).not.toMatch(/tokenId|logProb|promptIds/);
  });

  test('leaves out what the person did, and what was cut off by hand', () => {
    const first = group.dialogues[0];
    if (first === undefined) throw new Error('The group has a dialogue.');
    const { completion: _, verdict: __, ...rest } = first;
    const cut: GroupRecord = {
      ...group,
      dialogues: [
        { ...rest, utterances: first.utterances.slice(0, 1), thoughts: [], agreements: [], outcome: 'stopped' },
      ],
    };
    const stopped: RolloutEvent[] = [
      { kind: 'started', plan: group.plan, rows: [0] },
      { kind: 'paceChanged', isPaused: true },
      { kind: 'humanAsked', open: [] },
      {
        kind: 'utteranceStarted',
        row: 0,
        of: 'utterance',
        role: 'agent2',
        turn: 1,
        numPromptTokens: 5,
        numSharedTokens: 0,
      },
      { kind: 'stepped', tokens: [{ row: 0, tokenId: 1, text: 'a', logProb: -1 }] },
      { kind: 'dialogueEnded', row: 0, outcome: 'stopped' },
    ];
    const file = recordingFile(
      HEAD,
      cut,
      stopped.map((event) => ({ atMs: 0, event })),
    );
    expect(file.events.map(({ event }) => event.kind)).toEqual(['started', 'dialogueEnded']);
    expect(read(JSON.stringify(file)).events).toHaveLength(2);
  });

  test('is not made of one run’s events and another’s record', () => {
    const other = events.map(({ atMs, event }) => ({
      atMs,
      event:
        event.kind === 'stepped'
          ? { ...event, tokens: event.tokens.map((token) => ({ ...token, tokenId: token.tokenId + 1 })) }
          : event,
    }));
    expect(() => recordingFile(HEAD, group, other)).toThrow('where the record has');
  });

  test.each<[string, (file: Json) => void, string]>([
    ['another format', (file) => (file['format'] = 'x'), 'The recording: format:'],
    [
      'a field that there is not',
      (file) => (file['script'] = 'alert(1)'),
      'The recording: script: there is no such field',
    ],
    ['an id that is a path', (file) => (file['id'] = '../x'), 'The recording: id:'],
    ['a date that is none', (file) => (file['createdAt'] = 'today'), 'The recording: createdAt:'],
    ['an unknown event', (file) => (file.events[3] = { ...file.events[3], event: { kind: 'eval' } }), 'events.3.event'],
    [
      'a row without a dialogue',
      (file) => (file.events[0] = { ...file.events[0], event: { kind: 'judged', row: 9 } }),
      'events.0.event: the record holds nothing of the kind',
    ],
    [
      'more tokens than the record',
      (file) => {
        const [first] = file.events.filter(({ event }) => JSON.stringify(event).includes('"stepped"'));
        const place = first === undefined ? 0 : file.events.indexOf(first);
        file.events.splice(
          place,
          0,
          ...Array.from({ length: 9 }, () => structuredClone(file.events[place] ?? { event: {} })),
        );
      },
      'event: the record holds nothing of the kind',
    ],
    [
      'times that run backwards',
      (file) => Object.assign(file.events[1] ?? {}, { atMs: 1e6 }),
      'The recording: events: the times must not run backwards',
    ],
    [
      'a row twice',
      (file) => file.group.dialogues.push({ ...file.group.dialogues[0], branch: 1 }),
      'group.dialogues: a recording has each row once',
    ],
  ])('with %s is refused, by the field', (_name, change, message) => {
    const refused = changed(change);
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(message);
  });
});
