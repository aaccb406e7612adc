import './step-slider.css';
import type { ReactElement } from 'react';

interface StepSliderProps {
  /** The newest step that is shown; below 0: none yet. */
  readonly step: number;
  /** -1 where there is something to see in front of the first step. */
  readonly firstStep: number;
  readonly lastStep: number;
  readonly onChoose: (step: number) => void;
}

/** Where in a run one is, and the way to any other step: by dragging, by arrow keys, one step at a time. */
export function StepSlider({ step, firstStep, lastStep, onChoose }: StepSliderProps): ReactElement {
  const text = step < 0 ? 'Before the first step' : `Step ${number(step)} of ${number(lastStep)}`;
  return (
    <div className="step-slider">
      <button
        type="button"
        aria-label="One step back"
        disabled={step <= firstStep}
        onClick={() => onChoose(Math.max(firstStep, step - 1))}
      >
        <Arrow points="10,3 4,8 10,13" />
      </button>
      <input
        type="range"
        aria-label="Step that is shown"
        aria-valuetext={text}
        min={firstStep}
        max={Math.max(firstStep, lastStep)}
        value={Math.max(firstStep, step)}
        onChange={(event) => onChoose(event.currentTarget.valueAsNumber)}
      />
      <button
        type="button"
        aria-label="One step on"
        disabled={step >= lastStep}
        onClick={() => onChoose(Math.min(lastStep, step + 1))}
      >
        <Arrow points="6,3 12,8 6,13" />
      </button>
      <span className="step-slider__text">{text}</span>
    </div>
  );
}

function Arrow({ points }: { readonly points: string }): ReactElement {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <polyline points={points} fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

function number(value: number): string {
  return Math.max(0, value).toLocaleString('en');
}
