import './judge-calibration.css';
import { useEffect, type ReactElement } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import { HumanRubric } from '../human-rubric.tsx';
import { CalibrationForm } from './calibration-form.tsx';
import { CalibrationProgress } from './calibration-progress.tsx';
import { CalibrationResults } from './calibration-results.tsx';
import { useJudgeCalibration, type JudgeCalibrationDriver } from './use-judge-calibration.ts';

interface JudgeCalibrationDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The same answers by two judges, as the paper's Table 7. It goes on while the dialog is closed. */
export function JudgeCalibrationDialog({ isOpen, onClose }: JudgeCalibrationDialogProps): ReactElement {
  const driver = useJudgeCalibration();
  return (
    <Dialog title="Compare two judges" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen>
      <Body driver={driver} />
    </Dialog>
  );
}

function Body({ driver }: { readonly driver: JudgeCalibrationDriver }): ReactElement {
  const phase = useAppState((state) => state.judgeCalibration.phase);
  const questions = useAppState((state) => state.judgeCalibration.questions);
  const failure = useAppState((state) => state.judgeCalibration.failure);
  const hasVerdicts = useAppState((state) => state.judgeCalibration.verdicts.length > 0);
  useEffect(() => driver.find(), [driver]);
  return (
    <div className="judge-calibration" data-actor="judge">
      <div className="judge-calibration__left">
        <p className="judge-note">
          Both judges read the same answers. Where they disagree, at most one of them is right; where even one judge
          against itself disagrees, that is its noise.
        </p>
        <CalibrationForm isRunning={phase === 'running'} onStart={driver.start} onCancel={driver.cancel} />
        {phase === 'running' && <CalibrationProgress />}
        {phase === 'cancelled' && (
          <p className="judge-note" role="status">
            Cancelled. What was judged by then is shown.
          </p>
        )}
        {failure !== null && (
          <Notice what="The comparison failed" why={failure.message} remedy={FAILURES[failure.code]} />
        )}
      </div>
      <div className="judge-calibration__right">
        {questions.length > 0 && <HumanRubric questions={questions} />}
        {hasVerdicts ? <CalibrationResults /> : <Empty />}
      </div>
    </div>
  );
}

function Empty(): ReactElement {
  return (
    <p className="judge-calibration__empty">
      Agreement, a scatter of both scores and a table of who said what appear here with the first answer that both have
      judged. The paper’s own judges are shown beside yours.
    </p>
  );
}
