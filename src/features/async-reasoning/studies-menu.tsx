import './studies-menu.css';
import { Button, Menu } from '@mantine/core';
import { useRef, useState, type ReactElement } from 'react';
import { CalibrationDialog } from './calibration/calibration-dialog.tsx';
import { ComparisonDialog } from './comparison/comparison-dialog.tsx';
import { EvaluationDialog } from './evaluation/evaluation-dialog.tsx';
import type { ReasoningTrace } from '@/protocol/reasoning.ts';
import type { ReasoningRun } from './use-reasoning-run.ts';

const STUDIES = {
  compare: { name: 'Compare', gloss: 'one question, several ways of answering, one clock' },
  evaluate: { name: 'Evaluate', gloss: 'many questions: how often right, after what delay' },
  calibrate: { name: 'Calibrate', gloss: 'find the probe’s threshold for this model' },
} as const;
type Study = keyof typeof STUDIES;

interface StudiesMenuProps {
  readonly run: ReasoningRun;
  /** Shows a run of an evaluation on the panel; absent where that cannot be done. */
  readonly onReplay?: (trace: ReasoningTrace) => void;
}

/** What can be measured with the loaded model, each study in a dialog of its own. */
export function StudiesMenu({ run, onReplay }: StudiesMenuProps): ReactElement {
  const [open, setOpen] = useState<Study | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  const choose = (study: Study): void => {
    // A dialog gives the focus back to where it was, and the menu's item will be gone by then.
    button.current?.focus();
    setOpen(study);
  };
  const propsOf = (study: Study): { run: ReasoningRun; isOpen: boolean; onClose: () => void } => ({
    run,
    isOpen: open === study,
    onClose: () => setOpen(null),
  });
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button ref={button} variant="default">
            Studies
          </Button>
        </Menu.Target>
        <Menu.Dropdown className="studies">
          {Object.entries(STUDIES).map(([study, { name, gloss }]) => (
            <Menu.Item key={study} aria-haspopup="dialog" onClick={() => choose(study as Study)}>
              <strong>{name}</strong>
              <small>{gloss}</small>
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <ComparisonDialog {...propsOf('compare')} />
      <EvaluationDialog
        {...propsOf('evaluate')}
        onReplay={
          onReplay &&
          ((trace) => {
            setOpen(null);
            onReplay(trace);
          })
        }
      />
      <CalibrationDialog {...propsOf('calibrate')} />
    </>
  );
}
