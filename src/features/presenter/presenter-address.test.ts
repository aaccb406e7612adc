import { expect, test } from 'vitest';
import { readPageAddress } from '@/lib/page-address.ts';
import { PRESENTER_PRESETS } from '@/protocol/presenter-presets.ts';
import {
  addressOfPreset,
  addressWithoutPresenter,
  isPresenterAddress,
  presetAfter,
  presetOfAddress,
} from './presenter-address.ts';

test('every preset is found again by its address, which opens the presenter view', () => {
  for (const preset of PRESENTER_PRESETS) {
    const address = readPageAddress(addressOfPreset(preset));
    expect(isPresenterAddress(address)).toBe(true);
    expect(presetOfAddress(address)).toBe(preset);
    expect(isPresenterAddress(readPageAddress(addressWithoutPresenter(address)))).toBe(false);
  }
});

test('an address without a preset, or with an unknown one, has the first of its page', () => {
  expect(presetOfAddress(readPageAddress('#/thinking?view=presenter')).id).toBe('thinking-while-typing');
  expect(presetOfAddress(readPageAddress('#/negotiation?view=presenter&preset=no-such')).page).toBe('dialogues');
  expect(presetOfAddress(readPageAddress('#/negotiation/training?view=presenter')).page).toBe('training');
  expect(presetOfAddress(readPageAddress('')).page).toBe('thinking');
});

test('panels without the view have none', () => {
  expect(isPresenterAddress(readPageAddress('#/chat?view=presenter'))).toBe(false);
  expect(isPresenterAddress(readPageAddress('#/thinking'))).toBe(false);
});

test('N goes round in the presets of the panel, B the other way', () => {
  for (const first of PRESENTER_PRESETS) {
    const seen = [first];
    for (let next = presetAfter(first, 1); next !== first; next = presetAfter(next, 1)) seen.push(next);
    expect(new Set(seen.map(({ page }) => page === 'thinking')).size).toBe(1);
    expect(presetAfter(presetAfter(first, 1), -1)).toBe(first);
  }
});
