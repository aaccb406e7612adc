import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { listKeptFiles } from './service-worker-plugin.mjs';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'duet-kept-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text = name): void {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

test('all of a build is kept but models, maps, the worker itself and the pictures of documents', () => {
  const kept = [
    'assets/index-Ab3_x9Yz.js',
    'docs/guide/chat.html',
    'docs/style.css',
    'icons/icon-192.png',
    'index.html',
    'manifest.webmanifest',
    'recordings/training/index.json',
  ];
  const left = ['models/tiny/tiny.gguf', 'assets/index-Ab3_x9Yz.js.map', 'service-worker.js', 'docs/images/chat.png'];
  for (const name of [...kept, ...left]) write(name);
  expect(listKeptFiles(folder).map(({ url }) => url)).toEqual(kept);
});

test('a file without a hash in its name has one that follows its content', () => {
  const revisionOf = (url: string): string | null | undefined =>
    listKeptFiles(folder).find((entry) => entry.url === url)?.revision;
  write('index.html', 'one');
  write('assets/index-Ab3_x9Yz.js');
  write('assets/plain.js');
  const first = revisionOf('index.html');
  expect(first).toMatch(/^[0-9a-f]{16}$/);
  expect(revisionOf('assets/index-Ab3_x9Yz.js')).toBeNull();
  expect(revisionOf('assets/plain.js')).toMatch(/^[0-9a-f]{16}$/);
  write('index.html', 'two');
  expect(revisionOf('index.html')).not.toBe(first);
  write('index.html', 'one');
  expect(revisionOf('index.html')).toBe(first);
});

test('a file without a hash in its name is fetched again when the security headers have changed', async () => {
  write('index.html');
  const [before] = listKeptFiles(folder);
  vi.resetModules();
  vi.doMock('./security-headers.mjs', () => ({ securityHeaders: () => ({ 'Referrer-Policy': 'origin' }) }));
  try {
    const [after] = (await import('./service-worker-plugin.mjs')).listKeptFiles(folder);
    expect(after?.revision).toMatch(/^[0-9a-f]{16}$/);
    expect(after?.revision).not.toBe(before?.revision);
    expect(after?.integrity).toBe(before?.integrity);
  } finally {
    vi.doUnmock('./security-headers.mjs');
  }
});

test('each file is named with the hash by which browsers refuse another answer', () => {
  write('assets/index-Ab3_x9Yz.js', 'script');
  write('index.html', 'page');
  expect(listKeptFiles(folder).map(({ integrity }) => integrity)).toEqual(
    ['script', 'page'].map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`),
  );
});
