import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { browserLaunchOptions } from './scripts/browser.mjs';
import { docsSite } from './scripts/docs-site/plugin.mjs';
import { securityHeaders } from './scripts/security-headers.mjs';
import { serviceWorkerPlugin } from './scripts/service-worker-plugin.mjs';

const GPU_TESTS = ['src/**/*.gpu.test.ts'];
/** The long ones. A project of their own, so that they can run in a second browser beside the others. */
const WHOLE_MODEL_TESTS = ['src/engine/generation/**/*.gpu.test.ts', 'src/research/**/*.gpu.test.ts'];

/** What the engine and the worker import of others. */
const PACKAGES_OF_TESTS = [
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  '@noble/hashes/legacy.js',
  '@noble/hashes/sha2.js',
  '@noble/hashes/utils.js',
  'comlink',
  'fast-check',
  'fflate',
  'idb',
  'wgsl_reflect',
  'zod',
];

declare module 'vitest' {
  interface ProvidedContext {
    /** Runs of GRPO in `src/research/grpo/learning.gpu.test.ts`; three are enough for a test. */
    learningSeeds: number;
  }
}

/** Tests in a real browser, one file after the other. */
function browserProject(name: string, include: string[], exclude: string[] = []): TestProjectInlineConfiguration {
  return {
    extends: true,
    // A test that asks for an address without a file gets the page; its packages, found then, would reload the tests.
    server: { preTransformRequests: false },
    // Named, so that none is found in the middle of a test, which would load it again.
    optimizeDeps: { include: PACKAGES_OF_TESTS },
    test: {
      name,
      include,
      exclude,
      testTimeout: 300_000,
      hookTimeout: 300_000,
      fileParallelism: false,
      provide: { learningSeeds: Number(process.env['DUET_LEARNING_SEEDS'] ?? 3) },
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({ launchOptions: browserLaunchOptions() }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), docsSite(), serviceWorkerPlugin()],
  resolve: {
    alias: {
      '@': fileURLToPath(new URL('./src', import.meta.url)),
      // The package's Node entry is broken; its ES module works (docs/decisions).
      wgsl_reflect: fileURLToPath(new URL('./node_modules/wgsl_reflect/wgsl_reflect.module.js', import.meta.url)),
    },
  },
  worker: { format: 'es' },
  // One ES module without imports, that only its worker loads: found late, it would make the development page load again.
  optimizeDeps: { exclude: ['@mlc-ai/web-llm'] },
  build: { target: 'es2024', assetsInlineLimit: 0 },
  server: { headers: securityHeaders({ development: true }) },
  preview: { headers: securityHeaders() },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'playwright/**/*.test.ts'],
          exclude: ['src/**/*.gpu.test.ts'],
          setupFiles: ['src/testing/seed-fast-check.ts'],
          // Limits are there for tests that hang; the machine may be busy.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      browserProject('gpu', GPU_TESTS, WHOLE_MODEL_TESTS),
      browserProject('models', WHOLE_MODEL_TESTS),
    ],
  },
});
