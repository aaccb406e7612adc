import { defineConfig } from '@playwright/test';
import { webGpuLaunchOptions, type DuetOptions, type DuetWorkerOptions } from 'duet/playwright';

export default defineConfig<DuetOptions, DuetWorkerOptions>({
  // On a machine without a GPU the model makes a few tokens per second.
  timeout: 120_000,
  // Every worker loads the model once.
  workers: 1,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  use: {
    // The software adapter, so that stored tokens are the same everywhere. Where tests may differ by machine: 'auto'.
    launchOptions: webGpuLaunchOptions({ adapter: 'software' }),
    duetLoadOptions: { kernelShape: 'threadPerRows', contextLength: 1024 },
  },
  projects: [
    { name: 'tests', testDir: 'tests' },
    // npm run record: makes the stored run anew.
    { name: 'record', testDir: 'record' },
  ],
});
