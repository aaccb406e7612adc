import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { REASONING_FIELDS, REASONING_KEYS } from '@/protocol/reasoning-fields.ts';
import type { Comparison } from '@/protocol/comparison.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { comparisonCsv } from './comparison-csv.ts';
import { otherName } from './ways.ts';
import { saveText } from '@/ui/save-file.ts';

/** What the figures were measured with, and the way to take all of it along. Only for a complete comparison. */
export function ComparisonContext(): ReactElement | null {
  const comparison = useAppState((state) => (state.comparison.phase === 'complete' ? state.comparison.last : null));
  if (comparison === null) return null;
  return (
    <section className="comparison__part" aria-labelledby="comparison-context">
      <div className="comparison__head">
        <h3 id="comparison-context">Measured with</h3>
        <Button
          variant="default"
          onClick={() => saveText('duet-comparison.json', 'application/json', JSON.stringify(comparison))}
        >
          Save as JSON
        </Button>
        <Button
          variant="default"
          onClick={() => saveText('duet-comparison.csv', 'text/csv', comparisonCsv(comparison))}
        >
          Save table as CSV
        </Button>
      </div>
      <dl className="comparison__context">
        {factsOf(comparison).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {comparison.device.isSoftware && (
        <p className="comparison__software">
          A software adapter takes its time for each stream of a step in turn: here steps say more than seconds.
        </p>
      )}
      <details className="comparison__settings">
        <summary>All {REASONING_KEYS.length} settings</summary>
        <dl>
          {REASONING_KEYS.map((key) => (
            <div key={key}>
              <dt>{REASONING_FIELDS[key].label}</dt>
              <dd>{JSON.stringify(comparison.settings[key])}</dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  );
}

function factsOf(comparison: Comparison): readonly [string, string][] {
  const { model, device, settings, typingRate, createdAt, others = [] } = comparison;
  const adapter = [device.vendor, device.architecture].filter(Boolean).join(' ') || 'not told by the browser';
  return [
    ['Model', model.id],
    ['Device', device.isSoftware ? `${adapter} (software adapter)` : adapter],
    ['Measured', new Date(createdAt).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })],
    ['Typing speed', typingRate === 0 ? 'question there at once' : `${typingRate} characters/s`],
    ['Speaking rate', `${settings.speakingRate} characters/s`],
    ['Design', settings.design],
    ['Budget', `${settings.budget} steps`],
    ['Temperature', String(settings.temperature)],
    ['Seed', String(settings.seed)],
    ...others.map((other): [string, string] => ['Other model', otherName(other.model)]),
  ];
}
