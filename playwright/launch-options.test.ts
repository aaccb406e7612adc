import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WEBGPU_FLAGS, webGpuLaunchOptions } from './launch-options.mjs';

const BROWSER = { browser: '/opt/chrome' } as const;

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('flags', () => {
  test.each([
    ['linux', 'software', true, ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']],
    ['darwin', 'software', true, ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']],
    ['win32', 'software', true, ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']],
    [
      'linux',
      'gpu',
      true,
      ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-angle=vulkan', '--disable-vulkan-surface'],
    ],
    ['linux', 'gpu', false, ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-angle=vulkan']],
    ['darwin', 'gpu', true, ['--enable-unsafe-webgpu', '--use-angle=metal']],
    ['win32', 'gpu', true, ['--enable-unsafe-webgpu', '--use-angle=d3d11']],
  ] as const)('on %s for %s, headless %s', (platform, adapter, headless, args) => {
    expect(webGpuLaunchOptions({ platform, adapter, headless, ...BROWSER })).toEqual({
      args,
      headless,
      executablePath: '/opt/chrome',
    });
  });

  test('a second call is not changed by what was done to the first', () => {
    webGpuLaunchOptions({ adapter: 'software' }).args.push('--no-first-run');
    expect(webGpuLaunchOptions({ adapter: 'software' }).args).toHaveLength(2);
  });

  test('every flag has its reason, and its row in the document', () => {
    const document = readFileSync(new URL('../docs/playwright.md', import.meta.url), 'utf8');
    for (const { flag, why } of WEBGPU_FLAGS) {
      expect(why).toMatch(/\.$/);
      expect(document).toContain(`\n| \`${flag}\``);
    }
  });
});

describe('the adapter where none is named', () => {
  const isSoftware = (platform: NodeJS.Platform): boolean =>
    webGpuLaunchOptions({ platform, ...BROWSER }).args.includes('--use-webgpu-adapter=swiftshader');

  test('is what DUET_ADAPTER says', () => {
    vi.stubEnv('DUET_ADAPTER', 'software');
    expect(isSoftware('darwin')).toBe(true);
    vi.stubEnv('DUET_ADAPTER', 'gpu');
    expect(isSoftware('linux')).toBe(false);
  });

  test('is the software one on a build server with macOS or Windows, else the GPU', () => {
    vi.stubEnv('DUET_ADAPTER', '');
    vi.stubEnv('CI', 'true');
    expect([isSoftware('darwin'), isSoftware('win32')]).toEqual([true, true]);
    for (const none of ['', 'false', '0']) {
      vi.stubEnv('CI', none);
      expect([isSoftware('darwin'), isSoftware('win32')]).toEqual([false, false]);
    }
  });
});

describe('the browser', () => {
  test("is Playwright's own on request, as the whole browser", () => {
    expect(webGpuLaunchOptions({ browser: 'playwright' })).toMatchObject({ channel: 'chromium' });
  });

  test('is the one that DUET_BROWSER names', () => {
    expect(existsSync(process.execPath)).toBe(true);
    vi.stubEnv('DUET_BROWSER', process.execPath);
    expect(webGpuLaunchOptions()).toMatchObject({ executablePath: process.execPath });
  });
});
