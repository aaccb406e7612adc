import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { adviseOnWebGpu, browserOf, type PageFacts } from './webgpu-advice.ts';

const CHROME_ON_LINUX = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36';

const facts: PageFacts = {
  isSecureContext: true,
  hasWebGpu: true,
  userAgent: CHROME_ON_LINUX,
  reason: null,
  host: '10.0.0.5:4173',
};

test.each([
  [CHROME_ON_LINUX, 'chrome'],
  ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0', 'edge'],
  ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/26.0 Safari/605.1.15', 'safari'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0', 'firefox'],
  ['curl/8', 'other'],
])('%s is %s', (userAgent, browser) => expect(browserOf(userAgent)).toBe(browser));

test('plain http is named before everything else', () => {
  const advice = adviseOnWebGpu({ ...facts, isSecureContext: false, hasWebGpu: false });
  expect(advice.why).toContain('10.0.0.5:4173');
  expect(advice.first).toContain('localhost');
});

test('a browser without WebGPU is told to be updated', () => {
  expect(adviseOnWebGpu({ ...facts, hasWebGpu: false }).first).toContain('Update');
});

test('a browser without an adapter gets the engine’s reason', () => {
  expect(adviseOnWebGpu({ ...facts, reason: 'No adapter.' }).why).toBe('No adapter.');
});

test('the visitor’s browser is marked, on Linux with its flags too', () => {
  const yours = adviseOnWebGpu(facts).browsers.filter(({ isYours }) => isYours);
  expect(yours.map(({ browser }) => browser)).toEqual(['Chrome, Edge', 'Chrome on Linux']);
});

test('on an iPhone every browser is Safari underneath', () => {
  const userAgent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 CriOS/150.0 Safari/604.1';
  const yours = adviseOnWebGpu({ ...facts, userAgent }).browsers.filter(({ isYours }) => isYours);
  expect(yours.map(({ browser }) => browser)).toEqual(['Safari']);
});

test('the document about troubleshooting says the same', () => {
  const document = readFileSync(new URL('../../docs/troubleshooting.md', import.meta.url), 'utf8');
  const cells = document.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  for (const { browser, steps } of adviseOnWebGpu(facts).browsers) {
    const row = cells.find(([, first]) => first === browser);
    expect(row?.[2], browser).toBe(steps);
  }
  const causes = [
    adviseOnWebGpu({ ...facts, isSecureContext: false }),
    adviseOnWebGpu({ ...facts, hasWebGpu: false }),
    adviseOnWebGpu(facts),
  ];
  for (const { why, first } of causes) {
    expect(document).toContain(why.replace(facts.host, 'ADDRESS'));
    expect(document).toContain(first);
  }
});
