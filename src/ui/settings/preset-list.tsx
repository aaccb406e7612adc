import './settings.css';
import { useId, type ReactElement } from 'react';
import { activePreset, type Preset } from './presets.ts';

interface PresetListProps<Settings extends object> {
  readonly presets: Readonly<Record<string, Preset<Settings>>>;
  readonly settings: Settings;
  readonly onChoose: (preset: Preset<Settings>) => void;
}

/** Named sets of rules, to be taken over with one click; the one that holds is marked. */
export function PresetList<Settings extends object>({
  presets,
  settings,
  onChoose,
}: PresetListProps<Settings>): ReactElement {
  const titleId = useId();
  const active = activePreset(presets, settings);
  return (
    <section className="presets" aria-labelledby={titleId}>
      <h3 id={titleId}>Presets</h3>
      <ul>
        {Object.entries(presets).map(([id, preset]) => (
          <li key={id}>
            <button type="button" aria-pressed={id === active} onClick={() => onChoose(preset)}>
              <span className="presets__mark" aria-hidden="true" />
              <span>
                <strong>{preset.name}</strong> {preset.summary}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {active === null && <p className="presets__none">None of them holds: the rules below are a mix of your own.</p>}
    </section>
  );
}
