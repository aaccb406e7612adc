/** Makes the run that tests/thinking.spec.ts replays. */
import { writeFile } from 'node:fs/promises';
import { test } from 'duet/playwright';

test('record a question that is changed while it is typed', async ({ duet }) => {
  const trace = await duet.reason({
    question: 'What is the capital of Italy?',
    drafts: [
      { step: 0, text: 'What is the capital of France', sent: false, settled: true },
      { step: 4, text: 'What is the capital of Italy?', sent: true },
    ],
    settings: { budget: 10 },
  });
  await writeFile(new URL('../traces/change-of-mind.json', import.meta.url), `${JSON.stringify(trace)}\n`);
});
