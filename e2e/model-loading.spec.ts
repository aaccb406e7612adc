import { readFile } from 'node:fs/promises';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';

const EMBEDDED_FILE = '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const TINY_URL = new URL('../src/testing/golden/tiny/qwen3/tiny-qwen3-F32.gguf', import.meta.url);

test.describe('the embedded model', () => {
  test('loads on the first visit, answers through the chat template, and comes from its verified copy the second time', async ({
    page,
  }) => {
    const panel = new AsyncReasoningPage(page);
    const model = new ModelPage(page);
    await panel.open('?kernels=threadPerRows');
    await expect(model.loadProgress.first()).toContainText(/Downloading/i);
    await model.waitUntilReady();
    const api = await duet(page);

    const { text, tokenIds } = await api.evaluate((d) =>
      d.applyChatTemplate([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true }),
    );
    expect(text).toContain('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
    expect(await api.evaluate((d, ids) => d.detokenize(ids), tokenIds)).toBe(text);

    const answer = await api.evaluate(async (d) => {
      const streamed: string[] = [];
      const result = await d.generate({
        messages: [{ role: 'user', content: 'What is the capital of France?' }],
        maxNewTokens: 16,
        onToken: (token) => streamed.push(token.text),
      });
      return { ...result, streamed: streamed.join('') };
    });
    expect(answer.text).toBe('The capital of France is Paris.');
    expect(answer.streamed).toBe(answer.text);
    expect(answer.stopReason).toBe('stopToken');
    expect(answer.logProbs).toHaveLength(answer.tokenIds.length);

    const told = await api.evaluate(async (d) => {
      const streamed: string[] = [];
      const {
        text: said,
        tokens,
        stopReason,
      } = await d.chat(
        { kind: 'engine' },
        {
          messages: [{ role: 'user', content: 'What is the capital of France?' }],
          maxTokens: 16,
          topLogProbs: 2,
          onDelta: (delta) => streamed.push(delta.text),
        },
      );
      return { said, tokens, stopReason, streamed: streamed.join('') };
    });
    expect(told).toMatchObject({ said: answer.text, streamed: answer.text, stopReason: 'stop' });
    expect(told.tokens?.map(({ text: piece, top }) => [piece, top[0]?.text])).toEqual(
      ['The', ' capital', ' of', ' France', ' is', ' Paris', '.'].map((piece) => [piece, piece]),
    );
    expect(told.tokens?.map(({ logProb }) => logProb)).toEqual(answer.logProbs.slice(0, -1));

    const [row] = await api.evaluate(async (d) => {
      const ids = await d.tokenize('The capital of France is');
      const rows = await d.logits(ids, { positions: [ids.length - 1] });
      return rows.map((logits) => ({ length: logits.length, best: logits.indexOf(Math.max(...logits)) }));
    });
    expect(row).toEqual({ length: 49_152, best: 7042 });

    const report = await api.evaluate((d) => d.device());
    expect(report.available).toBe(true);
    expect(report.requestedLimits['maxStorageBufferBindingSize']).toBe(134_217_728);
    expect(report.memory.weights).toBeGreaterThan(80e6);
    expect(report.memory.total).toBe(
      report.memory.weights + report.memory.kvCache + report.memory.activations + report.memory.other,
    );
    await model.openDeviceReport();
    await expect(model.deviceReport).toContainText('swiftshader', { ignoreCase: true });
    await page.keyboard.press('Escape');

    await api.evaluate((d) => d.unload());
    expect(await api.evaluate((d) => d.memory())).toEqual({
      weights: 0,
      kvCache: 0,
      activations: 0,
      training: 0,
      other: 0,
      total: 0,
    });

    await page.route(`**${EMBEDDED_FILE}`, (route) => route.abort());
    const phases = await api.evaluate(async (d) => {
      const seen = new Set<string>();
      await d.loadModel('smollm2-135m-instruct', {
        kernelShape: 'threadPerRows',
        onProgress: ({ phase }) => seen.add(phase),
      });
      return [...seen];
    });
    expect(phases).toContain('verify');
    expect(phases).not.toContain('download');
  });
});

test.describe('other sources', () => {
  test.use({ allowedErrors: [/404/] });

  test("a file from the user's disk, by the button", async ({ page }) => {
    const model = new ModelPage(page);
    await page.goto('/?model=none&kernels=threadPerRows');
    await model.openChooser();
    await model.fileInput.setInputFiles({
      name: 'tiny-qwen3-F32.gguf',
      mimeType: 'application/octet-stream',
      buffer: await readFile(TINY_URL),
    });
    await model.waitUntilReady();
    const api = await duet(page);
    const result = await api.evaluate((d) =>
      d.generate({ tokenIds: [5, 6, 7], maxNewTokens: 5, temperature: 1, seed: 3 }),
    );
    expect(result.tokenIds).toHaveLength(5);
    const again = await api.evaluate((d) =>
      d.generate({ tokenIds: [5, 6, 7], maxNewTokens: 5, temperature: 1, seed: 3 }),
    );
    expect(again.tokenIds).toEqual(result.tokenIds);
  });

  test('what is no model is refused in one sentence, and the loaded model stays', async ({ page }) => {
    await page.goto('/?model=none');
    const api = await duet(page);
    const bytes = [...(await readFile(TINY_URL))];
    const outcome = await api.evaluate(async (d, fileBytes) => {
      const options = { kernelShape: 'threadPerRows' } as const;
      const whole = new Uint8Array(fileBytes);
      await d.loadModel(new File([whole], 'tiny.gguf'), options);
      const failures: { code: string; message: string }[] = [];
      const note = (error: { code: string; message: string }): void => {
        failures.push({ code: error.code, message: error.message });
      };
      await d.loadModel(new File(['not a model'], 'notes.txt'), options).catch(note);
      await d.loadModel(new File([whole.slice(0, 9000)], 'cut.gguf'), options).catch(note);
      await d.loadModel('/models/missing.gguf', options).catch(note);
      return { failures, ids: (await d.generate({ tokenIds: [1], maxNewTokens: 3 })).tokenIds.length };
    }, bytes);
    expect(outcome.failures).toMatchObject([
      { code: 'invalidFile', message: expect.stringContaining('notes.txt') },
      { code: 'invalidFile', message: expect.stringContaining('cut.gguf') },
      { code: 'downloadFailed', message: expect.stringContaining('404') },
    ]);
    expect(outcome.ids).toBe(3);
  });

  test('survives a lost device: the run ends with its reason and the model can be loaded again', async ({ page }) => {
    await page.goto('/?model=none');
    const api = await duet(page);
    await loadTinyModel(api);
    const request = { tokenIds: [5, 6, 7], maxNewTokens: 3000 };
    const outcome = await api.evaluate(async (d, asked) => {
      let isLost = false;
      const run = d.generate({
        ...asked,
        onToken: () => {
          if (isLost) return;
          isLost = true;
          void d.simulateDeviceLoss();
        },
      });
      const code = await run.then(
        () => null,
        (error: { code: string }) => error.code,
      );
      return { code, total: (await d.memory()).total };
    }, request);
    expect(outcome).toEqual({ code: 'deviceLost', total: 0 });
    await loadTinyModel(api);
    const again = await api.evaluate((d, asked) => d.generate({ ...asked, maxNewTokens: 2 }), request);
    expect(again.tokenIds).toHaveLength(2);
  });

  test('loading can be cancelled and leaves nothing', async ({ page }) => {
    await page.goto('/?model=none');
    const api = await duet(page);
    const outcome = await api.evaluate(async (d) => {
      const controller = new AbortController();
      const options = { signal: controller.signal, onProgress: () => controller.abort() };
      const code = await d.loadModel('smollm2-135m-instruct', options).then(
        () => null,
        (error: { code: string }) => error.code,
      );
      return { code, total: (await d.memory()).total };
    });
    expect(outcome).toEqual({ code: 'cancelled', total: 0 });
  });
});
