/** What a text of examples looks like, before the engine reads it. */
export function describeData(data: string): string {
  const text = data.trim();
  if (text === '') return '';
  const size = `${data.length.toLocaleString('en')} characters`;
  if (text.startsWith('{')) return `JSONL, ${counted(text.split(/\r\n|\r|\n/), 'line')}, ${size}`;
  return `Text, ${counted(text.split(/(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)/), 'paragraph')}, ${size}`;
}

function counted(parts: readonly string[], name: string): string {
  const count = parts.filter((part) => part.trim() !== '').length;
  return `${count.toLocaleString('en')} ${name}${count === 1 ? '' : 's'}`;
}
