import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SPEED_THRESHOLDS, type SpeedClass } from '@/protocol/speed.ts';
import { DEFAULT_NEGOTIATION } from '@/protocol/negotiation-settings.ts';
import { defaultsOf } from './effective-settings.ts';
import { BUDGETS } from './speed-budgets.ts';
import { firstForms } from './speed-forms.ts';

const { fast, moderate, slow } = SPEED_THRESHOLDS;

const CLASSES: readonly (readonly [SpeedClass, name: string, rate: string])[] = [
  ['fast', 'fast', `${fast} and more`],
  ['moderate', 'moderate', `${moderate} to ${fast}`],
  ['slow', 'slow', `${slow} to ${moderate}`],
  ['verySlow', 'very slow', `less than ${slow}`],
];

test('the document about models says the same of every class', () => {
  const document = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8');
  const rows = document.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  for (const [speedClass, name, rate] of CLASSES) {
    const budgets = BUDGETS[speedClass];
    const steps = (hasThinkTokens: boolean): string =>
      defaultsOf({ hasThinkTokens }, budgets).budget.toLocaleString('en');
    const { groupSize, maxTurns, maxUtteranceTokens } = { ...DEFAULT_NEGOTIATION, ...budgets.negotiation };
    const forms = firstForms(budgets);
    const thinking =
      steps(true) === steps(false) ? steps(true) : `${steps(false)} (${steps(true)} for models that think)`;
    const group = `${groupSize} of ${maxTurns} ${maxTurns === 1 ? 'turn' : 'turns'}, ${maxUtteranceTokens} tokens`;
    const row = rows.find(([first, second]) => first === name && second === rate);
    expect(
      row?.map((cell) => cell.replace(' an utterance', '')),
      name,
    ).toEqual([
      name,
      rate,
      thinking,
      group,
      `${forms.evaluationPlan.numItems}, ${forms.negotiationEvaluationForm.numDilemmas}`,
      `${forms.trainingForm.steps}`,
    ]);
  }
});
