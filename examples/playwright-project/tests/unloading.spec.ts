import { expect, test } from 'duet/playwright';

test('unloading the model gives its GPU memory back', async ({ duet }) => {
  await expect(duet).not.toHaveReleasedGpuMemory();
  await duet.unload();
  await expect(duet).toHaveReleasedGpuMemory();
});
