import { describe, expect, test } from 'vitest';
import { templatePrompts } from './template-prompts.ts';

const DILEMMA = 'The tree shades one garden and feeds another. Cut it?';
const dialogue = [
  { role: 'agent1', text: 'Cut half of it.' },
  { role: 'agent2', text: 'I agree, {persona}.' },
] as const;

describe('the prompts of a negotiation', () => {
  const prompts = templatePrompts();

  test('each side reads its own goal and never the other one', () => {
    const [system, opening] = prompts.opening({ role: 'agent1', dilemma: DILEMMA, persona: 'Save money.' });
    expect(system?.role).toBe('system');
    expect(system?.content).toContain('You are Agent A. Your goal: Save money.');
    expect(opening).toEqual({ role: 'user', content: `${DILEMMA}\n\nAgent A, what do you propose?` });
    expect(prompts.opening({ role: 'agent2', dilemma: DILEMMA, persona: 'Keep it.' })).toHaveLength(1);
  });

  test('what is heard names who said it, and stays as it was said', () => {
    const heard = prompts.heard({ role: 'agent2', dilemma: DILEMMA, utterance: 'Take {persona}.' });
    expect(heard).toContain(`${DILEMMA}\n\nAgent A says: Take {persona}.`);
  });

  test('agreement is asked for in the two words that are scored', () => {
    const [message] = prompts.agreement({ dilemma: DILEMMA, utterance1: 'a', utterance2: 'b', yes: 'Yes', no: 'No' });
    expect(message?.content).toContain('Line 1: Yes or No.');
    expect(message?.content).not.toMatch(/YES|NO\b/);
    expect(message?.content).toMatch(/## Your Answer\n$/);
  });

  test('the judge sees the dialogue only when it is given', () => {
    const slots = { dilemma: DILEMMA, persona1: 'One.', persona2: 'Two.', completion: 'Half of it.' };
    const [without] = prompts.judge(slots);
    const [withIt] = prompts.judge({ ...slots, dialogue });
    expect(without?.content).not.toContain('Agent A:');
    expect(withIt?.content).toContain('Agent A: Cut half of it.\n\nAgent B: I agree, {persona}.');
    expect(without?.content).toMatch(/## Your CA Evaluation Score\n$/);
  });

  test('an answer that nobody negotiated is asked for, and judged, without personas', () => {
    const [question] = prompts.alone({ dilemma: DILEMMA });
    expect(question?.role).toBe('user');
    expect(question?.content).toContain(DILEMMA);
    const [message] = prompts.judge({ dilemma: DILEMMA, persona1: '', persona2: '', completion: 'Half of it.' });
    expect(message?.content).toContain('Half of it.');
    expect(message?.content).not.toContain('Persona');
    expect(message?.content).toMatch(/## Your CA Evaluation Score\n$/);
  });

  test('both comparisons show both answers', () => {
    for (const aspect of ['caAlignment', 'conflictResolution'] as const) {
      const [message] = prompts.pairwise({ aspect, dilemma: DILEMMA, answerA: 'First plan.', answerB: 'Second plan.' });
      expect(message?.content).toContain('First plan.');
      expect(message?.content).toContain('Second plan.');
    }
  });

  test('an edited text takes the place of ours, and a wrong one is refused by its slot', () => {
    const edited = templatePrompts({ turn: '{utterance} - and you?' });
    expect(edited.heard({ role: 'agent1', dilemma: DILEMMA, utterance: 'Keep it.' })).toBe('Keep it. - and you?');
    const wrong = templatePrompts({ turn: '{utterance} {mood}' });
    expect(() => wrong.heard({ role: 'agent1', dilemma: DILEMMA, utterance: 'x' })).toThrow(/mood/);
  });
});
