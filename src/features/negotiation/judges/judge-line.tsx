import './judges.css';
import { useState, type ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { JudgeCalibrationDialog } from './calibration/judge-calibration-dialog.tsx';
import { JudgeDialog } from './judge-dialog.tsx';
import { nameOfJudge, trustOf } from './judge-texts.ts';

/** Which judge scores the answers, and how far it can be trusted. */
export function JudgeLine(): ReactElement | null {
  const judge = useAppState((state) => state.judgeChoice);
  const model = useAppState((state) => state.model.info);
  const [dialog, setDialog] = useState<'judge' | 'calibration' | null>(null);
  const trust = trustOf(judge, model);
  return (
    <>
      <button
        type="button"
        className="judge-line"
        data-lesson="judge"
        data-actor="judge"
        aria-haspopup="dialog"
        onClick={() => setDialog('judge')}
      >
        <ActorMark actor="judge" />
        <span className="judge-line__label">Judge:</span>
        <strong className="judge-line__name">{nameOfJudge(judge)}</strong>
        {trust !== '' && <span className="judge-line__trust">({trust})</span>}
        <svg className="judge-line__caret" viewBox="0 0 10 6" width="10" height="6" aria-hidden="true">
          <path d="M1 1l4 4 4-4" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
      <JudgeDialog
        isOpen={dialog === 'judge'}
        onClose={() => setDialog(null)}
        onCompare={() => setDialog('calibration')}
      />
      <JudgeCalibrationDialog isOpen={dialog === 'calibration'} onClose={() => setDialog(null)} />
    </>
  );
}
