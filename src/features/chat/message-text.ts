/** A text cut into paragraphs and code blocks; nothing else of Markdown is read. */

export interface TextBlock {
  readonly kind: 'text' | 'code';
  readonly text: string;
}

/** A line of three or more backticks opens a code block, another one closes it; one that is still open is code too. */
export function blocksOf(text: string): readonly TextBlock[] {
  const blocks: TextBlock[] = [];
  let lines: string[] = [];
  let kind: TextBlock['kind'] = 'text';
  const flush = (): void => {
    const block = lines.join('\n');
    if (block.trim() !== '' || kind === 'code') blocks.push({ kind, text: kind === 'code' ? block : trimmed(block) });
    lines = [];
  };
  for (const line of text.split('\n')) {
    if (/^\s{0,3}```/.test(line)) {
      if (kind === 'code' || lines.length > 0) flush();
      kind = kind === 'code' ? 'text' : 'code';
    } else if (kind === 'text' && line.trim() === '') {
      if (lines.length > 0) flush();
    } else lines.push(line);
  }
  if (lines.length > 0) flush();
  return blocks;
}

function trimmed(text: string): string {
  return text.replaceAll(/^\n+|\s+$/g, '');
}
