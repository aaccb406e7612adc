import { beforeAll, describe, expect, it } from 'vitest';
import type { GroupRecord, NegotiationEvent } from '@/protocol/negotiation-run.ts';
import { FakeDecoder } from '@/testing/fake-decoder.ts';
import { readTinyTokenBytes } from '@/testing/golden-files.ts';
import { chatMl, collect, DILEMMA, PAIR, SHORT_PROMPTS, tinySettings } from '@/testing/negotiation-doubles.ts';
import { PieceTokenizer } from '@/testing/piece-tokenizer.ts';
import type { ChatTokenizer } from './chat-tokenizer.ts';
import { rolloutGroup } from './group-rollout.ts';
import { RolloutControl } from './rollout-control.ts';

let vocabSize: number;
let tokenizer: ChatTokenizer;
beforeAll(async () => {
  const pieces = await readTinyTokenBytes();
  vocabSize = pieces.length;
  tokenizer = chatMl(new PieceTokenizer(pieces));
});

interface Run {
  readonly control: RolloutControl;
  readonly decoder: FakeDecoder;
  readonly events: NegotiationEvent[];
  /** Lets the run come to where it waits. */
  readonly rest: () => Promise<void>;
  readonly done: Promise<GroupRecord>;
  readonly stop: () => void;
}

/** Two dialogues of two turns, whose sides say four times token 0 and never agree. */
function start(control = new RolloutControl()): Run {
  const decoder = new FakeDecoder({ vocabSize, logits: () => new Map([[0, 5]]) });
  const controller = new AbortController();
  const events: NegotiationEvent[] = [];
  const settings = tinySettings({ maxTurns: 2, utteranceTemperature: 0 });
  const io = { tokenizer, prompts: SHORT_PROMPTS, control, signal: controller.signal };
  const running = collect(rolloutGroup(decoder, { dilemma: DILEMMA, pair: PAIR, settings }, io), (event) =>
    events.push(event),
  );
  return {
    control,
    decoder,
    events,
    rest: () => new Promise((resolve) => setTimeout(resolve, 20)),
    done: running.then(({ result }) => result),
    stop: () => controller.abort(),
  };
}

const count = ({ events }: Run, kind: NegotiationEvent['kind']): number =>
  events.filter((event) => event.kind === kind).length;

describe('pausing', () => {
  it('holds the run between two tokens and lets it go on', async () => {
    const run = start();
    run.control.pause();
    await run.rest();
    expect(count(run, 'stepped')).toBe(0);
    run.control.resume();
    const { dialogues } = await run.done;
    expect(dialogues.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
  });

  it('steps by utterances and by turns', async () => {
    const run = start();
    run.control.step('utterance');
    await run.rest();
    expect([count(run, 'utteranceEnded'), count(run, 'agreementJudged'), run.control.isPaused]).toEqual([2, 0, true]);
    run.control.step('utterance');
    await run.rest();
    expect([count(run, 'utteranceEnded'), count(run, 'agreementJudged')]).toEqual([4, 2]);
    run.control.step('turn');
    await run.rest();
    expect([count(run, 'utteranceEnded'), count(run, 'agreementJudged'), run.control.isPaused]).toEqual([8, 4, true]);
    run.control.resume();
    await run.done;
  });

  it('can be stopped while it waits', async () => {
    const run = start();
    run.control.step('utterance');
    await run.rest();
    run.stop();
    const { dialogues } = await run.done;
    expect(dialogues).toMatchObject([
      { outcome: 'stopped', utterances: [{ role: 'agent1' }] },
      { outcome: 'stopped', utterances: [{ role: 'agent1' }] },
    ]);
    expect(run.decoder.numLiveObjects).toBe(0);
  });
});

describe('speaking for one side', () => {
  it('waits for a person while the other rows go on, and never trains on what was said', async () => {
    const control = new RolloutControl();
    control.takeOver(1, 'agent2');
    const run = start(control);
    await run.rest();
    expect(run.events.filter(({ kind }) => kind === 'awaitingPerson')).toEqual([
      { kind: 'awaitingPerson', row: 1, role: 'agent2', turn: 1 },
    ]);
    expect(count(run, 'utteranceEnded')).toBe(3);
    control.say(1, 'agent2', 'No.');
    await run.rest();
    control.say(1, 'agent2', 'a long answer, too long');
    const { dialogues } = await run.done;
    const [first, second] = dialogues[1]?.utterances.filter(({ role }) => role === 'agent2') ?? [];
    expect(first).toMatchObject({ text: 'No.', origin: 'person', stop: 'given', logProbs: [], isTruncated: false });
    expect(second).toMatchObject({ origin: 'person', isTruncated: true });
    expect(second?.tokenIds).toHaveLength(4);
    expect(dialogues[0]?.utterances.every(({ origin }) => origin === 'model')).toBe(true);
  });

  it('hands the side back to the model', async () => {
    const control = new RolloutControl();
    control.takeOver(0, 'agent1');
    const run = start(control);
    await run.rest();
    control.release(0, 'agent1');
    const { dialogues } = await run.done;
    expect(dialogues.flatMap(({ utterances }) => utterances).every(({ origin }) => origin === 'model')).toBe(true);
  });
});
