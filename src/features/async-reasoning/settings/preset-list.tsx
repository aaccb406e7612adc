import type { ReactElement } from 'react';
import { REASONING_PRESETS, type ReasoningPreset } from '@/protocol/reasoning-presets.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { activePreset } from './active-preset.ts';

/** The paper's variants, to be taken over with one click; the one that holds is marked. */
export function PresetList({ onChoose }: { readonly onChoose: (preset: ReasoningPreset) => void }): ReactElement {
  const active = useAppState((state) => activePreset(state.reasoningSettings));
  return (
    <section className="presets" aria-labelledby="presets-title">
      <h3 id="presets-title">Presets</h3>
      <ul>
        {Object.entries(REASONING_PRESETS).map(([id, preset]) => (
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
