/** The chooser on the scripted engine: states of the page, no evidence that anything loads or is stored. */
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { looksWell } from '../looks-well.ts';
import { AsyncReasoningPage } from '../pages/async-reasoning-page.ts';
import { ChatPage } from '../pages/chat-page.ts';
import { ModelPage } from '../pages/model-page.ts';

async function openPage(page: Page, query = ''): Promise<ModelPage> {
  await new AsyncReasoningPage(page).open(`?engine=scripted${query}`);
  return new ModelPage(page);
}

test('the catalogue says what each model takes for the chosen context, and what fits once it was measured', async ({
  page,
}) => {
  const model = await openPage(page, '&state=fits-tight');
  await model.waitUntilReady();
  await model.openChooser('Catalogue');
  await expect(model.chooser).toContainText('Loaded: SmolLM2 135M Instruct');
  const qwen = model.catalogueEntry('Qwen3 1.7B');
  await expect(qwen).toContainText('1.72B parameters · Q8_0 · Apache-2.0');
  await expect(qwen).toContainText('thinks');
  await expect(qwen).toContainText('1.8 GB to download');
  await expect(qwen).toContainText('not measured');
  await expect(model.catalogueEntry('SmolLM2 135M Instruct')).toContainText('downloaded already');
  await expect(model.catalogueEntry('Llama 3.2 1B Instruct')).toContainText('not for Thinking');
  // 112 KiB a token: 4,096 tokens take 470 MB.
  await expect(qwen).toContainText('2.3 GB on the GPU');
  await model.field('Context').fill('8,192');
  await expect(qwen).toContainText('2.8 GB on the GPU');
  // What is out of range is told and does not count; the field does not go on saying it.
  await model.field('Context').fill('12');
  await expect(model.chooser).toContainText('256 to 131,072');
  await expect(qwen).toContainText('2.8 GB on the GPU');
  await model.field('Context').blur();
  await expect(model.field('Context')).toHaveValue('8,192');
  await qwen.getByText('not measured').hover();
  await expect(page.getByRole('tooltip')).toContainText('of cache for 8,192 tokens, as f16');
  await model.measureButton.click();
  await expect(model.chooser).toContainText('1.6 GB of GPU memory were found free');
  await expect(qwen).toContainText('does not fit');
  await model.chooser.getByRole('switch', { name: 'Fits this device' }).check({ force: true });
  await expect(qwen).toBeHidden();
  await expect(model.catalogueEntry('Qwen3 0.6B')).toContainText('tight');
  await expect(model.catalogueEntry('Qwen2.5 0.5B Instruct')).toContainText('fits');
  // What becomes of a load is in sight, wherever its button was.
  await model.catalogueEntry('Llama 3.2 1B Instruct').getByRole('button').click();
  await expect(model.chooser.getByTestId('load-progress')).toBeInViewport();
  await model.waitUntilReady();
  await looksWell(page, 'chooser-measured');
});

test('a repository is listed when it is asked for, and not before', async ({ page }) => {
  const model = await openPage(page, '&model=none');
  await model.openChooser('Hugging Face');
  await expect(model.lookButton).toBeDisabled();
  await model.addressInput.fill('qwen');
  await model.lookButton.click();
  await expect(model.chooser).toContainText('Write owner/name');
  await model.addressInput.fill('https://huggingface.co/example/Some-1B-GGUF/tree/main');
  await expect(model.row('some-1b-Q4_0.gguf')).toHaveCount(0);
  await model.lookButton.click();
  await expect(model.row('some-1b-Q4_0.gguf')).toContainText('Q4_0 · 731 MB');
  await expect(model.row('some-1b-Q8_0.gguf')).toContainText('1.3 GB');
  await looksWell(page, 'chooser-hub');
  await model.addressInput.fill('example/missing');
  await model.lookButton.click();
  await expect(model.chooser.getByRole('alert')).toContainText('example/missing could not be listed');
  await model.addressInput.fill('http://localhost/models/x.gguf');
  await model.loadAddressButton.click();
  await model.waitUntilReady();
});

test('files hang over the page, are dropped anywhere, and are asked about where they do not clearly fit', async ({
  page,
}) => {
  const model = await openPage(page);
  await model.waitUntilReady();
  const big = { name: 'a-model-with-a-rather-long-name-that-goes-on-and-on-Q8_0.gguf', bytes: [1, 2, 3] };
  await model.dragOver([big]);
  await expect(page.getByText('Drop to open a model')).toBeVisible();
  await model.drop([big, { ...big, name: 'second.gguf' }]);
  await expect(page.getByText('Drop to open a model')).toBeHidden();
  await expect(model.chosenFiles).toContainText('and 1 more');
  await expect(model.chosenFiles).toContainText('on the GPU');
  await looksWell(page, 'chooser-files');
  await model.chosenFiles.getByRole('button', { name: 'Cancel' }).click();
  await expect(model.chosenFiles).toBeHidden();
  await expect(model.modelChip).toContainText('SmolLM2 135M Instruct');

  await model.drop([{ name: 'notes.txt', bytes: [1] }]);
  await expect(model.chooser.getByRole('alert')).toContainText('notes.txt cannot be loaded');
  await model.chooser.getByRole('button', { name: 'Put away' }).click();
  await page.keyboard.press('Escape');

  // Another dialog takes its own files, and nothing leads away from the page.
  await page.getByRole('button', { name: /^Adapter: / }).click();
  await page.getByRole('dialog', { name: 'Adapters' }).waitFor();
  await model.drop([{ name: 'notes.txt', bytes: [1] }]);
  await expect(model.chooser).toBeHidden();
});

test('while Chat uses the model, a dropped file waits for its button', async ({ page }) => {
  const chat = new ChatPage(page);
  await chat.load('chat-slow');
  await chat.ask('What is the capital of France?');
  await expect(chat.answer).toContainText('The capital');
  const model = new ModelPage(page);
  await model.drop([{ name: 'small.gguf', bytes: [1, 2, 3] }]);
  await expect(model.chooser).toContainText('The loaded model is in use: Chat writes an answer.');
  await expect(model.chosenFiles.getByRole('button', { name: 'Load' })).toBeDisabled();
  await expect(model.unloadButton).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(chat.state).toContainText('Writing');
});

test('without a device the chooser says why nothing is loaded', async ({ page }) => {
  const model = await openPage(page, '&state=no-webgpu');
  await model.openChooser('Catalogue');
  await expect(model.chooser).toContainText('No model can run in this browser.');
  await expect(model.catalogueEntry('Qwen3 0.6B').getByRole('button')).toBeDisabled();
});

test.describe('without a network', () => {
  test.use({ allowedErrors: [/net::ERR_/] });

  test('web-llm says what it is for, what its models take, and why it did not load', async ({ page }) => {
    await page.context().route(/huggingface\.co|githubusercontent\.com/, (route) => route.abort());
    const model = await openPage(page);
    await model.waitUntilReady();
    await model.openChooser('web-llm');
    await expect(model.chooser).toContainText('It chats, judges, writes dilemmas and answers beside a comparison');
    await expect(model.chooser).toContainText('This GPU has no shader-f16');
    await expect(model.row('Qwen3 0.6B, web-llm')).toContainText('1,925 MB on the GPU · thinks');
    await model.chooser.getByText('What it lacks for Thinking and for training').click();
    await expect(model.chooser).toContainText('thinker and writer cannot share it');
    await model.chooser.getByText('f16, smaller').click();
    await expect(model.row('Qwen3 0.6B, web-llm')).toContainText('1,403 MB on the GPU');
    await expect(model.row('Qwen3 0.6B, web-llm').getByRole('button')).toBeDisabled();
    await model.chooser.getByText('f32, without shader-f16').click();
    await model.row('Qwen3 0.6B, web-llm').getByRole('button').click();
    await expect(model.chooser.getByRole('alert')).toContainText('Connect to the internet for the first load');
    await looksWell(page, 'chooser-web-llm');
  });
});

test('what the browser keeps is listed by keeper, checked, resumed and deleted', async ({ page }) => {
  const model = await openPage(page);
  await model.waitUntilReady();
  await model.openChooser('Storage');
  await expect(model.chooser).toContainText('of 10.0 GB left');
  await expect(model.chooser.getByRole('region', { name: 'Kept by web-llm' })).toContainText('Cache API');
  await expect(model.row('bad-Q8_0.gguf')).toContainText('Damaged');
  await expect(model.row('some-1b-Q4_0.gguf')).toContainText('The whole has 731 MB');
  await expect(model.row('some-1b-Q4_0.gguf').getByRole('button', { name: 'Resume' })).toBeEnabled();
  await model.row('SmolLM2 135M Instruct').getByRole('button', { name: 'Check' }).click();
  await expect(model.row('SmolLM2 135M Instruct')).toContainText('Intact.');
  await model.row('bad-Q8_0.gguf').getByRole('button', { name: 'Delete' }).click();
  await looksWell(page, 'chooser-storage');
  await page.keyboard.press('Escape');
  await expect(model.row('bad-Q8_0.gguf')).toBeVisible();
  await expect(model.row('bad-Q8_0.gguf').getByRole('button', { name: 'Delete' })).toBeFocused();
  await model.row('bad-Q8_0.gguf').getByRole('button', { name: 'Delete' }).click();
  await model.chooser.getByRole('button', { name: 'Delete it' }).click();
  await expect(model.row('bad-Q8_0.gguf')).toBeHidden();
  await expect(model.chooser.getByRole('button', { name: 'Refresh' })).toBeFocused();
  await model.chooser.getByRole('button', { name: /^Delete all models/ }).click();
  await model.chooser.getByRole('button', { name: 'Delete all', exact: true }).click();
  await expect(model.chooser).toContainText('No model is kept here.');
  await looksWell(page, 'chooser-storage-empty');
});
