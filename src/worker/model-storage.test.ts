import { expect, test } from 'vitest';
import { DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import { ModelStorage } from './model-storage.ts';

async function keep(modelId: string): Promise<void> {
  const run = await new ModelStorage().keep(modelId, () => undefined);
  return run.done();
}

test('a model that the catalogue does not have is not kept', async () => {
  await expect(keep('no-such-model')).rejects.toMatchObject({
    code: 'invalidConfig',
    message: expect.stringContaining('"no-such-model"'),
  });
});

test('nothing is kept where there is no private file system, as here', async () => {
  await expect(keep(DEFAULT_MODEL_ID)).rejects.toMatchObject({ code: 'storageFailed' });
});
