/** docs/reference/failures.md: every code that a rejected promise may carry, with the remedy that the page shows. */

const file = 'docs/reference/failures.md';

/** @type {(load: (module: string) => Promise<any>) => Promise<import('../docs-reference.mjs').Made[]>} */
export async function make(load) {
  /** @type {{ FAILURES: Readonly<Record<string, string>> }} */
  const { FAILURES } = await load('src/protocol/failures.ts');
  const rows = Object.entries(FAILURES).map(([code, remedy]) => `| \`${code}\` | ${remedy.replaceAll('|', '\\|')} |`);
  const text = `# Failures

Made from \`src/protocol/failures.ts\` by \`npm run docs:reference\`; a test says when it is out of date.

A call of \`window.duet\` that cannot be done rejects with an error that has a \`code\`, a \`message\` with the particulars, and \`details\` with the same in fields. The page shows the message and, below it, the remedy of the code. What to do by symptom and by browser: [troubleshooting](../troubleshooting.md).

| code | remedy |
| --- | --- |
${rows.join('\n')}
`;
  return [{ file, text }];
}
