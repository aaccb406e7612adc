import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { splitThoughts, ThinkSplitter, type ThoughtPiece } from './think-splitter.ts';

/** The pieces of a text that arrives in these parts. */
function piecesOf(parts: readonly string[], startsInside = false): ThoughtPiece[] {
  const splitter = new ThinkSplitter(startsInside);
  return [...parts.flatMap((part) => splitter.push(part)), ...splitter.finish()];
}

function joined(pieces: readonly ThoughtPiece[]): { text: string; thinking: string } {
  const of = (kind: ThoughtPiece['kind']): string =>
    pieces.flatMap((piece) => (piece.kind === kind ? [piece.text] : [])).join('');
  return { text: of('text'), thinking: of('thinking') };
}

describe('a whole answer', () => {
  it.each([
    ['no thoughts', ' Hello <b>there</b>\n', ' Hello <b>there</b>\n', ''],
    ['a thought', '<think>\nWell, 3.\n</think>\n\nThree.', 'Three.', 'Well, 3.'],
    ['an empty thought, as thinking turned off leaves it', '<think>\n\n</think>\n\n4', '4', ''],
    ['white space in front', '\n <think>a</think>b', 'b', 'a'],
    ['a thought without an end', '<think>and so on </thin', '', 'and so on </thin'],
    ['two thoughts', '<think>a</think>b<think> c </think> d', 'bd', 'a\n\nc'],
    ['a start within a thought', '<think>a <think> b</think>c', 'c', 'a <think> b'],
    ['an end that the prompt has opened', 'so\n</think>\n\nyes', 'yes', 'so'],
    ['half a mark', 'a < b and <thin', 'a < b and <thin', ''],
    ['nothing', '', '', ''],
  ])('%s', (_, whole, text, thinking) => {
    expect(splitThoughts(whole)).toEqual({ text, thinking });
  });

  it('begins inside where the prompt says so', () => {
    expect(splitThoughts('\nso\n</think>\nyes', true)).toEqual({ text: 'yes', thinking: 'so' });
    expect(splitThoughts('so and so', true)).toEqual({ text: '', thinking: 'so and so' });
  });
});

test('what can be shown is shown at once', () => {
  const splitter = new ThinkSplitter();
  const seen = ['<thi', 'nk>', 'a ', 'b', ' </', 'think>\n', '\nc', ' <', '3'].map((part) =>
    joined([...splitter.push(part)]),
  );
  expect(seen.map(({ thinking }) => thinking)).toEqual(['', '', 'a', ' b', '', '', '', '', '']);
  expect(seen.map(({ text }) => text)).toEqual(['', '', '', '', '', '', 'c', ' ', '<3']);
});

const piece = fc.constantFrom('<think>', '</think>', '<', '</', 'think', '>', ' ', '\n', 'a', 'b 3', '😀');
const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''));

test('the same text gives the same result however it is cut', () => {
  fc.assert(
    fc.property(text, fc.boolean(), fc.array(fc.nat({ max: 60 }), { maxLength: 8 }), (whole, startsInside, cuts) => {
      const at = [...new Set(cuts.filter((cut) => cut < whole.length))].toSorted((a, b) => a - b);
      const parts = [0, ...at].map((from, i) => whole.slice(from, at[i] ?? whole.length));
      const pieces = piecesOf(parts, startsInside);
      expect(joined(pieces)).toEqual(joined(piecesOf([whole], startsInside)));
      expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(whole.length);
    }),
  );
});

test('no mark, and nothing of a thought, is ever in the answer', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z <>/]{0,20}$/), fc.stringMatching(/^[A-Z ]{0,10}$/), (thought, answer) => {
      fc.pre(!thought.includes('</think>'));
      const { text: shown } = splitThoughts(`<think>${thought}</think>${answer}`);
      expect(shown).toBe(answer.trimStart());
    }),
  );
});
