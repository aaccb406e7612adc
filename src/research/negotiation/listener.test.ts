import { beforeAll, describe, expect, it } from 'vitest';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import type { GroupRecord, NegotiationEvent, Thoughts, Utterance } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { FakeDecoder, type FakeQuery } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { rolloutGroup, type RolloutIo } from './group-rollout.ts';

let pieces: readonly Uint8Array[];
let tokenizer: ChatTokenizer;
let model: ReferenceModel;
let ids: Record<'a' | 'b' | 'c' | 'end' | 'yes' | 'no', number>;
beforeAll(async () => {
  pieces = await readTinyTokenBytes();
  const tiny = new PieceTokenizer(pieces);
  tokenizer = chatMl(tiny);
  model = await readTinyReferenceModel('llama');
  const idOf = (piece: string): number => tiny.idOf(piece) ?? -1;
  ids = { a: idOf('a'), b: idOf('b'), c: idOf('c'), end: idOf('<|im_end|>'), yes: idOf('yes'), no: idOf('no') };
});

const textOf = (tokenIds: readonly number[]): string =>
  new TextDecoder().decode(Uint8Array.from(tokenIds.flatMap((id) => [...at(pieces, id)])));

/** Says `a` and `b` and thinks `c`; ends after a while. */
function babbler(onQuery: (query: FakeQuery) => void = () => undefined): FakeDecoder {
  return new FakeDecoder({
    vocabSize: pieces.length,
    logits: (query) => {
      onQuery(query);
      const likely: [number, number][] = query.block.endsWith('thinks')
        ? [[ids.c, 20]]
        : [
            [ids.a, 20],
            [ids.b, 20],
            [ids.end, 19],
          ];
      return new Map([...likely, [ids.yes, 0], [ids.no, 2]]);
    },
  });
}

async function run(
  decoder: FakeDecoder | ReferenceDecoder,
  settings: Partial<NegotiationSettings>,
  io: Partial<RolloutIo> & { readonly onEvent?: (event: NegotiationEvent) => void } = {},
): Promise<{ readonly events: readonly NegotiationEvent[]; readonly group: GroupRecord }> {
  const { onEvent, ...rest } = io;
  const request = {
    dilemma: DILEMMA,
    pair: PAIR,
    settings: tinySettings({ thinking: 'both', maxThoughtTokens: 6, maxTurns: 2, ...settings }),
  };
  const rollout = rolloutGroup(new SamplingDecoder(decoder), request, { tokenizer, prompts: SHORT_PROMPTS, ...rest });
  const { events, result } = await collect(rollout, onEvent);
  expect(decoder instanceof FakeDecoder ? decoder.numLiveObjects : decoder.numLiveBlocks).toBe(0);
  return { events, group: result };
}

const contentOf = ({ tokenIds }: Utterance): readonly number[] => tokenIds.filter((id) => id !== ids.end);

function thoughtsBefore(
  { thoughts = [] }: GroupRecord['dialogues'][number],
  utterance: Utterance,
): Thoughts | undefined {
  return thoughts.find(({ role, turn }) => role === utterance.role && turn === utterance.turn);
}

describe('a side that thinks while it listens', () => {
  it('thinks over what it has heard so far, a thought with each word', async () => {
    const seen: string[] = [];
    const { group } = await run(
      babbler(({ block, visibleIds, wants }) => {
        if (block.endsWith('thinks') && wants !== 'none') seen.push(textOf(visibleIds));
      }),
      { groupSize: 1, seed: 6, maxTurns: 1 },
    );
    const [dialogue] = group.dialogues;
    const [heard, said] = dialogue?.utterances ?? [];
    if (dialogue === undefined || heard === undefined || said === undefined) throw new Error('It is too short.');
    const words = contentOf(heard);
    const thoughts = thoughtsBefore(dialogue, said);
    const before = '<|im_start|>system\nagent2 Keep.<|im_end|>\n<|im_start|>user\nA tree. Cut it?\n\n[';
    const bridge = ']<|im_end|>\n<|im_start|>assistant\nagent2 thinks ';
    expect(seen).toEqual(
      seen.map((_, index) => before + textOf(words.slice(0, index + 1)) + bridge + 'c'.repeat(index)),
    );
    expect(seen.length).toBeGreaterThan(1);
    expect(thoughts?.heard).toEqual(seen.map((_, index) => index + 1));
    expect(thoughts).toMatchObject({ role: 'agent2', turn: 1, text: 'c'.repeat(seen.length), stop: 'cut' });
    expect(thoughts?.logProbs).toHaveLength(seen.length);
    const behind = '<|im_end|>\n<|im_start|>user\nagent2!<|im_end|>\n<|im_start|>assistant\n';
    expect(textOf(said.promptIds)).toBe(before + textOf(words) + bridge + (thoughts?.text ?? '') + behind);
  });

  it('is seen by its speaker as the record says, and never by the other side or a judge', async () => {
    const first = new Map<string, string[]>();
    const { group } = await run(
      babbler(({ block, visibleIds, wants }) => {
        if (wants !== 'none') first.set(block, [...(first.get(block) ?? []), textOf(visibleIds)]);
      }),
      { groupSize: 1, maxTurns: 3, seed: 2, completeOnFailure: true },
    );
    const [dialogue] = group.dialogues;
    expect(dialogue?.thoughts?.map(({ role, turn }) => `${role} ${turn}`)).toEqual([
      'agent2 1',
      'agent1 2',
      'agent2 2',
      'agent1 3',
      'agent2 3',
    ]);
    for (const utterance of dialogue?.utterances.slice(1) ?? []) {
      const block = `${utterance.role} speaks`;
      expect(first.get(block)).toContain(textOf(utterance.promptIds));
      // Its own thoughts of this turn, and no others.
      expect(textOf(utterance.promptIds).match(/agent\d thinks/g)).toEqual([`${utterance.role} thinks`]);
    }
    for (const [block, texts] of first) {
      if (block.endsWith('speaks') || block.endsWith('thinks')) continue;
      for (const text of texts) expect(text, block).not.toMatch(/thinks|c{2}/);
    }
    expect(textOf(dialogue?.completion?.promptIds ?? [])).not.toContain('thinks');
  });

  it('only thinks where the settings say so, and before it speaks again', async () => {
    for (const thinking of ['agent1', 'agent2'] as const) {
      const { group } = await run(babbler(), { thinking, seed: 3 });
      const all = group.dialogues.flatMap(({ thoughts = [] }) => thoughts.map(({ role, turn }) => `${role} ${turn}`));
      const expected = thinking === 'agent1' ? ['agent1 2'] : ['agent2 1', 'agent2 2'];
      expect(new Set(all)).toEqual(new Set(expected));
    }
    expect(
      (await run(babbler(), { thinking: 'none' })).group.dialogues.every(({ thoughts }) => thoughts === undefined),
    ).toBe(true);
  });

  it('ends its thoughts at their limit, or of itself', async () => {
    const limited = await run(babbler(), { maxThoughtTokens: 1, groupSize: 1, seed: 4 });
    const [thoughts] = limited.group.dialogues[0]?.thoughts ?? [];
    expect(thoughts).toMatchObject({ text: 'c', stop: 'maxTokens' });
    const silent = new FakeDecoder({
      vocabSize: pieces.length,
      logits: ({ block }) =>
        new Map([
          [block.endsWith('thinks') ? ids.end : ids.a, 20],
          [ids.no, 2],
          [ids.yes, 0],
        ]),
    });
    const { group } = await run(silent, { groupSize: 1, maxTurns: 1 });
    const [dialogue] = group.dialogues;
    expect(dialogue?.thoughts?.[0]).toMatchObject({ text: '', tokenIds: [ids.end], stop: 'stopToken' });
    expect(textOf(dialogue?.utterances[1]?.promptIds ?? [])).toContain('agent2 thinks <|im_end|>');
  });

  it('repeats bit by bit, and gives each dialogue what it would get alone', async () => {
    const settings = { groupSize: 2, seed: 5, agreementThreshold: 1 };
    const whole = await run(new ReferenceDecoder(model), settings);
    expect((await run(new ReferenceDecoder(model), settings)).events).toEqual(whole.events);
    const request = {
      dilemma: DILEMMA,
      pair: PAIR,
      settings: tinySettings({ ...settings, thinking: 'both', maxThoughtTokens: 6, maxTurns: 2 }),
    };
    for (const dialogue of whole.group.dialogues) {
      const io = { tokenizer, prompts: SHORT_PROMPTS };
      const decoder = new SamplingDecoder(new ReferenceDecoder(model));
      const { result } = await collect(rolloutGroup(decoder, { ...request, starts: [{ row: dialogue.row }] }, io));
      expect(result.dialogues).toEqual([dialogue]);
    }
  });

  it('leaves nothing behind when the run is stopped in the middle of a thought', async () => {
    for (const stopAt of [1, 3, 8, 13]) {
      const controller = new AbortController();
      let numSteps = 0;
      const { group } = await run(
        babbler(),
        { seed: 1 },
        {
          signal: controller.signal,
          onEvent: ({ kind }) => {
            if (kind === 'stepped' && ++numSteps === stopAt) controller.abort();
          },
        },
      );
      expect(group.dialogues.some(({ outcome }) => outcome === 'stopped')).toBe(true);
    }
  });

  it('has three rows a dialogue in a forward, 16 at most', async () => {
    const decoder = babbler();
    const { group } = await run(decoder, { groupSize: 8, maxTurns: 1 });
    expect(group.plan.rowsPerForward).toBe(5);
    expect(Math.max(...decoder.calls.map(({ rows }) => rows.length))).toBe(15);
  });
});
