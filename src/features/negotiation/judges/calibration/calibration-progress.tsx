import { Progress } from '@mantine/core';
import type { ReactElement } from 'react';
import { secondsLeft } from '@/state/judge-calibration-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatDuration } from '@/ui/format.ts';
import { useNow } from '@/ui/use-now.ts';

/** How many answers both judges have read. */
export function CalibrationProgress(): ReactElement {
  const view = useAppState((state) => state.judgeCalibration);
  const done = view.verdicts.length;
  const total = view.answers.length;
  const next = view.answers[done]?.name;
  return (
    <div className="judge-calibration__progress">
      <Progress
        value={(done / Math.max(1, total)) * 100}
        aria-label="Answers judged"
        transitionDuration={0}
        color="ink"
      />
      <p className="judge-note">
        <span role="status">
          {done} of {total} answers judged.
        </span>
        {next !== undefined && ` Reading: ${next}.`}
        <TimeLeft />
      </p>
    </div>
  );
}

function TimeLeft(): ReactElement | null {
  const view = useAppState((state) => state.judgeCalibration);
  const left = secondsLeft(view, useNow(true));
  return left === null ? null : <> About {formatDuration(left)} left.</>;
}
