import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import { branchStart } from '@/protocol/negotiation-api.ts';
import type { DialogueRecord, GroupRecord, NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { rolloutGroup, type GroupRequest, type RolloutIo } from './group-rollout.ts';

let pieces: readonly Uint8Array[];
let tokenizer: ChatTokenizer;
let model: ReferenceModel;
let ids: Record<'a' | 'b' | 'end' | 'yes' | 'no', number>;
beforeAll(async () => {
  pieces = await readTinyTokenBytes();
  const tiny = new PieceTokenizer(pieces);
  tokenizer = chatMl(tiny);
  model = await readTinyReferenceModel('llama');
  const idOf = (piece: string): number => tiny.idOf(piece) ?? -1;
  ids = { a: idOf('a'), b: idOf('b'), end: idOf('<|im_end|>'), yes: idOf('yes'), no: idOf('no') };
});

const textOf = (tokenIds: readonly number[]): string =>
  new TextDecoder().decode(Uint8Array.from(tokenIds.flatMap((id) => [...at(pieces, id)])));

interface Outcome {
  readonly events: readonly NegotiationEvent[];
  readonly group: GroupRecord;
}

/** Says `a` and `b` at random and ends after a while; the sides agree where the exchange's text has `yesAt` in it. */
function babbler(yesAt = /never/): FakeDecoder {
  return new FakeDecoder({
    vocabSize: pieces.length,
    logits: ({ visibleIds, wants }) => {
      const isYes = wants === 'logitsOf' && yesAt.test(textOf(visibleIds).split('Cut it?').at(-1) ?? '');
      const [yes, no] = isYes ? [2, 0] : [0, 2];
      const likely: [number, number][] = [
        [ids.a, 20],
        [ids.b, 20],
        [ids.end, 19],
      ];
      // What a choice from all ids asks for looks the same as a judge's question, so both answers are always there.
      return new Map([...likely, [ids.yes, yes], [ids.no, no]]);
    },
  });
}

async function run(
  decoder: FakeDecoder | ReferenceDecoder,
  settings: Partial<NegotiationSettings> = {},
  io: Partial<RolloutIo> &
    Pick<GroupRequest, 'starts' | 'plan'> & { readonly onEvent?: (event: NegotiationEvent) => void } = {},
): Promise<Outcome> {
  const { starts, plan, onEvent, ...rest } = io;
  const request = {
    dilemma: DILEMMA,
    pair: PAIR,
    settings: tinySettings(settings),
    ...(starts && { starts }),
    ...(plan && { plan }),
  };
  const rollout = rolloutGroup(new SamplingDecoder(decoder), request, { tokenizer, prompts: SHORT_PROMPTS, ...rest });
  const { events, result } = await collect(rollout, onEvent);
  expect(decoder instanceof FakeDecoder ? decoder.numLiveObjects : decoder.numLiveBlocks).toBe(0);
  return { events, group: result };
}

const saidIn = ({ utterances }: DialogueRecord): string[] => utterances.map(({ text }) => text);

describe('the protocol', () => {
  it('lets agent 1 speak first and writes no completion where the sides never agree', async () => {
    const { events, group } = await run(babbler(), { maxTurns: 2 });
    for (const dialogue of group.dialogues) {
      expect(dialogue.outcome).toBe('failed');
      expect(dialogue.completion).toBeUndefined();
      expect(dialogue.utterances.map(({ role, turn }) => `${role} ${turn}`)).toEqual([
        'agent1 1',
        'agent2 1',
        'agent1 2',
        'agent2 2',
      ]);
      expect(dialogue.agreements).toMatchObject([
        { state: 'judged', turn: 1, agreed: false },
        { state: 'judged', turn: 2, agreed: false },
      ]);
    }
    expect(events.filter(({ kind }) => kind === 'dialogueEnded')).toHaveLength(2);
  });

  it('writes a completion after a failure where the settings ask for it', async () => {
    const { group } = await run(babbler(), { maxTurns: 1, completeOnFailure: true });
    for (const { outcome, completion } of group.dialogues) {
      expect(outcome).toBe('failed');
      expect(completion).toMatchObject({ kind: 'completion', role: 'agent1', turn: 1 });
    }
  });

  it('shows each side its own words as its own, the other side as the user, and only its own persona', async () => {
    const { group } = await run(babbler(), { maxTurns: 2, groupSize: 1 });
    const [dialogue] = group.dialogues;
    const [one, two, three] = dialogue ? saidIn(dialogue) : [];
    const prompts = dialogue?.utterances.map(({ promptIds }) => textOf(promptIds));
    const turn = (role: string, text: string): string => `<|im_start|>${role}\n${text}<|im_end|>\n`;
    const opening1 = turn('system', 'agent1 Cut.') + turn('user', 'A tree. Cut it?');
    const head = '<|im_start|>assistant\n';
    expect(prompts).toEqual([
      opening1 + head,
      turn('system', 'agent2 Keep.') + turn('user', `A tree. Cut it?\n\n[${one}]`) + head,
      opening1 + turn('assistant', one ?? '') + turn('user', `[${two}]`) + head,
      turn('system', 'agent2 Keep.') +
        turn('user', `A tree. Cut it?\n\n[${one}]`) +
        turn('assistant', two ?? '') +
        turn('user', `[${three}]`) +
        head,
    ]);
  });

  it('keeps a text that looks like a control token a text', async () => {
    const dilemma = { ...DILEMMA, prompt: 'Say <|im_end|> now \u{E000}0\u{E001}?' };
    const request = { dilemma, pair: PAIR, settings: tinySettings({ groupSize: 1, maxTurns: 1 }) };
    const rollout = rolloutGroup(babbler(), request, { tokenizer, prompts: SHORT_PROMPTS });
    const { result } = await collect(rollout);
    const promptIds = result.dialogues[0]?.utterances[0]?.promptIds ?? [];
    expect(promptIds.filter((id) => id === ids.end)).toHaveLength(2);
    expect(textOf(promptIds)).toContain('Say <|im_end|> now 0?');
  });

  it('refuses answers that are not one token', async () => {
    const running = run(babbler(), { agreementYes: 'YES' });
    await expect(running).rejects.toMatchObject({ code: 'unsupportedModel' });
    await expect(running).rejects.toThrow('"YES"');
    await expect(run(babbler(), { agreementYes: 'no' })).rejects.toThrow('same token');
  });

  it('says how much context is missing', async () => {
    const request = { dilemma: DILEMMA, pair: PAIR, settings: tinySettings() };
    const decoder = new FakeDecoder({ vocabSize: pieces.length, contextLength: 200, logits: () => new Map() });
    const running = collect(rolloutGroup(decoder, request, { tokenizer, prompts: SHORT_PROMPTS }));
    await expect(running).rejects.toMatchObject({ code: 'contextFull', details: { free: 200 } });
  });

  it('asks for the adapter as the settings say, and never for the judge', async () => {
    const uses = new Set<string>();
    const decoder = babbler(/\(a/);
    const forward = decoder.forward.bind(decoder);
    decoder.forward = (rows) => {
      for (const { view, adapter } of rows) uses.add(`${view[0]?.name} ${adapter}`);
      return forward(rows);
    };
    await run(decoder, { adapterAgent2: 'off', groupSize: 4 });
    expect([...uses].toSorted()).toEqual([
      'agent1 on',
      'agent1 shared on',
      'agent2 off',
      'agent2 shared off',
      'agreement off',
      'agreement shared off',
      'completion on',
      'completion shared on',
    ]);
  });

  it('holds for any seed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(),
          groupSize: fc.integer({ min: 1, max: 3 }),
          maxTurns: fc.integer({ min: 1, max: 4 }),
          contextTurns: fc.integer({ min: 1, max: 3 }),
          contextUnit: fc.constantFrom('exchanges' as const, 'utterances' as const),
        }),
        async (settings) => {
          const { group } = await run(babbler(/\(a.*\(b/), settings);
          expect(group.dialogues.map(({ row }) => row)).toEqual(group.dialogues.map((_, row) => row));
          group.dialogues.forEach((dialogue) => checkDialogue(dialogue, settings));
          const opening = new Set(group.dialogues.map(({ utterances }) => utterances[0]?.promptIds.join()));
          expect(opening.size).toBe(1);
        },
      ),
      { numRuns: 10, seed: 7 },
    );
  });
});

function checkDialogue(
  dialogue: DialogueRecord,
  { maxTurns, contextTurns, contextUnit }: Pick<NegotiationSettings, 'maxTurns' | 'contextTurns' | 'contextUnit'>,
): void {
  const { utterances, agreements, outcome, completion } = dialogue;
  const texts = saidIn(dialogue);
  const isYes = agreements.map(
    (_, turn) => texts[2 * turn]?.startsWith('a') === true && texts[2 * turn + 1]?.startsWith('b') === true,
  );
  expect(agreements.map((verdict) => verdict.state === 'judged' && verdict.agreed)).toEqual(isYes);
  expect(agreements.length).toBeLessThanOrEqual(maxTurns);
  expect(utterances).toHaveLength(2 * agreements.length);
  expect(isYes.indexOf(true)).toBe(outcome === 'agreed' ? agreements.length - 1 : -1);
  expect(completion !== undefined).toBe(outcome === 'agreed');
  for (const [index, { role, promptIds, tokenIds, logProbs, stop, isTruncated }] of utterances.entries()) {
    expect(role).toBe(index % 2 === 0 ? 'agent1' : 'agent2');
    expect(logProbs).toHaveLength(tokenIds.length);
    expect(tokenIds.slice(0, -1)).not.toContain(ids.end);
    expect(stop === 'stopToken').toBe(tokenIds.at(-1) === ids.end);
    expect(isTruncated).toBe(stop === 'maxTokens');
    const isSecond = index % 2;
    const most = contextUnit === 'utterances' ? contextTurns : 2 * contextTurns - isSecond;
    // Of what was heard: every other utterance, the newest first.
    const heard = textOf(promptIds).match(/\[[^\]]*\]/g) ?? [];
    const wanted = texts
      .slice(Math.max(0, index - most), index)
      .filter((_, i, recent) => (recent.length - i) % 2 === 1);
    expect(heard).toEqual(wanted.map((text) => `[${text}]`));
  }
}

describe('the batch', () => {
  it('gives each dialogue what it would get alone, bit by bit, and the same again', async () => {
    const settings = { groupSize: 3, maxTurns: 2, seed: 5, agreementThreshold: 1 };
    const open = (): ReferenceDecoder => new ReferenceDecoder(model);
    const { group, events } = await run(open(), settings, { maxForwardTokens: 16 });
    expect(new Set(group.dialogues.map((dialogue) => saidIn(dialogue).join())).size).toBe(3);
    expect((await run(open(), settings, { maxForwardTokens: 16 })).events).toEqual(events);
    for (const dialogue of group.dialogues) {
      const alone = await run(open(), settings, { starts: [{ row: dialogue.row }] });
      expect(alone.group.dialogues).toEqual([dialogue]);
    }
  });

  it('gives the same where contexts are not kept and rows take turns', async () => {
    const settings = { groupSize: 2, maxTurns: 2, completeOnFailure: true, agreementThreshold: 1 };
    const plenty = await run(new ReferenceDecoder(model), settings);
    expect(plenty.group.plan).toEqual({ rowsPerForward: 2, maxForwardTokens: 64, keepsContext: true });
    const plan = { rowsPerForward: 1, maxForwardTokens: 16, keepsContext: false };
    const tight = await run(new ReferenceDecoder(model), settings, { plan });
    expect(tight.group.plan).toEqual(plan);
    expect(tight.group.dialogues).toEqual(plenty.group.dialogues);
  });

  it('encodes what the rows share once, and one token a row and forward after that', async () => {
    const decoder = babbler();
    const { events } = await run(decoder, { groupSize: 4, maxTurns: 1, seed: 3 });
    expect(decoder.encodedInto('agent1 shared')).toHaveLength(at(startsOf(events), 0).numPromptTokens - 1);
    for (const { numPromptTokens, numSharedTokens, role } of startsOf(events))
      if (role === 'agent1') expect(numSharedTokens).toBe(numPromptTokens - 1);
    const sizes = events.flatMap((event) => (event.kind === 'stepped' ? [event.tokens.length] : []));
    expect(Math.max(...sizes)).toBe(4);
    expect(Math.min(...sizes)).toBeLessThan(4);
    for (const { rows } of decoder.calls)
      expect(rows.length === 1 || rows.every(({ tokenIds }) => tokenIds.length === 1)).toBe(true);
  });

  it('never takes more than 16 rows or a piece of a prompt at once', async () => {
    const decoder = babbler();
    const { group } = await run(decoder, { groupSize: 19, maxTurns: 1 }, { maxForwardTokens: 7 });
    expect(group.dialogues).toHaveLength(19);
    for (const { rows } of decoder.calls) {
      expect(rows.length).toBeLessThanOrEqual(16);
      if (rows.length === 1) expect(rows[0]?.tokenIds.length).toBeLessThanOrEqual(7);
    }
  });

  it('draws otherwise with another seed', async () => {
    const [one, two] = [await run(babbler(), { seed: 1 }), await run(babbler(), { seed: 2 })];
    expect(one.group.dialogues).not.toEqual(two.group.dialogues);
  });
});

function startsOf(
  events: readonly NegotiationEvent[],
): Extract<NegotiationEvent, { readonly kind: 'utteranceStarted' }>[] {
  return events.filter((event) => event.kind === 'utteranceStarted');
}

describe('going on from what was said', () => {
  it('goes on as if it had never stopped', async () => {
    const settings = { maxTurns: 3, groupSize: 2, seed: 9, agreementThreshold: 1 };
    const whole = await run(new ReferenceDecoder(model), settings);
    const controller = new AbortController();
    let numSteps = 0;
    const stopped = await run(new ReferenceDecoder(model), settings, {
      signal: controller.signal,
      onEvent: ({ kind }) => {
        if (kind === 'stepped' && ++numSteps === 10) controller.abort();
      },
    });
    expect(stopped.group.dialogues.map(({ outcome, utterances }) => [outcome, utterances.length])).toEqual([
      ['stopped', 2],
      ['stopped', 2],
    ]);
    const resumed = await run(new ReferenceDecoder(model), settings, { starts: stopped.group.dialogues });
    expect(resumed.group.dialogues).toEqual(whole.group.dialogues);
  });

  it('branches from an edited utterance', async () => {
    const settings = tinySettings({ maxTurns: 2, groupSize: 2 });
    const { group } = await run(babbler(), settings);
    const [, dialogue] = group.dialogues;
    if (dialogue === undefined) throw new Error('There is no dialogue.');
    const branch = await run(babbler(/\(bb\)/), settings, { starts: [branchStart(dialogue, 1, 1, 'bb')] });
    const [course] = branch.group.dialogues;
    expect(course).toMatchObject({ row: 1, branch: 1, outcome: 'agreed' });
    const [first, second] = dialogue.utterances;
    expect(course?.utterances[0]).toEqual(first);
    expect(course?.utterances[1]).toMatchObject({ text: 'bb', origin: 'person', promptIds: second?.promptIds });
    expect(course?.completion?.promptIds).toBeDefined();
    const starts = [{ row: 1, branch: 2, utterances: dialogue.utterances.slice(0, 2) }];
    const other = await run(babbler(), settings, { starts });
    expect(other.group.dialogues[0]?.utterances.slice(0, 2)).toEqual(dialogue.utterances.slice(0, 2));
    expect(other.group.dialogues[0]?.utterances.slice(2)).not.toEqual(dialogue.utterances.slice(2));
  });

  it('refuses what is no dialogue', async () => {
    const { group } = await run(babbler(), { groupSize: 1, maxTurns: 1 });
    const [dialogue] = group.dialogues;
    const starts = [{ row: 0, utterances: dialogue?.utterances.slice(1) ?? [] }];
    await expect(run(babbler(), {}, { starts })).rejects.toMatchObject({ code: 'invalidConfig' });
    await expect(run(babbler(), {}, { starts: [{ row: 1 }, { row: 1 }] })).rejects.toThrow('number of its own');
  });
});
