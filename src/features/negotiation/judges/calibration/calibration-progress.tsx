import { Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';

/** How many answers both judges have read. */
export function CalibrationProgress(): ReactElement {
  const done = useAppState((state) => state.judgeCalibration.verdicts.length);
  const total = useAppState((state) => state.judgeCalibration.answers.length);
  const next = useAppState((state) => state.judgeCalibration.answers[done]?.name);
  return (
    <div className="judge-calibration__progress">
      <Progress
        value={(done / Math.max(1, total)) * 100}
        aria-label="Answers judged"
        transitionDuration={0}
        color="ink"
      />
      <p className="judge-note" role="status">
        {done} of {total} answers judged.{next !== undefined && ` Reading: ${next}.`}
      </p>
    </div>
  );
}
