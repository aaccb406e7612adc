import { defineConfig } from '@playwright/test';
import { browserLaunchOptions } from '../scripts/browser.mjs';

/** Two neighbouring ports; another first one lets two checkouts test side by side. */
const ENGINE_PORT = Number(process.env['DUET_E2E_PORT'] ?? 4174);
const STATES_PORT = ENGINE_PORT + 1;
/** Building comes first when the build is older than the sources. */
const SERVER_START_MS = 5 * 60_000;

/** On a software adapter the embedded model makes a few tokens per second. */
const TEST_MS = 5 * 60_000;
const EXPECT_MS = 60_000;
/** What cannot be done fails long before the test's time is up, and names itself. */
const ACTION_MS = 60_000;

const server = (mode: string, port: number): { command: string; cwd: string; url: string; timeout: number } => ({
  command: `node scripts/serve.mjs --mode ${mode} --port ${port}`,
  cwd: '..',
  url: `http://localhost:${port}/`,
  timeout: SERVER_START_MS,
});

export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  workers: 1,
  // A busy machine can be late once. What passes only the second time is named at the end of `npm test`.
  retries: 1,
  forbidOnly: process.env['CI'] !== undefined || process.env['DUET_FORBID_ONLY'] !== undefined,
  timeout: TEST_MS,
  expect: { timeout: EXPECT_MS },
  reporter: 'list',
  use: {
    actionTimeout: ACTION_MS,
    trace: 'on-first-retry',
    viewport: { width: 1280, height: 720 },
    launchOptions: browserLaunchOptions(),
    // It would answer before a test's routes do. The tests of use without a network let it in.
    serviceWorkers: 'block',
  },
  projects: [
    {
      name: 'engine',
      testMatch: '*.spec.ts',
      testIgnore: 'states/**',
      use: { baseURL: `http://localhost:${ENGINE_PORT}/` },
    },
    {
      name: 'states',
      testMatch: 'states/*.spec.ts',
      fullyParallel: true,
      use: { baseURL: `http://localhost:${STATES_PORT}/` },
    },
  ],
  webServer: [server('production', ENGINE_PORT), server('e2e', STATES_PORT)],
});
