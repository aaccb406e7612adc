import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import type { EvaluationReport } from '@/protocol/evaluation.ts';
import { REASONING_FIELDS, REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import type { ReasoningSettings } from '@/protocol/reasoning.ts';
import { reportOf } from '@/state/evaluation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { MODES } from '../modes.ts';
import { saveText } from '@/ui/save-file.ts';
import { answersCsv } from './evaluation-csv.ts';
import { sourceText } from './set-texts.ts';

/** What was measured with what, and the way to take all of it along. */
export function EvaluationContextSection(): ReactElement | null {
  const report = useAppState(useShallow((state) => reportOf(state.evaluation)));
  if (report === null) return null;
  return (
    <section className="evaluation__part" aria-labelledby="evaluation-context">
      <div className="evaluation__head">
        <h3 id="evaluation-context">Measured with</h3>
        <Button
          variant="default"
          onClick={() => saveText('duet-evaluation.json', 'application/json', JSON.stringify(report))}
        >
          Save all as JSON
        </Button>
        <Button
          variant="default"
          onClick={() => saveText('duet-evaluation-answers.csv', 'text/csv', answersCsv(report))}
        >
          Save answers as CSV
        </Button>
      </div>
      <dl className="evaluation__context">
        {factsOf(report).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="evaluation__note">
        {report.device.isSoftware &&
          'A software adapter takes its time for each stream of a step in turn: here steps say more than seconds. '}
        Answers are read by rules, not by a judge: a right answer in an unexpected form counts as wrong. The JSON file
        holds every answer with its trace.
      </p>
      <details className="evaluation__settings">
        <summary>All {REASONING_KEYS.length} settings of each configuration</summary>
        <dl>
          {REASONING_KEYS.map((key) => (
            <div key={key}>
              <dt>{REASONING_FIELDS[key].label}</dt>
              <dd>{valuesText(report, key)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function factsOf({
  model,
  device,
  source,
  items,
  configurations,
  createdAt,
}: EvaluationReport): readonly [string, string][] {
  const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ') || 'not told by the browser';
  return [
    ['Model', model.id],
    ['Device', device.isSoftware ? `${adapter} (software adapter)` : adapter],
    ['Measured', new Date(createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })],
    ['Questions', `${items.length}, ${sourceText(source)}`],
    ...configurations.map(({ name, mode }): [string, string] => [name, `${MODES[mode].name}: ${MODES[mode].gloss}`]),
  ];
}

/** One value where all configurations agree. */
function valuesText({ configurations }: EvaluationReport, key: keyof ReasoningSettings): string {
  const values = configurations.map(({ settings }) => JSON.stringify(settings[key]) ?? 'default');
  if (new Set(values).size <= 1) return values[0] ?? '–';
  return configurations.map(({ name }, index) => `${name}: ${values[index]}`).join('; ');
}
