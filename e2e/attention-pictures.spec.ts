/** Pictures of attention from a short run of the embedded model: masses, texts, products and the check are real. */
import type { TraceHead } from '../src/protocol/attention.ts';
import { duet, expect, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { AttentionPage } from './pages/attention-page.ts';
import { ModelPage } from './pages/model-page.ts';

test('what the answer read, the dial and the check say what a run of the embedded model computed', async ({ page }) => {
  // The probe is asked often and leans to yes, so that the answer begins within a few steps.
  await page.addInitScript(() => {
    const reasoningChanges = { budget: 14, probeInterval: 4, yesBias: 12, paragraphPause: false };
    localStorage.setItem('duet', JSON.stringify({ version: 2, state: { draft: '', reasoningChanges } }));
  });
  const panel = new AsyncReasoningPage(page);
  const pictures = new AttentionPage(page);
  await panel.open('?kernels=threadPerRows');
  await new ModelPage(page).waitUntilReady();
  const api = await duet(page);
  await panel.input.fill('What is the capital of France?');
  await panel.send();
  await expect(panel.state).toContainText(/Answered|budget/i, { timeout: 180_000 });
  const trace = await api.evaluate((d) => d.traceSoFar());
  const { steps, final } = trace?.result ?? { steps: [], final: undefined };
  const rows = steps.flatMap((step) => step.rows.filter(({ stream }) => stream === 'writer'));
  const attention = rows.at(-1)?.attention;
  if (attention === undefined || final === undefined) throw new Error('No answer token has its attention.');

  await pictures.open('What it read');
  await expect(pictures.answerTokens).toHaveAttribute('aria-valuenow', String(rows.length));
  const { mass } = attention;
  for (const layer of mass) expect(Math.abs(layer.reduce((sum, value) => sum + value, 0) - 1)).toBeLessThan(1e-4);
  const shown = await pictures.blockMasses();
  expect(shown.at(-1)).toBe(1);
  for (const [block] of (mass[0] ?? []).entries()) {
    const mean = mass.reduce((sum, layer) => sum + (layer[block] ?? 0), 0) / mass.length;
    expect(Math.abs((shown[block] ?? NaN) - mean)).toBeLessThan(0.001);
  }

  // The tokens of the block are those of the stream: prefix, then what was chosen.
  const thoughts = attention.most_read.filter(([block]) => block === 2).map(([, token]) => token);
  const numGiven = trace?.setup.stream_tokens.thinker.length ?? NaN;
  const chosen = thoughts.filter((token) => token >= numGiven);
  const texts = await Promise.all(
    chosen.map((token) => api.evaluate((d, id) => d.detokenize([id]), final.thinker_tokens[token] ?? NaN)),
  );
  const visible = texts.map((text) => text.replaceAll('\n', '\u21B5'));
  const bySize = (a: string, b: string): number => a.localeCompare(b);
  const quoted = chosen.length === 0 ? [] : await pictures.readThoughts.locator('mark').allTextContents();
  expect(quoted.toSorted(bySize)).toEqual(visible.toSorted(bySize));

  await pictures.open('Rotary dial');
  const head = rows.findLast((row) => row.attention?.head !== undefined)?.attention?.head;
  if (head === undefined) throw new Error('No row has the vectors of a head.');
  await expectScoresToExplainMasses(pictures, head);

  await pictures.open('Check');
  await pictures.recomputeButton.click();
  await expect(pictures.checkTable).toBeVisible({ timeout: 120_000 });
  await expect(pictures.checkTable).toContainText('equal up to rounding');
  await expect(pictures.checkTable).toContainText(
    /stale on purpose: [\d.]+, from \d+ tokens? written in another context/,
  );
  await expect(pictures.checkTable).not.toContainText('defect');
  const rebuilt = (await pictures.rebuildDifference.innerText()).replace('\u2212', '-');
  expect(Number(rebuilt)).toBeLessThan(2e-3);
});

/** Softmax: two keys' masses stand in the ratio of exp(score). Vectors are recorded to 1e-4, masses to 1e-5. */
async function expectScoresToExplainMasses(pictures: AttentionPage, { keys }: TraceHead): Promise<void> {
  const scores: number[] = [];
  for (const [index] of keys.entries()) {
    await pictures.keys.nth(index).check();
    const { scores: both, difference, angles } = await pictures.dialNumbers();
    expect(difference).toBeLessThan(1e-4);
    expect(Math.abs((both[0] ?? NaN) - (both[1] ?? NaN))).toBeLessThan(1e-4);
    expect(Math.cos((((angles[0] ?? NaN) - (angles[1] ?? NaN)) * Math.PI) / 180)).toBeGreaterThan(0.9999);
    scores.push(both[0] ?? NaN);
  }
  const large = keys.flatMap(({ mass }, index) => (mass > 0.003 ? [{ mass, score: scores[index] ?? NaN }] : []));
  const [first, ...others] = large;
  if (first === undefined || others.length === 0) throw new Error('Fewer than two keys were read at all.');
  for (const { mass, score } of others) {
    const ratio = Math.exp(score - first.score) / (mass / first.mass);
    expect(Math.abs(Math.log(ratio))).toBeLessThan(0.02);
  }
}
