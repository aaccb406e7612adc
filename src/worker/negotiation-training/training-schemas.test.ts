import { describe, expect, it } from 'vitest';
import { at } from '@/lib/assert.ts';
import { DILEMMAS } from '@/protocol/negotiation/dilemmas.ts';
import { HELD_OUT_DILEMMAS, HELD_OUT_PERSONA_PAIRS } from '@/protocol/negotiation/held-out.ts';
import type { StartTraining } from '@/protocol/negotiation-training.ts';
import { checkTrainingRequest, planOf } from './training-schemas.ts';

const START: StartTraining = { kind: 'start', name: 'Fair', steps: 10 };

const planned = (more: Partial<StartTraining> = {}): ReturnType<typeof planOf> =>
  planOf(checkTrainingRequest({ ...START, ...more }));

describe('a request becomes a plan', () => {
  it('with everything that may be trained on, and nothing that is held out', () => {
    const { dilemmas, pairs, method, judge, groupsPerStep } = planned();
    expect(dilemmas).toHaveLength(80);
    expect(pairs).toHaveLength(20);
    expect(dilemmas.some(({ id }) => HELD_OUT_DILEMMAS.has(id))).toBe(false);
    expect(pairs.some(({ id }) => HELD_OUT_PERSONA_PAIRS.has(id))).toBe(false);
    expect({ method, judge, groupsPerStep }).toEqual({
      method: 'negotiation',
      judge: { kind: 'engine' },
      groupsPerStep: 1,
    });
  });

  it('whose temperature, lengths and end follow the dialogues, unless they are given', () => {
    const settings = { utterance_temperature: 0.9, max_utterance_tokens: 33, max_completion_tokens: 44 };
    const plan = planned({ settings, training: { num_iterations: 2, temperature: 5 } });
    expect(plan.training).toMatchObject({
      temperature: 0.9,
      maxCompletionLength: 33,
      maxSteps: 20,
      learningRate: 5e-5,
    });
    expect(plan.training.normalizeOver).toBe('group');
    expect(planned({ settings, method: 'singleAgent' }).training.maxCompletionLength).toBe(44);
    expect(planned({ training: { max_completion_length: 7, learning_rate: 1e-3 } }).training).toMatchObject({
      maxCompletionLength: 7,
      learningRate: 1e-3,
    });
  });

  it('has no pairs where one agent is alone', () => {
    expect(planned({ method: 'singleAgent' }).pairs).toEqual([]);
  });

  it.each([
    [{ name: ' ' }, /name/],
    [{ steps: 0 }, /steps/],
    [{ settings: { groupSize: 1 } }, /groupSize/],
    [{ settings: { utteranceTemperature: 0 } }, /utteranceTemperature/],
    [{ settings: { adapterAgent1: 'off' } }, /adapterAgent1/],
    [{ training: { loss_type: 'sft' } }, /lossType/],
    [{ training: { learningrate: 1 } }, /learningrate/],
    [{ lora: { r: 0 } }, /r/],
    [{ judge: { kind: 'oracle' } }, /judge/],
    [{ dilemmas: ['no-such-dilemma'] }, /no-such-dilemma/],
    [{ dilemmas: [[...HELD_OUT_DILEMMAS][0]] }, /held out/],
    [{ dilemmas: [{ ...at(DILEMMAS, 0), split: 'test' }] }, /held out/],
    [{ pairs: [[...HELD_OUT_PERSONA_PAIRS][0]] }, /held out/],
    [{ templates: { agent: 'without slots' } }, /templates/],
    [{ surprise: true }, /surprise/],
  ])('and is refused by the field that is wrong: %j', (wrong, message) => {
    expect(() => planned(wrong as Partial<StartTraining>)).toThrow(message);
  });
});
