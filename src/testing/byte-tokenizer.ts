import { bytesOfPiece } from '@/engine/tokenizer/byte-alphabet.ts';
import { PRE_TOKENIZERS } from '@/engine/tokenizer/pre-tokenizers.ts';
import { Tokenizer } from '@/engine/tokenizer/tokenizer.ts';
import { TokenType } from '@/engine/tokenizer/vocabulary.ts';

/** By byte, the character that stands for it; those of the upper range first, which the others would be taken for. */
const ALPHABET = new Map<number, string>();
for (const first of [0x100, 0x21])
  for (let code = first; code < first + 0xe0; code++) {
    const [byte, ...rest] = bytesOfPiece(String.fromCodePoint(code));
    if (byte !== undefined && rest.length === 0 && !ALPHABET.has(byte)) ALPHABET.set(byte, String.fromCodePoint(code));
  }

const CONTROL = ['<|im_end|>', '<|im_start|>'];
const MARKS = ['<think>', '</think>'];

/** A real tokenizer of single bytes, two control tokens (256 ends a turn, 257 begins one) and the marks of thoughts. */
export function byteTokenizer(markType: number = TokenType.userDefined): Tokenizer {
  const bytes = Array.from({ length: 256 }, (_, byte) => ALPHABET.get(byte) ?? '');
  const rule = PRE_TOKENIZERS.get('qwen2');
  if (rule === undefined) throw new Error('No such rule.');
  return new Tokenizer({
    pieces: [...bytes, ...CONTROL, ...MARKS],
    types: [
      ...bytes.map(() => TokenType.normal),
      ...CONTROL.map(() => TokenType.control),
      ...MARKS.map(() => markType),
    ],
    merges: [],
    rule,
    bosTokenId: null,
    eosTokenId: 256,
    addBos: false,
  });
}
