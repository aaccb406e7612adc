import { beforeAll, describe, expect, it } from 'vitest';
import type { Decoder } from '@/engine/generation/decoder.ts';
import type { ReferenceModel } from '@/engine/model/forward.reference.ts';
import { at } from '@/lib/assert.ts';
import { NO_PAIR } from '@/protocol/negotiation.ts';
import type { GroupRecord, NegotiationEvent } from '@/protocol/negotiation-run.ts';
import type { NegotiationSettings } from '@/protocol/negotiation-settings.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyReferenceModel, readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import { ReferenceDecoder } from '@/testing/reference-decoder.ts';
import { SamplingDecoder } from '@/testing/sampling-decoder.ts';
import { type AloneIo, type AloneRequest, answerAlone } from './answer-alone.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';

let pieces: readonly Uint8Array[];
let tokenizer: ChatTokenizer;
let model: ReferenceModel;
let ids: Record<'a' | 'b' | 'end', number>;
beforeAll(async () => {
  pieces = await readTinyTokenBytes();
  const tiny = new PieceTokenizer(pieces);
  tokenizer = chatMl(tiny);
  model = await readTinyReferenceModel('llama');
  const idOf = (piece: string): number => tiny.idOf(piece) ?? -1;
  ids = { a: idOf('a'), b: idOf('b'), end: idOf('<|im_end|>') };
});

const textOf = (tokenIds: readonly number[]): string =>
  new TextDecoder().decode(Uint8Array.from(tokenIds.flatMap((id) => [...at(pieces, id)])));

/** Says `a` and `b` at random and ends after a while. */
function babbler(contextLength?: number): FakeDecoder {
  return new FakeDecoder({
    vocabSize: pieces.length,
    ...(contextLength !== undefined && { contextLength }),
    logits: () =>
      new Map([
        [ids.a, 20],
        [ids.b, 20],
        [ids.end, 19],
      ]),
  });
}

async function run(
  decoder: FakeDecoder | ReferenceDecoder,
  settings: Partial<NegotiationSettings> = {},
  {
    onEvent,
    signal,
    ...request
  }: Partial<AloneRequest> & Pick<AloneIo, 'signal'> & { readonly onEvent?: (event: NegotiationEvent) => void } = {},
): Promise<{ readonly events: readonly NegotiationEvent[]; readonly group: GroupRecord }> {
  const io = { tokenizer, prompts: SHORT_PROMPTS, ...(signal && { signal }) };
  const asked = { dilemma: DILEMMA, settings: tinySettings(settings), ...request };
  const { events, result } = await collect(answerAlone(new SamplingDecoder(decoder), asked, io), onEvent);
  expect(decoder instanceof FakeDecoder ? decoder.numLiveObjects : decoder.numLiveBlocks).toBe(0);
  return { events, group: result };
}

const tokensOf = ({ dialogues }: GroupRecord): (readonly number[] | undefined)[] =>
  dialogues.map(({ completion }) => completion?.tokenIds);

describe('answers alone', () => {
  it('are completions of dialogues in which nobody spoke', async () => {
    const { group, events } = await run(babbler(), { groupSize: 3 });
    expect(group).toMatchObject({ format: 'duet-negotiation-1', dilemma: DILEMMA, pair: NO_PAIR });
    for (const [row, dialogue] of group.dialogues.entries()) {
      expect(dialogue).toMatchObject({ row, branch: 0, utterances: [], agreements: [], outcome: 'agreed' });
      const { completion } = dialogue;
      expect(completion).toMatchObject({ kind: 'completion', role: 'agent1', turn: 1, origin: 'model' });
      expect(textOf(completion?.promptIds ?? [])).toBe(
        '<|im_start|>user\nalone A tree. Cut it?<|im_end|>\n<|im_start|>assistant\n',
      );
      expect(completion?.logProbs).toHaveLength(completion?.tokenIds.length ?? -1);
      expect(completion?.tokenIds.length).toBeLessThanOrEqual(5);
      expect(completion?.isTruncated).toBe(completion?.tokenIds.at(-1) !== ids.end);
    }
    expect(events.filter(({ kind }) => kind === 'utteranceEnded')).toHaveLength(3);
    expect(events.filter(({ kind }) => kind === 'dialogueEnded')).toHaveLength(3);
  });

  it('are drawn as utterances are, with the log-probabilities at that temperature', async () => {
    const greedy = { utteranceTemperature: 0, completionTemperature: 5 };
    const { group } = await run(new ReferenceDecoder(model), { ...greedy, groupSize: 2 });
    const [one, two] = tokensOf(group);
    expect(one).toEqual(two);
    const warm = await run(new ReferenceDecoder(model), { utteranceTemperature: 2, groupSize: 1 });
    const { promptIds = [], tokenIds = [], logProbs = [] } = warm.group.dialogues[0]?.completion ?? {};
    expect(logProbs).toHaveLength(tokenIds.length);
    for (const [index, tokenId] of tokenIds.entries()) {
      const before = [...promptIds, ...tokenIds.slice(0, index)];
      expect(at(logProbs, index)).toBeCloseTo(await logProbOf(new ReferenceDecoder(model), before, tokenId, 2), 6);
    }
  });

  it('read the prompt once, and one token a row after that', async () => {
    const decoder = babbler();
    const { events } = await run(decoder, { groupSize: 4 });
    const starts = events.filter((event) => event.kind === 'utteranceStarted');
    for (const { numPromptTokens, numSharedTokens } of starts) expect(numSharedTokens).toBe(numPromptTokens - 1);
    expect(decoder.encodedInto('alone shared')).toHaveLength((starts[0]?.numPromptTokens ?? 0) - 1);
    for (const { rows } of decoder.calls)
      expect(rows.length === 1 || rows.every(({ tokenIds }) => tokenIds.length === 1)).toBe(true);
  });

  it('do not depend on the other rows, or on how many are written at once', async () => {
    const settings = { groupSize: 3, seed: 5 };
    const { group } = await run(new ReferenceDecoder(model), settings);
    expect(new Set(tokensOf(group).map((tokenIds) => tokenIds?.join())).size).toBe(3);
    const plan = { rowsPerForward: 1, maxForwardTokens: 16, keepsContext: false };
    const single = await run(new ReferenceDecoder(model), settings, { plan });
    expect(single.group.dialogues).toEqual(group.dialogues);
    const last = await run(new ReferenceDecoder(model), settings, { rows: [2] });
    expect(last.group.dialogues).toEqual(group.dialogues.slice(2));
    const other = await run(new ReferenceDecoder(model), { ...settings, seed: 6 });
    expect(other.group.dialogues).not.toEqual(group.dialogues);
  });

  it('use the adapter as agent 1 does', async () => {
    for (const adapterAgent1 of ['on', 'off'] as const) {
      const uses = new Set<string | undefined>();
      const decoder = babbler();
      const forward = decoder.forward.bind(decoder);
      decoder.forward = (rows: Parameters<Decoder['forward']>[0]) => {
        for (const { adapter } of rows) uses.add(adapter);
        return forward(rows);
      };
      await run(decoder, { adapterAgent1 });
      expect([...uses]).toEqual([adapterAgent1]);
    }
  });

  it('take turns where the context is short, and say how much is missing', async () => {
    const roomy = await run(babbler(), { groupSize: 3 });
    const shared = (roomy.group.dialogues[0]?.completion?.promptIds.length ?? 0) + 32;
    const own = 5 + 32;
    const { group } = await run(babbler(shared + 2 * own - 1), { groupSize: 3 });
    expect(group.plan).toMatchObject({ rowsPerForward: 1, keepsContext: false });
    expect(group.dialogues.map(({ completion }) => completion?.isTruncated)).not.toContain(undefined);
    await expect(run(babbler(shared + own - 1))).rejects.toMatchObject({
      code: 'contextFull',
      details: { needed: shared + own, free: shared + own - 1 },
    });
    await expect(run(babbler(), {}, { rows: [1, 1] })).rejects.toMatchObject({ code: 'invalidConfig' });
  });

  it('are dropped where they were stopped', async () => {
    const controller = new AbortController();
    const plan = { rowsPerForward: 1, maxForwardTokens: 64, keepsContext: false };
    const { group } = await run(
      babbler(),
      { groupSize: 2 },
      {
        plan,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === 'utteranceStarted' && event.row === 1) controller.abort();
        },
      },
    );
    expect(group.dialogues.map(({ outcome, completion }) => [outcome, completion !== undefined])).toEqual([
      ['agreed', true],
      ['stopped', false],
    ]);
  });
});

async function logProbOf(
  decoder: ReferenceDecoder,
  before: readonly number[],
  tokenId: number,
  temperature: number,
): Promise<number> {
  using block = decoder.createBlock('check');
  const [result] = await decoder.forward([{ view: [block], tokenIds: before, output: { kind: 'allLogits' } }]);
  const logits = (result?.logits ?? []).map((logit) => logit / temperature);
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return at(logits, tokenId) - largest - Math.log(total);
}
