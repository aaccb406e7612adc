import { useState, type ReactElement, type ReactNode } from 'react';
import type { JudgedAnswer } from '@/protocol/negotiation-api.ts';
import type { JudgeVerdict } from '@/protocol/negotiation-run.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { DialogueSection } from './dialogue/dialogue-section.tsx';
import { DilemmaSection, type GoalsShown } from './dilemma-section.tsx';
import { GroupSection } from './group/group-section.tsx';
import { HumanRubric } from './judges/human-rubric.tsx';
import { JudgeLine } from './judges/judge-line.tsx';
import { Score } from './judges/score.tsx';
import { MaterialDialog } from './material/material-dialog.tsx';
import { NegotiationRunProvider } from './negotiation-run-context.tsx';
import { WatchNegotiation } from './recordings/watch-negotiation.tsx';
import { RunBar } from './run-bar.tsx';
import { NegotiationSettingsDrawer } from './settings/negotiation-settings-drawer.tsx';
import { useNegotiation } from './use-negotiation.ts';
// Last: it arranges what the styles of the imported blocks have set.
import './negotiation.css';

interface NegotiationPanelProps {
  /** What there is to say about the model while none is ready. */
  readonly modelStatus: ReactNode;
}

const renderScore = (verdict: JudgeVerdict, answer: JudgedAnswer | undefined): ReactElement => (
  <Score verdict={verdict} answer={answer} />
);

/** Negotiation: two personas of one model argue about a dilemma, in a group of dialogues, and a judge scores the answers. */
export function NegotiationPanel({ modelStatus }: NegotiationPanelProps): ReactElement {
  const run = useNegotiation();
  const [open, setOpen] = useState<'material' | 'settings' | null>(null);
  const [goals, setGoals] = useState<GoalsShown>({ all: true, revealed: [] });
  const close = (): void => setOpen(null);
  const openMaterial = (): void => setOpen('material');
  return (
    <NegotiationRunProvider value={run}>
      <div className="negotiation">
        <DilemmaSection
          goals={goals}
          onGoals={setGoals}
          onMaterial={openMaterial}
          onSettings={() => setOpen('settings')}
          recordings={<WatchNegotiation />}
        />
        <RunBar modelStatus={modelStatus} />
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
      </div>
      <MaterialDialog isOpen={open === 'material'} onClose={close} />
      <NegotiationSettingsDrawer isOpen={open === 'settings'} onClose={close} />
    </NegotiationRunProvider>
  );
}

/** Answers that wait for a person's score. */
function Rubric(): ReactElement | null {
  const questions = useAppState((state) => state.rollout.questions);
  return questions.length === 0 ? null : <HumanRubric questions={questions} />;
}
