import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Reference {
  readonly file: string;
  readonly render: (load: (module: string) => Promise<unknown>) => Promise<string>;
}

const references = import.meta.glob<Reference>('./reference/*.mjs');
const modules = import.meta.glob(['../src/**/*.ts', '!../src/**/*.test.ts']);

test.each(Object.entries(references))('%s is current: npm run docs:reference makes it anew', async (_, load) => {
  const { file, render } = await load();
  const text = await render((name) => modules[`../${name}`]?.() ?? Promise.reject(new Error(`There is no ${name}.`)));
  expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')).toBe(text);
});
