/** Rules of the repository that no compiler or linter checks. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { FAILURES } from '../protocol/failures.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_FILE_BYTES = 2 * 1024 * 1024;
const MAX_LINES = 400;

const LAYERS = 'lib|protocol|engine|research|worker|client|state|ui|features|app|testing';
const TOP_FOLDERS = 'src|docs|e2e|scripts|public|\\.ci';

/** Tracked files that exist, as paths from the root; undefined outside a git checkout. */
function listTrackedFiles(): string[] | undefined {
  try {
    const output = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
    return output.split('\0').filter((file) => file !== '' && existsSync(path.join(ROOT, file)));
  } catch {
    return undefined;
  }
}

/** Files below a folder of the repository, as paths from the root; none if the folder is absent. */
function listFiles(folder: string): string[] {
  const absolute = path.join(ROOT, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

const trackedFiles = listTrackedFiles();
const trackedTexts = (trackedFiles ?? []).filter(
  (file) => !/\.(gguf|safetensors|png|jpe?g|webp|ico|woff2)$/.test(file),
);

describe('kernels', () => {
  const files = new Set(listFiles('src/engine/kernels'));
  const folders = [...files]
    .map((file) => path.posix.dirname(file))
    .filter((folder) => folder !== 'src/engine/kernels');
  const kernels = [...new Set(folders)].filter((folder) => !folder.startsWith('src/engine/kernels/library'));

  test('there are kernels', () => {
    expect(kernels).not.toEqual([]);
  });

  test.each(kernels)('%s has its shader, definition, reference and test', (folder) => {
    const names = [...files].filter((file) => path.posix.dirname(file) === folder);
    const parts = {
      '.wgsl': /\.wgsl$/,
      '.ts': /\/[\w-]+\.ts$/,
      '.reference.ts': /\.reference\.ts$/,
      '.gpu.test.ts': /\.gpu\.test\.ts$/,
    };
    const missing = Object.entries(parts).flatMap(([ending, part]) =>
      names.some((name) => part.test(name)) ? [] : [ending],
    );
    expect(missing).toEqual([]);
  });
});

test.each(Object.entries(FAILURES))('the failure %s has a remedy in a full sentence', (_code, remedy) => {
  expect(remedy).toMatch(/^[A-Z].{10,}\.$/s);
});

describe('the documents', () => {
  const documents = ['README.md', ...listFiles('docs').filter((file) => file.endsWith('.md'))];

  test.each(documents.filter((file) => existsSync(path.join(ROOT, file))))('%s names only paths that exist', (file) => {
    const missing = namedPaths(read(file)).filter((named) => !existsSync(path.join(ROOT, named)));
    expect(missing).toEqual([]);
  });

  test.each(documents)('the links of %s lead to files and headings that exist', (file) => {
    expect(linksOf(read(file)).filter((link) => !leadsSomewhere(file, link))).toEqual([]);
  });

  test.each(documents)('%s names only commands that exist', (file) => {
    const named = [...read(file).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !scripts.has(name))).toEqual([]);
  });
});

const scripts = new Set(
  Object.keys((JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> }).scripts),
);

/** Targets of Markdown's links and pictures, addresses elsewhere left out. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replaceAll(/^```.*?^```/gms, '').replaceAll(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^()\s]+)\)|\bsrc="([^"]+)"/g)]
    .map(([, link, picture]) => link ?? picture ?? '')
    .filter((target) => !/^[a-z]+:/.test(target));
}

function leadsSomewhere(file: string, link: string): boolean {
  const [target = '', heading] = link.split('#', 2);
  const place = target === '' ? file : path.posix.join(path.posix.dirname(file), target);
  if (!existsSync(path.join(ROOT, place))) return false;
  return heading === undefined || headingsOf(read(place)).includes(heading);
}

/** As GitHub makes anchors of them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Paths in backticks: below a top folder, or below a layer (`engine/gpu/` = `src/engine/gpu/`). */
function namedPaths(markdown: string): string[] {
  const isPath = new RegExp(`^((${TOP_FOLDERS}|${LAYERS})/[\\w./-]*)$`);
  const isInLayer = new RegExp(`^(${LAYERS})/`);
  return [...markdown.matchAll(/`([^`\n]+)`/g)]
    .map(([, text = '']) => text)
    .filter((text) => isPath.test(text))
    .map((text) => (isInLayer.test(text) ? `src/${text}` : text));
}

/** Names of the tracked text files that match; this file holds the patterns, so it is left out. */
function filesWith(pattern: RegExp): string[] {
  const self = path
    .relative(ROOT, fileURLToPath(import.meta.url))
    .split(path.sep)
    .join('/');
  return trackedTexts.filter((file) => file !== self && pattern.test(read(file)));
}

describe.skipIf(trackedFiles === undefined)('tracked files', () => {
  test('are below 2 MB, except the models', () => {
    const large = (trackedFiles ?? [])
      .filter((file) => !file.startsWith('public/models/'))
      .filter((file) => statSync(path.join(ROOT, file)).size > MAX_FILE_BYTES);
    expect(large).toEqual([]);
  });

  test('name no path of one machine', () => {
    expect(filesWith(/(?<![\w.$~}*@-])\/(work|root|home|Users)\/\w/)).toEqual([]);
  });

  test('name no package registry or mirror', () => {
    expect(filesWith(/registry\.[a-z]|npm\.pkg\.|artifactory|verdaccio|jfrog/i)).toEqual([]);
  });
});

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const sources = listFiles('src').filter((file) => /\.tsx?$/.test(file));
  expect(sources.filter((file) => read(file).trimEnd().split('\n').length > MAX_LINES)).toEqual([]);
});
