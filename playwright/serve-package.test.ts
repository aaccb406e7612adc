import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takes } from './serve-package.mjs';

let folder = '';
let lock = '';

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'duet-lock-'));
  lock = path.join(folder, 'lock');
});

afterEach(() => rmSync(folder, { recursive: true }));

test('a lock is taken once while its process lives', async () => {
  expect([await takes(lock), await takes(lock), await takes(lock)]).toEqual([true, false, false]);
});

test('one of a process that has ended is taken by the next', async () => {
  const { pid } = spawnSync(process.execPath, ['--eval', '']);
  writeFileSync(lock, String(pid));
  expect([await takes(lock), await takes(lock), await takes(lock)]).toEqual([false, true, false]);
});

test('one that says nothing yet is waited for, and not for ever', async () => {
  writeFileSync(lock, '');
  expect([await takes(lock), await takes(lock)]).toEqual([false, false]);
  const longAgo = new Date(Date.now() - 60 * 60_000);
  utimesSync(lock, longAgo, longAgo);
  expect([await takes(lock), await takes(lock)]).toEqual([false, true]);
});
