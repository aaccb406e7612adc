import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { ReasoningRun } from '../use-reasoning-run.ts';
import { CalibrationDialog } from './calibration-dialog.tsx';

interface CalibrateButtonProps {
  readonly run: ReasoningRun;
  readonly onOpenChange?: (isOpen: boolean) => void;
}

/** Opens the calibration of the probe's threshold. */
export function CalibrateButton({ run, onOpenChange }: CalibrateButtonProps): ReactElement {
  const [isOpen, setIsOpen] = useState(false);
  const change = (next: boolean): void => {
    setIsOpen(next);
    onOpenChange?.(next);
  };
  return (
    <>
      <Button variant="default" aria-haspopup="dialog" onClick={() => change(true)}>
        Calibrate
      </Button>
      <CalibrationDialog run={run} isOpen={isOpen} onClose={() => change(false)} />
    </>
  );
}
