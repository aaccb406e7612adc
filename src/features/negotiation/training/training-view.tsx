import './training.css';
import { Tabs } from '@mantine/core';
import { useMemo, type ReactElement, type ReactNode } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { shownRun } from '@/state/negotiation-training-slice.ts';
import { isTraining } from '@/state/negotiation-training-view.ts';
import type { TrainingTab } from '@/state/negotiation-tabs-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { BeforeAfterTab } from './before-after-tab.tsx';
import { TrainingCharts, type TrainingChartRun } from './charts/training-charts.tsx';
import { AdvantageLesson } from './lesson/advantage-lesson.tsx';
import { Departures } from './departures.tsx';
import { LiveGroup } from './live-group.tsx';
import { RunsTab } from './runs-tab.tsx';
import { StepPicker } from './step-picker.tsx';
import { TokensTab } from './tokens-tab.tsx';
import { TrainingForm } from './training-form.tsx';
import { WatchTraining } from './watch-training.tsx';

interface TrainingViewProps {
  readonly judge: ReactNode;
  /** Answers that wait for a person's score. */
  readonly rubric: ReactNode;
  readonly onSettings: () => void;
}

/** GRPO on what is negotiated: the form on the left, what it does on the right. */
export function TrainingView({ judge, rubric, onSettings }: TrainingViewProps): ReactElement {
  const tab = useAppState((state) => state.trainingTab);
  const setTab = useAppState((state) => state.trainingTabChosen);
  const failure = useAppState((state) => state.negotiationTraining.failure);
  const isOpened = useAppState((state) => state.openedRun !== null);
  const isActive = useAppState((state) => isTraining(state.negotiationTraining));
  const numRuns = useAppState((state) => state.trainingRuns?.length ?? 0);
  return (
    <div className="training" data-active={isActive}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolled region must be reachable by keyboard */}
      <section className="training__form" aria-label="Plan of the training" tabIndex={0}>
        <h2 className="visually-hidden">Plan</h2>
        <WatchTraining />
        <TrainingForm judge={judge} onSettings={onSettings} />
        <Departures />
      </section>
      <section className="training__shown" aria-label="The training">
        <h2 className="visually-hidden">What it does</h2>
        {failure !== null && (
          <Notice what="The training ended early" why={failure.message} remedy={FAILURES[failure.code]} />
        )}
        {rubric}
        <Tabs value={tab} onChange={setTab} keepMounted={false} className="training__tabs">
          <Tabs.List aria-label="Views of the training">
            <Tabs.Tab value="group">Group</Tabs.Tab>
            <Tabs.Tab value="charts" data-lesson="training-charts">
              Charts
            </Tabs.Tab>
            <Tabs.Tab value="tokens" data-lesson="training-tokens">
              Tokens
            </Tabs.Tab>
            <Tabs.Tab value="before">Before and after</Tabs.Tab>
            <Tabs.Tab value="runs">{numRuns === 0 ? 'Runs' : `Runs (${numRuns})`}</Tabs.Tab>
            <Tabs.Tab value="lesson" data-lesson="training-lesson">
              Advantages
            </Tabs.Tab>
          </Tabs.List>
          <Panel value="group">
            {isOpened && <StepPicker />}
            <LiveGroup />
          </Panel>
          <Panel value="charts">
            <Charts />
          </Panel>
          <Panel value="tokens">
            <TokensTab />
          </Panel>
          <Panel value="before">
            <BeforeAfterTab />
          </Panel>
          <Panel value="runs">
            <RunsTab onOpened={() => setTab('charts')} />
          </Panel>
          <Panel value="lesson">
            <Lesson />
          </Panel>
        </Tabs>
      </section>
    </div>
  );
}

function Panel({ value, children }: { readonly value: TrainingTab; readonly children: ReactNode }): ReactElement {
  return (
    <Tabs.Panel value={value} className="training__panel">
      {children}
    </Tabs.Panel>
  );
}

/** The shown run, and those that are marked in the table, over each other. */
function Charts(): ReactElement {
  const run = useAppState((state) => shownRun(state)?.run ?? null);
  const runs = useAppState((state) => state.trainingRuns);
  const overlaid = useAppState((state) => state.overlaidRuns);
  const drawn = useMemo((): readonly TrainingChartRun[] => {
    const others = (runs ?? []).filter(({ id }) => overlaid.includes(id) && id !== run?.id);
    return run === null ? others : [run, ...others];
  }, [run, runs, overlaid]);
  return <TrainingCharts runs={drawn} />;
}

/** Begins with the rewards of the shown step, if there are any. */
function Lesson(): ReactElement {
  const step = useAppState((state) => shownRun(state)?.step ?? null);
  const rewards = useMemo(() => step?.rewards[0]?.flatMap((reward) => reward ?? []), [step]);
  return <AdvantageLesson {...(rewards !== undefined && { rewards })} />;
}
