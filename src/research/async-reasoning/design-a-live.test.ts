/** Design A of live runs: the linking texts wait for the question, and are read in the context that they stand in. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type LiveScripts, EOS, readLiveScripts, sent, typed } from '@/testing/live-script.ts';
import {
  PENDING_A,
  instructionsOf,
  THINKER_PREFIX_A,
  THINKER_SPLIT,
  THINKER_TURN,
  WRITER_PREFIX_A,
  WRITER_SPLIT,
} from './design-a-prompts.ts';
import { INPUT_OPENING, NEXT_TURN } from './prompts.ts';

let scripts: LiveScripts;
beforeAll(async () => {
  scripts = await readLiveScripts();
});

type Ran = Awaited<ReturnType<LiveScripts['scripted']>>;

const run = (inputs: Parameters<LiveScripts['scripted']>[0]): Promise<Ran> =>
  scripts.scripted(inputs, {
    settings: { design: 'A', budget: 6, onEdit: 'restart', followUps: true },
    writer: { 4: EOS },
    answers: [true, true, true],
  });

/** What was encoded into a block, forward by forward, and in which view. */
function readInto({ decoder }: Ran, block: string): { view: string; text: string }[] {
  return decoder.calls.flatMap(({ rows }) =>
    rows
      .filter(({ view }) => view.at(-1) === block)
      .map(({ view, tokenIds }) => ({ view: view.slice(0, -1).join(' '), text: scripts.textOf(tokenIds) })),
  );
}

/** The linking texts of one start of the thoughts. */
const LINKS: readonly (readonly [block: string, view: string, text: string])[] = [
  ['thinker_turn', 'thinker_prompt thinker_input', THINKER_TURN],
  ['dummy_thinker', 'writer_prompt writer_input', THINKER_PREFIX_A],
  ['dummy_writer', 'thinker_prompt thinker_input thinker_turn', WRITER_PREFIX_A],
  ['writer_split', 'writer_prompt writer_input dummy_thinker', WRITER_SPLIT],
  ['thinker_split', 'thinker_prompt thinker_input thinker_turn dummy_writer', THINKER_SPLIT],
];

describe('design A of a live run', () => {
  const instructions = instructionsOf({ safetyProtocol: false });

  it('reads prompts first, then the question into both, then what links them', async () => {
    const outcome = await run([sent(0, 'Why?')]);
    expect(readInto(outcome, 'writer_prompt')).toEqual([{ view: '', text: INPUT_OPENING + instructions.writer }]);
    expect(readInto(outcome, 'thinker_prompt')).toEqual([{ view: '', text: INPUT_OPENING + instructions.thinker }]);
    expect(readInto(outcome, 'writer_input')).toEqual([{ view: 'writer_prompt', text: 'Why?\n' }]);
    expect(readInto(outcome, 'thinker_input')).toEqual([{ view: 'thinker_prompt', text: 'Why?\n' }]);
    for (const [block, view, text] of LINKS)
      expect([block, readInto(outcome, block)]).toEqual([block, [{ view, text }]]);
    const [thinkerPrefix, firstThought] = readInto(outcome, 'thinker_output');
    const thinker = 'thinker_prompt thinker_input thinker_turn writer_output thinker_split';
    expect(thinkerPrefix).toEqual({ view: thinker, text: THINKER_PREFIX_A });
    expect(firstThought).toEqual({ view: thinker, text: PENDING_A });
    const writer = 'writer_prompt writer_input thinker_output writer_split';
    expect(readInto(outcome, 'writer_output').slice(0, 2)).toEqual([
      { view: writer, text: WRITER_PREFIX_A },
      { view: writer, text: PENDING_A },
    ]);
    // Both rows of one forward, the writer's first.
    const both = outcome.decoder.calls.findLast(({ rows }) => rows.length === 2);
    expect(both?.rows.map(({ view }) => view.at(-1))).toEqual(['writer_output', 'thinker_output']);
  });

  it('reads the linking texts anew when the thoughts begin anew, in place of the old ones', async () => {
    const outcome = await run([typed(0, 'one two '), typed(2, 'ten two '), sent(4, 'ten two')]);
    for (const [block, view, text] of LINKS) {
      expect(readInto(outcome, block)).toEqual([
        { view, text },
        { view, text },
      ]);
      const length = scripts.tokenizer.encode(text, { parseSpecial: true }).length;
      expect([block, outcome.trace.result.final.lengths[block]]).toEqual([block, length]);
    }
  });

  it('reads them for each turn, behind what the streams have seen', async () => {
    const outcome = await run([sent(0, 'Why?'), sent(50, 'How?')]);
    const writers = 'writer_prompt writer_input thinker_output writer_split writer_output ';
    const thinkers = 'thinker_prompt thinker_input thinker_turn writer_output ';
    expect(readInto(outcome, 'writer_prompt@1')).toEqual([{ view: writers.trim(), text: NEXT_TURN }]);
    expect(readInto(outcome, 'thinker_prompt@1')).toEqual([{ view: thinkers.trim(), text: NEXT_TURN }]);
    expect(readInto(outcome, 'writer_input@1')).toEqual([{ view: `${writers}writer_prompt@1`, text: 'How?\n' }]);
    const atTurn = (view: string): string => view.replaceAll(/(writer|thinker)_(prompt|input|turn)/gu, '$1_$2@1');
    for (const [block, view, text] of LINKS) {
      const name = block.startsWith('dummy') ? block : `${block}@1`;
      const history = view.startsWith('writer') ? writers : thinkers;
      expect(readInto(outcome, name).at(-1)).toEqual({ view: history + atTurn(view), text });
    }
    // Instructions are given once.
    expect(outcome.decoder.encodedInto('writer_prompt@1')).toHaveLength(
      scripts.tokenizer.encode(NEXT_TURN, { parseSpecial: true }).length,
    );
  });
});
