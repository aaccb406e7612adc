import { readFile } from 'node:fs/promises';
import { readGoldenJson } from '../src/testing/golden-files.ts';
import type { DecodeSpeed } from '../src/protocol/speed.ts';
import { tinyTokenizerJson, type TinyVocabulary } from '../src/testing/tiny-tokenizer-json.ts';
import { duet, expect, loadTinyModel, test } from './fixtures.ts';
import { AsyncReasoningPage } from './pages/async-reasoning-page.ts';
import { ModelPage } from './pages/model-page.ts';
import { splitGguf } from './split-gguf.ts';

const EMBEDDED_FILE = '/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const TINY_LLAMA = new URL('../src/testing/golden/tiny/llama/tiny-llama-Q8_0.gguf', import.meta.url);
const TINY_FOLDER = new URL('../src/testing/golden/tiny/', import.meta.url);
const TINY_URL = new URL('../src/testing/golden/tiny/qwen3/tiny-qwen3-F32.gguf', import.meta.url);

/** What a user chooses of a folder: config.json, model.safetensors and tokenizer.json of tiny llama. */
async function tinyFolder(): Promise<{ name: string; bytes: number[] }[]> {
  const tokenizer = tinyTokenizerJson(await readGoldenJson<TinyVocabulary>('tiny/vocab.json'));
  const names = ['config.json', 'model.safetensors'];
  const files = await Promise.all(
    names.map(async (name) => ({ name, bytes: [...(await readFile(new URL(`llama/${name}`, TINY_FOLDER)))] })),
  );
  return [...files, { name: 'tokenizer.json', bytes: [...Buffer.from(JSON.stringify(tokenizer))] }];
}

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

test('the speed here is measured at the first load and said; the next visit knows it', async ({ page }) => {
  const model = new ModelPage(page);
  const speeds: (DecodeSpeed | null)[] = [];
  for (const said of ['measured at this load', 'measured at an earlier load']) {
    await page.goto('/?model=none');
    const api = await duet(page);
    await loadTinyModel(api, { kernelShape: 'auto' });
    speeds.push(await api.evaluate((d) => d.device().then(({ speed }) => speed)));
    await model.openDeviceReport();
    await expect(model.deviceReport.getByRole('region', { name: 'Speed' })).toContainText(said);
  }
  const [measured, kept] = speeds;
  expect(measured?.origin).toBe('measured');
  expect(kept).toEqual({ ...measured, origin: 'cached' });
});

test.describe('other sources', () => {
  test.use({ allowedErrors: [/404/, /ERR_INTERNET_DISCONNECTED/] });

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

  test('files dropped on the page: one, and two shards of which the second comes first', async ({ page }) => {
    const model = new ModelPage(page);
    await page.goto('/?model=none&kernels=threadPerRows');
    const file = await readFile(TINY_LLAMA);
    await model.drop([{ name: 'tiny-llama-Q8_0.gguf', bytes: [...file] }]);
    await model.waitUntilReady();
    await expect(model.chooser).toContainText('Loaded: tiny-llama');
    const api = await duet(page);
    const next = (): Promise<readonly number[]> =>
      api.evaluate(async (d) => (await d.generate({ tokenIds: [5, 6, 7], maxNewTokens: 5 })).tokenIds);
    const whole = await next();

    await model.unloadButton.click();
    await expect(model.modelChip).toContainText('no model');
    const [first, second] = splitGguf(file, 'token_embd.weight');
    await model.drop([
      { name: 'tiny-00002-of-00002.gguf', bytes: [...second] },
      { name: 'tiny-00001-of-00002.gguf', bytes: [...first] },
    ]);
    await model.waitUntilReady();
    expect(await next()).toEqual(whole);

    // One alone is refused where it was dropped, and what is loaded stays.
    await model.drop([{ name: 'tiny-00002-of-00002.gguf', bytes: [...second] }]);
    await expect(model.chooser.getByRole('alert')).toContainText('tiny-00002-of-00002.gguf cannot be loaded');
    expect(await next()).toEqual(whole);
  });

  test('a Hugging Face folder in safetensors, quantised on request, with its error stated', async ({ page }) => {
    const model = new ModelPage(page);
    await page.goto('/?model=none');
    const api = await duet(page);
    const info = await api.evaluate(
      (d, files) =>
        d.loadModel(
          files.map(({ name, bytes }) => new File([new Uint8Array(bytes)], name)),
          { kernelShape: 'threadPerRows', quantization: 'q8' },
        ),
      await tinyFolder(),
    );
    expect(info).toMatchObject({ format: 'safetensors', tensorTypes: { Q8_0: 15, F32: 5 } });
    // Of the same weights, which ggml quantised.
    const golden = await readGoldenJson<{
      readonly cases: readonly { readonly ids: number[]; readonly all_last_logits: readonly number[] }[];
    }>('tiny/llama/tiny-llama-Q8_0.golden.json');
    const [first] = golden.cases;
    const logitsNow = async (): Promise<number[]> =>
      api.evaluate(async (d, ids) => [...((await d.logits(ids))[0] ?? [])], first?.ids ?? []);
    const logits = await logitsNow();
    expect(logits).toHaveLength(320);
    first?.all_last_logits.forEach((logit, id) => expect(Math.abs((logits[id] ?? NaN) - logit)).toBeLessThan(2e-4));
    await model.openDeviceReport();
    await expect(model.gpuMemory).toContainText(/quantised to q8 at load.*0\.\d+ % over all matrices/);

    const files = new Map((await tinyFolder()).map(({ name, bytes }) => [name, Buffer.from(bytes)]));
    let isOnline = true;
    await page.route('**/tiny-folder/*', async (route) => {
      if (!isOnline) return route.abort('internetdisconnected');
      const body = files.get(route.request().url().split('/').at(-1) ?? '');
      return route.fulfill(body === undefined ? { status: 404 } : { body, contentType: 'application/octet-stream' });
    });
    const load = async (): Promise<{ id: string; phases: string[] }> =>
      api.evaluate(async (d) => {
        const phases = new Set<string>();
        const onProgress = ({ phase }: { phase: string }): unknown => phases.add(phase);
        const options = { kernelShape: 'threadPerRows', quantization: 'q8', onProgress } as const;
        return { id: (await d.loadModel('/tiny-folder/', options)).id, phases: [...phases] };
      });
    expect(await load()).toMatchObject({ id: '/tiny-folder/', phases: expect.arrayContaining(['download']) });
    expect(await logitsNow()).toEqual(logits);
    isOnline = false;
    expect((await load()).phases).not.toContain('download');
    expect(await logitsNow()).toEqual(logits);
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
    // The page says so too, and offers to unload it.
    const model = new ModelPage(page);
    await model.waitUntilReady();
    await model.openChooser();
    await expect(model.chooser.getByRole('alert')).toContainText('The one before it still is.');
    await expect(model.unloadButton).toBeEnabled();
  });

  test('what a load takes is known before it, by the header alone, and what cannot be is refused', async ({ page }) => {
    const ranges: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith(EMBEDDED_FILE)) ranges.push(request.headers()['range']);
    });
    await page.goto('/?model=none');
    const api = await duet(page);
    const embedded = await api.evaluate((d) => d.estimateModel('smollm2-135m-instruct', { contextLength: 8192 }));
    expect(embedded).toMatchObject({ contextLength: 8192, kvType: 'f16', largestBufferBytes: 28_311_552 });
    expect(ranges.length).toBeGreaterThan(0);
    expect(ranges.every((range) => range?.startsWith('bytes=') === true)).toBe(true);

    // A header that claims a context for which no adapter has buffers.
    const tiny = await readFile(TINY_URL);
    const claims = Buffer.from(tiny);
    claims.writeUInt32LE(2 ** 26, claims.indexOf('qwen3.context_length') + 'qwen3.context_length'.length + 4);
    const outcome = await api.evaluate(
      async (d, [bytes, claiming]) => {
        const file = new File([new Uint8Array(bytes ?? [])], 'tiny.gguf');
        const load = { kernelShape: 'threadPerRows', contextLength: 1000 } as const;
        const estimate = await d.estimateModel(file, load);
        await d.loadModel(file, load);
        const memory = await d.memory();
        const failure = await d
          .loadModel(new File([new Uint8Array(claiming ?? [])], 'claims.gguf'), { contextLength: 2 ** 26 })
          .catch((error: { code: string; message: string }) => ({ code: error.code, message: error.message }));
        const measured = await d.measureMemory({ limitBytes: 50_000_000 });
        return { estimate, memory, failure, measured, after: await d.memory() };
      },
      [[...tiny], [...claims]],
    );
    const { estimate, memory } = outcome;
    expect(memory).toMatchObject({ weights: estimate.weightBytes, kvCache: estimate.kvCacheBytes });
    expect(memory.activations + memory.other).toBe(estimate.activationBytes);
    expect(memory.total).toBe(estimate.totalBytes);
    expect(outcome.failure).toMatchObject({
      code: 'limitTooSmall',
      message: expect.stringContaining('67,108,864 tokens'),
    });
    expect(outcome.measured).toEqual({ freeBytes: 50_000_000 + memory.total, isAtLeast: true });
    expect(outcome.after).toEqual(memory);
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
