import { browserLaunchOptions } from '../scripts/browser.mjs';
import { expect, test } from './fixtures.ts';

// The same browser without its WebGPU flags and with the feature switched off.
const { args, ...launchOptions } = browserLaunchOptions();
test.use({
  launchOptions: {
    ...launchOptions,
    args: [...args.filter((flag) => !flag.includes('webgpu')), '--disable-features=WebGPU,WebGPUService'],
  },
});

test('a browser without WebGPU is told what to do', async ({ page }) => {
  await page.goto('/');
  const hasAdapter = await page.evaluate(async () => {
    const gpu = navigator.gpu as GPU | undefined;
    return ((await gpu?.requestAdapter()) ?? null) !== null;
  });
  expect(hasAdapter).toBe(false);
  await expect(page.getByRole('heading', { name: /WebGPU/ })).toBeVisible();
});
