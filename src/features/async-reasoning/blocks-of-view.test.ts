import { expect, test } from 'vitest';
import { blocksOfViews } from './blocks-of-view.ts';

test('before a run the four blocks are empty and no row sees one', () => {
  const { blocks, rows } = blocksOfViews({ thinker: [], writer: [] });
  expect(blocks.map(({ name, length }) => [name, length])).toEqual([
    ['prompt', 0],
    ['input', 0],
    ['thoughts', 0],
    ['answer', 0],
  ]);
  expect(rows.map(({ rotaryOffsets }) => rotaryOffsets)).toEqual([
    [null, null, null, null],
    [null, null, null, null],
  ]);
});

test('offsets stand under their blocks, and a length is the newest of both views', () => {
  const { blocks, rows } = blocksOfViews({
    thinker: [
      { name: 'input_prompt', length: 3, rotaryOffset: 50 },
      { name: 'input_block', length: 9, rotaryOffset: 47 },
      { name: 'thinker_output', length: 38, rotaryOffset: 38 },
    ],
    writer: [
      { name: 'input_prompt', length: 3, rotaryOffset: 66 },
      { name: 'input_block', length: 9, rotaryOffset: 63 },
      { name: 'thinker_output', length: 37, rotaryOffset: 54 },
      { name: 'writer_output', length: 17, rotaryOffset: 16 },
    ],
  });
  expect(blocks.map(({ length }) => length)).toEqual([3, 9, 38, 17]);
  expect(rows[0]?.rotaryOffsets).toEqual([50, 47, 38, null]);
  expect(rows[1]?.rotaryOffsets).toEqual([66, 63, 54, 16]);
});
