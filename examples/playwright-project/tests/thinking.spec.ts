import { readFile } from 'node:fs/promises';
import { expect, test, type ReasoningTrace } from 'duet/playwright';

const RUN = '../traces/change-of-mind.json';

test('thinking while typing takes the same steps as when it was recorded', async ({ duet }) => {
  await expect(duet).toReplayTrace(RUN);
});

test('a run with another token in its last step is told apart, and the step is explained', async ({ duet }) => {
  const stored = JSON.parse(await readFile(new URL(RUN, import.meta.url), 'utf8')) as ReasoningTrace;
  const { steps } = stored.result;
  const last = steps.length - 1;
  const changed = steps.map((step, at) =>
    at === last ? { ...step, rows: step.rows.map((row) => ({ ...row, token: 0 })) } : step,
  );
  const other = { ...stored, result: { ...stored.result, steps: changed } };
  await expect(expect(duet).toReplayTrace(other)).rejects.toThrow(
    `The first ${last} of ${steps.length} steps are as stored. Step ${last} is not`,
  );
});
