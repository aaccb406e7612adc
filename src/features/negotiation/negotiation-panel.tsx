import { useImperativeHandle, useState, type ReactElement, type ReactNode, type Ref } from 'react';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import type { NegotiationControls } from '@/state/panel-controls.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { DialogueSection } from './dialogue/dialogue-section.tsx';
import { DilemmaSection, type GoalsShown } from './dilemma-section.tsx';
import { EvaluationView } from './evaluation/evaluation-view.tsx';
import { GroupSection } from './group/group-section.tsx';
import { HumanRubric } from './judges/human-rubric.tsx';
import { JudgeLine } from './judges/judge-line.tsx';
import { Score } from './judges/score.tsx';
import { MaterialDialog } from './material/material-dialog.tsx';
import { NegotiationRunProvider } from './negotiation-run-context.tsx';
import { PagesNav } from './pages-nav.tsx';
import { WatchNegotiation } from './recordings/watch-negotiation.tsx';
import { RunBar } from './run-bar.tsx';
import { NegotiationSettingsDrawer } from './settings/negotiation-settings-drawer.tsx';
import { TrainingBar } from './training/training-bar.tsx';
import { TrainingProvider } from './training/training-driver.ts';
import { TrainingView } from './training/training-view.tsx';
import { useNegotiationTraining } from './training/use-negotiation-training.ts';
import { useNegotiation } from './use-negotiation.ts';
import { useNegotiationPage } from './use-negotiation-page.ts';
// Last: it arranges what the styles of the imported blocks have set.
import './negotiation.css';
import './presenting.css';

interface NegotiationPanelProps {
  /** What there is to say about the model while none is ready. */
  readonly modelStatus: ReactNode;
  /** The way to hand the shown page on. */
  readonly share: ReactNode;
  /** For what steers a group from outside. */
  readonly controls: Ref<NegotiationControls>;
}

const renderScore = (verdict: JudgeVerdict, answer: JudgedAnswer | undefined): ReactElement => (
  <Score verdict={verdict} answer={answer} />
);

/** Negotiation: two personas of one model argue about a dilemma, in a group of dialogues, and a judge scores the answers. */
export function NegotiationPanel({ modelStatus, share, controls }: NegotiationPanelProps): ReactElement {
  const run = useNegotiation();
  useImperativeHandle(controls, () => ({ start: () => run.start(), stop: run.stop }), [run]);
  const training = useNegotiationTraining();
  const page = useNegotiationPage();
  const isModelReady = useAppState((state) => state.model.status === 'ready');
  const [open, setOpen] = useState<'material' | 'settings' | null>(null);
  const [goals, setGoals] = useState<GoalsShown>({ all: true, revealed: [] });
  const close = (): void => setOpen(null);
  const openMaterial = (): void => setOpen('material');
  return (
    <NegotiationRunProvider value={run}>
      <TrainingProvider value={training}>
        <div className="negotiation" data-page={page}>
          <div className="negotiation__top">
            <PagesNav page={page} />
            {page === 'dialogues' && <RunBar modelStatus={modelStatus} />}
            {page === 'training' && <TrainingBar modelStatus={modelStatus} />}
            {page === 'evaluation' && (
              <div className="run-bar">
                <div className="run-bar__actions">{!isModelReady && modelStatus}</div>
              </div>
            )}
            <div className="negotiation__share">{share}</div>
          </div>
          {page === 'training' && (
            <TrainingView judge={<JudgeLine />} rubric={<TrainingRubric />} onSettings={() => setOpen('settings')} />
          )}
          {page === 'evaluation' && (
            <div className="negotiation__page">
              <EvaluationView />
            </div>
          )}
          {page === 'dialogues' && (
            <>
              <DilemmaSection
                goals={goals}
                onGoals={setGoals}
                onMaterial={openMaterial}
                onSettings={() => setOpen('settings')}
                recordings={<WatchNegotiation />}
              />
              <GroupSection />
              <DialogueSection
                areGoalsShown={goals.all || goals.revealed.length === 2}
                renderScore={renderScore}
                rubric={<Rubric />}
                onMaterial={openMaterial}
              />
              <div className="negotiation__judge">
                <JudgeLine />
              </div>
            </>
          )}
        </div>
      </TrainingProvider>
      <MaterialDialog isOpen={open === 'material'} onClose={close} />
      <NegotiationSettingsDrawer isOpen={open === 'settings'} onClose={close} />
    </NegotiationRunProvider>
  );
}

/** The same, of a run that trains. */
function TrainingRubric(): ReactElement | null {
  const questions = useAppState((state) => state.negotiationTraining.questions);
  return questions.length === 0 ? null : <HumanRubric questions={questions} />;
}

/** Answers that wait for a person's score. */
function Rubric(): ReactElement | null {
  const questions = useAppState((state) => state.rollout.questions);
  return questions.length === 0 ? null : <HumanRubric questions={questions} />;
}
