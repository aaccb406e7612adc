import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { actionOf, isTabAction, listedKeys, PRESENTER_KEYS, printOf } from './presenter-keys.ts';

const PLAIN = { shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, repeat: false, isComposing: false };
const pressed = (key: string, change: Partial<typeof PLAIN> = {}): Parameters<typeof actionOf>[0] => ({
  ...PLAIN,
  key,
  ...change,
});

describe('the keys of the presenter view', () => {
  test.each([
    [' ', 'startOrStop'],
    ['r', 'reset'],
    ['n', 'next'],
    ['b', 'previous'],
    ['1', 'tab1'],
    ['4', 'tab4'],
    ['d', 'autoDemo'],
    ['f', 'fullScreen'],
    ['s', 'notes'],
    ['?', 'keys'],
    ['p', 'leave'],
    ['Escape', 'leave'],
  ])('%j is %s', (key, action) => {
    expect(actionOf(pressed(key))).toBe(action);
  });

  test('Shift turns N round, and lets "?" be; a capital letter from Caps Lock is the letter', () => {
    expect(actionOf(pressed('N', { shiftKey: true }))).toBe('previous');
    expect(actionOf(pressed('?', { shiftKey: true }))).toBe('keys');
    expect(actionOf(pressed('R'))).toBe('reset');
    expect(actionOf(pressed('R', { shiftKey: true }))).toBeNull();
  });

  test.each(['ctrlKey', 'metaKey', 'altKey', 'repeat', 'isComposing'] as const)('%s leaves every key alone', (name) => {
    for (const { keys } of PRESENTER_KEYS)
      for (const key of keys) expect(actionOf(pressed(key, { [name]: true }))).toBeNull();
  });

  test('no key does two things, every action has its print, and the list leaves none out', () => {
    const names = PRESENTER_KEYS.flatMap(({ keys, withShift = false }) => keys.map((key) => `${key} ${withShift}`));
    expect(new Set(names).size).toBe(names.length);
    for (const { action } of PRESENTER_KEYS) expect(printOf(action)).not.toBe('');
    expect(listedKeys().flatMap(({ prints }) => prints)).toHaveLength(PRESENTER_KEYS.length);
  });

  test('the page for presenters has every key and what it does', () => {
    const page = readFileSync(new URL('../../../docs/presenting.md', import.meta.url), 'utf8');
    for (const { print, does, action } of PRESENTER_KEYS) {
      if (!isTabAction(action)) expect(page).toContain(`\`${print}\``);
      expect(page).toContain(does);
    }
  });
});
