import { expect, test } from 'vitest';
import { blocksOfViews } from './blocks-of-view.ts';

const block = (name: string, length: number, rotaryOffset: number) => ({ name, length, rotaryOffset });

test('before a run the four blocks are empty and no row sees one', () => {
  const { blocks, rows } = blocksOfViews({ thinker: [], writer: [] });
  expect(blocks.map(({ name, length }) => [name, length])).toEqual([
    ['prompt', 0],
    ['input', 0],
    ['thoughts', 0],
    ['answer', 0],
  ]);
  expect(rows.map(({ rotaryOffsets }) => rotaryOffsets)).toEqual([
    [[], [], [], []],
    [[], [], [], []],
  ]);
});

test('offsets stand under their blocks, and a length is the newest of both views', () => {
  const { blocks, rows } = blocksOfViews({
    thinker: [block('input_prompt', 3, 50), block('input_block', 9, 47), block('thinker_output', 38, 38)],
    writer: [
      block('input_prompt', 3, 66),
      block('input_block', 9, 63),
      block('thinker_output', 37, 54),
      block('writer_output', 17, 16),
    ],
  });
  expect(blocks.map(({ length }) => length)).toEqual([3, 9, 38, 17]);
  expect(rows[0]?.rotaryOffsets).toEqual([[50], [47], [38], []]);
  expect(rows[1]?.rotaryOffsets).toEqual([[66], [63], [54], [16]]);
});

test('design A has prompts of its own for each stream, and linking texts', () => {
  const { blocks, rows } = blocksOfViews({
    thinker: [
      block('thinker_prompt', 20, 60),
      block('thinker_input', 9, 40),
      block('thinker_turn', 4, 31),
      block('writer_output', 5, 27),
      block('thinker_split', 10, 22),
      block('thinker_output', 12, 11),
    ],
    writer: [block('writer_prompt', 23, 61)],
  });
  expect(blocks.map(({ name, length }) => [name, length])).toEqual([
    ['prompt', 43],
    ['input', 9],
    ['links', 14],
    ['thoughts', 12],
    ['answer', 5],
  ]);
  expect(rows[0]?.rotaryOffsets).toEqual([[60], [40], [31, 22], [11], [27]]);
});

test('earlier turns are one column', () => {
  const { blocks, rows } = blocksOfViews({
    thinker: [
      block('input_prompt', 3, 90),
      block('writer_output', 17, 87),
      block('input_prompt@1', 4, 20),
      block('input_block@1', 6, 16),
      block('thinker_output@1', 8, 7),
    ],
    writer: [],
  });
  expect(blocks.map(({ name, length }) => [name, length])).toEqual([
    ['earlier turns', 20],
    ['prompt', 4],
    ['input', 6],
    ['thoughts', 8],
    ['answer', 0],
  ]);
  expect(rows[0]?.rotaryOffsets[0]).toEqual([90]);
});
