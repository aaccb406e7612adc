import { describe, expect, it } from 'vitest';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import type { TrainingRun } from '@/protocol/negotiation-training.ts';
import { DEFAULT_LORA, DEFAULT_TRAINING } from '@/protocol/training.ts';
import { NO_TRAINING, type TrainingView } from '@/state/negotiation-training-view.ts';
import { trainingStatus, whyNotToTrain } from './training-texts.ts';

const plan = { settings: DEFAULT_NEGOTIATION, training: DEFAULT_TRAINING, lora: DEFAULT_LORA, steps: 4 };
const step = { step: 1, updates: 1, metrics: {}, phaseSeconds: {}, tasks: [] };
const run = { name: 'Fair', plan, steps: [step] } as unknown as TrainingRun;
const running: TrainingView = { ...NO_TRAINING, phase: 'running', name: 'Fair', run, step: 2 };

describe('the state of a training in words', () => {
  it('says the step, the phase and the time left', () => {
    const progress = { phase: 'backward', done: 0.5, secondsLeft: 61 } as const;
    const { percent, ...status } = trainingStatus({ ...running, progress }, 500);
    // One step of four, and most of the second.
    expect(percent).toBeCloseTo(45, 9);
    expect(status).toEqual({
      kind: 'running',
      label: 'Step 2 of 4',
      detail: 'backward 50 % · about 1 min 1 s left',
    });
  });

  it('says what was estimated until a step has been timed', () => {
    const progress = { phase: 'rollout', done: 0, secondsLeft: null } as const;
    const first = { ...running, progress, numGroups: 2, group: 1 };
    expect(trainingStatus(first, 90).detail).toBe('negotiating group 2 of 2, 0 % · at most 1 min 30 s in all');
    expect(trainingStatus(first, null).detail).toBe('negotiating group 2 of 2, 0 %');
  });

  it('says what is kept at its end', () => {
    expect(trainingStatus({ ...running, phase: 'stopped' }, null).detail).toBe('“Fair”, 1 of 4 steps; they are kept');
    expect(trainingStatus({ ...NO_TRAINING, phase: 'stopped' }, null).detail).toContain('the adapter is as it was');
    expect(trainingStatus({ ...running, phase: 'failed' }, null).detail).toBe('1 of 4 steps are kept');
    expect(trainingStatus(NO_TRAINING, null).label).toBe('No training yet');
  });

  it('says why none can begin', () => {
    expect(whyNotToTrain(null, 'Load a model first.')).toBe('Load a model first.');
    expect(whyNotToTrain('training', null)).toBe('A training runs already.');
    expect(whyNotToTrain('dialogues', null)).toContain('Dialogues');
    expect(whyNotToTrain('evaluation', null)).toContain('evaluation');
    expect(whyNotToTrain(null, null)).toBeNull();
  });
});
