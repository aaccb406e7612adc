import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createDuetApi, type ModelObserver } from '@/client/duet-api.ts';
import type { RemoteEngine } from '@/client/connect-engine.ts';
import { buildSite } from './build-site.mjs';
import { problemsOf, unusedPictures } from './check-documents.mjs';
import { readDocuments } from './documents.mjs';

/** Any property of it is another one: what is looked at are the names of the interface around it. */
const anything: unknown = new Proxy(() => undefined, { get: () => anything });

/** Dotted names of functions and of the objects that hold them. */
function namesOf(api: object, prefix = ''): string[] {
  return Object.entries(api).flatMap(([name, value]) => [
    prefix + name,
    ...(typeof value === 'object' && value !== null ? namesOf(value as object, `${prefix}${name}.`) : []),
  ]);
}

type PagePart = Parameters<typeof createDuetApi>[2];

const unused = (): undefined => undefined;
const share = { current: unused, make: unused, read: unused } satisfies Record<keyof PagePart['share'], unknown>;
const page = { replay: unused, compareRuns: unused, share } satisfies Record<keyof PagePart, unknown>;
const api = createDuetApi(
  anything as RemoteEngine,
  anything as ModelObserver,
  page as unknown as PagePart,
  anything as Parameters<typeof createDuetApi>[3],
);
const documents = readDocuments();
const facts = {
  documents,
  functions: new Set(namesOf(api)),
  // As playwright/index.d.mts has them.
  testFunctions: new Set(['page', 'inPage', 'loadModelFile']),
};

test.each(documents.map((document) => [document.file, document] as const))('%s', (_, document) => {
  expect(problemsOf(document, facts)).toEqual([]);
});

test('every picture is shown somewhere', () => {
  const pictures = readdirSync(new URL('../../docs/images', import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.png'))
    .map((name) => `docs/images/${name.replaceAll('\\', '/')}`);
  expect(pictures.length).toBeGreaterThan(20);
  expect(unusedPictures(documents, pictures)).toEqual([]);
});

describe('a bad document is found out', () => {
  const check = (source: string): string[] =>
    problemsOf(
      { file: 'docs/bad.md', source },
      { ...facts, documents: [...documents, { file: 'docs/bad.md', source }] },
    );

  test.each([
    ['[a link](nowhere.md)', 'nowhere.md leads to no file'],
    ['[an anchor](models.md#no-such-heading)', 'leads to no heading of docs/models.md'],
    ['# Title\n\n[an anchor](#other)', 'leads to no heading of docs/bad.md'],
    ['![A picture](images/nothing.png)', 'images/nothing.png is not there'],
    ['<img src="images/nothing.png" alt="x">', 'images/nothing.png is not there'],
    ['`npm run nonsense`', 'npm run nonsense is not in package.json'],
    ['`npm run demo -- --prot 1`', 'has no option --prot'],
    ['`npm run demo --port 1`', 'needs --'],
    ['`npm test -- --only unit,nothing`', 'no stage nothing'],
    ['```sh\nDUET_SEED=1 npm test -- --form gpu\n```', 'has no option --form'],
    ['`node scripts/nothing.mjs`', 'scripts/nothing.mjs is not there'],
    ['`node scripts/screenshots.mjs --onyl chat`', 'has no option --onyl'],
    ['`npx vitest run --project unti src/lib`', 'has no project unti'],
    ['`npx vitest run --project unit src/nothing`', 'src/nothing is not there'],
    ['`scenarios/nothing.json`', 'scenarios/nothing.json is not there'],
    ['`playwright/nothing.mjs`', 'playwright/nothing.mjs is not there'],
    ['`src/protocol/nothing.ts`', 'src/protocol/nothing.ts is not there'],
    ['```js\nawait duet.loadModle();\n```', 'duet.loadModle is no function'],
    ['`duet.storage.forget`', 'duet.storage.forget is no function'],
  ])('%s', (source, problem) => {
    expect(check(source)).toEqual([expect.stringContaining(problem)]);
  });

  test('and a good one is not', () => {
    expect(
      check(`# Good
[models](models.md#what-fits), [up](#good), [elsewhere](https://example.com), ![x](images/chat.png)
\`npm run demo -- --port 5000 --no-open\`, \`npm test -- --only unit,gpu\`, \`npm ci\`, \`npm\`,
\`npx vitest run --project unit src/lib/rng.test.ts\`, \`src/protocol/engine-api.ts\`
\`\`\`js
await duet.storage.report();
await duet.negotiation.rollout({});
\`\`\`
`),
    ).toEqual([]);
  });

  test('a picture that no document shows', () => {
    expect(
      unusedPictures([{ file: 'docs/a.md', source: '![x](images/a.png)' }], ['docs/images/a.png', 'docs/images/b.png']),
    ).toEqual(['docs/images/b.png']);
  });
});

describe('the site', () => {
  const files = new Map(buildSite().map(({ path, content }) => [path, content]));
  const pages = [...files].filter(([path]) => path.endsWith('.html'));

  test('has every document, and its links lead to files and anchors of the site', () => {
    expect(pages.length).toBeGreaterThanOrEqual(documents.length);
    for (const [path, content] of pages) {
      for (const [, address = ''] of String(content).matchAll(/(?:href|src)="([^"]+)"/g)) {
        if (/^[a-z]+:/.test(address)) continue;
        const url = new URL(address, `https://duet.example/docs/${path}`);
        const target = url.pathname.replace(/^\/docs\//, '');
        // The page itself and its icon.
        if (url.pathname === '/' || target === '/favicon.svg') continue;
        expect(files.has(target), `${path}: ${address}`).toBe(true);
        if (url.hash !== '')
          expect(String(files.get(target)), `${path}: ${address}`).toContain(`id="${url.hash.slice(1)}"`);
      }
    }
  });

  test('has no inline script, which the content security policy forbids', () => {
    for (const [path, content] of pages) {
      expect(String(content), path).not.toMatch(/<script(?![^>]*\ssrc=)|\son[a-z]+="|javascript:/);
    }
  });

  test('keeps what documents quote as text', () => {
    const [, home] = pages.find(([path]) => path === 'automation.html') ?? [];
    expect(String(home)).toContain('&lt;/think&gt;');
  });
});
