import { describe, expect, it } from 'vitest';
import { checkNegotiationSettings, DEFAULT_NEGOTIATION, PAPER_NEGOTIATION } from './negotiation-settings.ts';

describe('settings of a negotiation', () => {
  it('are the defaults where nothing is said, in both spellings', () => {
    expect(checkNegotiationSettings(undefined)).toEqual(DEFAULT_NEGOTIATION);
    expect(checkNegotiationSettings({ group_size: 8, maxTurns: 7 })).toEqual(PAPER_NEGOTIATION);
  });

  it.each([
    [{ groupSize: 0 }, 'groupSize'],
    [{ max_turns: 1.5 }, 'max_turns'],
    [{ contextUnit: 'words' }, 'contextUnit'],
    [{ utterance_top_p: 0 }, 'utterance_top_p'],
    [{ agreementThreshold: 2 }, 'agreementThreshold'],
    [{ agreementYes: '' }, 'agreementYes'],
    [{ turns: 3 }, 'turns'],
  ])('refuse %j and name it', (value, field) => {
    expect(() => checkNegotiationSettings(value)).toThrow(field);
  });
});
