import { describe, expect, test } from 'vitest';
import { createAppStore } from './app-store.ts';
import { negotiationSettingsOf, readNegotiationChanges, withChange } from './negotiation-settings-slice.ts';

function memory(): { getItem: (name: string) => string | null; setItem: (name: string, value: string) => void } & {
  removeItem: (name: string) => void;
} {
  const kept = new Map<string, string>();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

describe('changes', () => {
  test('a value that is the default again is none', () => {
    expect(withChange({}, { groupSize: 2, maxTurns: 3 })).toEqual({ groupSize: 2 });
    expect(withChange({ groupSize: 2 }, { groupSize: 4 })).toEqual({});
  });

  test('what is out of range leaves the setting as it was', () => {
    expect(withChange({ groupSize: 2 }, { groupSize: 65 })).toEqual({ groupSize: 2 });
    expect(readNegotiationChanges({ groupSize: 2, thinking: 'all', speed: 3 })).toEqual({ groupSize: 2 });
    expect(readNegotiationChanges('{}')).toEqual({});
    expect(readNegotiationChanges(null)).toEqual({});
  });
});

describe('in the store', () => {
  test('changes survive a reload, and a reset does too', () => {
    const storage = memory();
    const first = createAppStore(storage);
    first.getState().negotiationSettingsChanged({ groupSize: 2, thinking: 'both' });
    first.getState().negotiationSettingReset('groupSize');
    const second = createAppStore(storage).getState();
    expect(second.negotiationChanges).toEqual({ thinking: 'both' });
    expect(negotiationSettingsOf(second)).toMatchObject({ groupSize: 4, thinking: 'both' });
  });

  test('what is kept is checked when it is read', () => {
    const storage = memory();
    createAppStore(storage).getState().negotiationSettingsChanged({ groupSize: 9 });
    storage.setItem(
      'duet',
      (storage.getItem('duet') ?? '').replace('"groupSize":9', '"groupSize":"many","maxTurns":1'),
    );
    expect(createAppStore(storage).getState().negotiationChanges).toEqual({ maxTurns: 1 });
  });
});
