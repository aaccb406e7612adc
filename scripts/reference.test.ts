import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Reference {
  readonly make: (
    load: (module: string) => Promise<unknown>,
  ) => Promise<readonly { readonly file: string; readonly text: string }[]>;
}

const references = import.meta.glob<Reference>('./reference/*.mjs');
const modules = import.meta.glob(['../src/**/*.ts', '!../src/**/*.test.ts']);

test.each(Object.entries(references))('%s is current: npm run docs:reference makes it anew', async (_, load) => {
  const { make } = await load();
  const made = await make((name) => modules[`../${name}`]?.() ?? Promise.reject(new Error(`There is no ${name}.`)));
  expect(made.length).toBeGreaterThan(0);
  for (const { file, text } of made)
    expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'), file).toBe(text);
});
