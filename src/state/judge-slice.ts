import type { StateCreator } from 'zustand';
import type { JudgeConfig } from '@/protocol/negotiation-api.ts';
import { FIRST_JUDGE_FORM, judgeOfForm, withKey, type JudgeForm } from './judge-form.ts';
import { keyAtUrl, originOfUrl } from './server-url.ts';

export interface JudgeSlice {
  /** Without a key: that is kept apart, and never stored. */
  readonly judgeChoice: JudgeConfig;
  /** What the dialog was last filled in with; the choice follows when it is taken. Kept over a reload. */
  readonly judgeForm: JudgeForm;
  /** Of the form's server. In memory only: no storage, record, file or message has it. */
  readonly judgeKey: string;
  readonly judgeFormChanged: (change: Partial<JudgeForm>) => void;
  readonly judgeKeyChanged: (key: string) => void;
  /** Takes the form's judge, if nothing is wrong with it. */
  readonly judgeChosen: () => void;
}

export const createJudgeSlice: StateCreator<JudgeSlice> = (set) => ({
  judgeChoice: { kind: 'engine' },
  judgeForm: FIRST_JUDGE_FORM,
  judgeKey: '',
  judgeFormChanged: (change) => set((state) => applyFormChange(state, change)),
  judgeKeyChanged: (judgeKey) => set({ judgeKey }),
  judgeChosen: () => set(({ judgeForm, judgeChoice }) => ({ judgeChoice: judgeOfForm(judgeForm) ?? judgeChoice })),
});

export function applyFormChange(
  { judgeForm, judgeKey }: Pick<JudgeSlice, 'judgeForm' | 'judgeKey'>,
  change: Partial<JudgeForm>,
): Pick<JudgeSlice, 'judgeForm' | 'judgeKey'> {
  const next = { ...judgeForm, ...change };
  return { judgeForm: next, judgeKey: keyAtUrl(judgeKey, judgeForm.url, next.url) };
}

type JudgeState = Pick<JudgeSlice, 'judgeChoice' | 'judgeForm' | 'judgeKey'>;

/** A judge with what it needs to be asked. A key is sent to the server that it was typed for, and to no other. */
export function judgeWithKey(
  judge: JudgeConfig,
  { judgeForm, judgeKey }: Pick<JudgeState, 'judgeForm' | 'judgeKey'>,
): JudgeConfig {
  const isForIt = judge.kind === 'endpoint' && originOfUrl(judge.url) === originOfUrl(judgeForm.url);
  return isForIt ? withKey(judge, judgeKey) : judge;
}

/** The chosen judge, likewise. */
export function judgeConfigOf(state: JudgeState): JudgeConfig {
  return judgeWithKey(state.judgeChoice, state);
}
