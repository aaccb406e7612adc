import { expect, test } from 'vitest';
import { describeData } from './describe-data.ts';
import { EXAMPLE_DATA } from './example-data.ts';

test('the text box says what it holds, as the engine will cut it', () => {
  expect(describeData(' \n')).toBe('');
  expect(describeData('One.')).toBe('Text, 1 paragraph, 4 characters');
  expect(describeData('One\nand more.\n\n \nTwo.\n')).toBe('Text, 2 paragraphs, 22 characters');
  expect(describeData(EXAMPLE_DATA)).toMatch(/^JSONL, 6 lines, /);
});
