import './timeline.css';
import { Button, SegmentedControl } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { isRunActive, type ReasoningView } from '@/state/reasoning-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Picture } from '@/ui/picture.tsx';
import { useChosenStep, useWholeRun } from '../whole-run.ts';
import { momentOf, momentText, type Moment } from './moment.ts';
import { runAxis, type AxisKind } from './run-axis.ts';
import type { TimedRun } from './run-lanes.ts';
import { TimelineDrawing } from './timeline-drawing.tsx';
import { ZOOM_FACTOR } from './timeline-keys.ts';
import { timelineTable } from './timeline-table.ts';
import { rangeOf, showing, WHOLE_RUN, zoomed } from './viewport.ts';

/** Who did what when; scrubs all pictures to a step. */
export function Timeline(): ReactElement {
  const run = useWholeRun(useShallow(timedRun));
  const isGrowing = isRunActive(run);
  const [kind, setKind] = useState<AxisKind>('steps');
  const [viewport, setViewport] = useState(WHOLE_RUN);
  const [pointedStep, setPointedStep] = useState<number | null>(null);
  const stepChosen = useAppState((state) => state.stepChosen);
  const chosen = useChosenStep();
  const axis = runAxis(kind, run.steps, run.waits, isGrowing, run.elapsedMs);
  const shown = pointedStep ?? chosen ?? run.steps.length - 1;
  const moment = momentOf(run, shown);

  const choose = (step: number | null): void => {
    stepChosen(step);
    if (step !== null) setViewport(showing(viewport, axis.extent, axis.startOf(step)));
  };
  const zoom = (factor: number): void => {
    const { from, to } = rangeOf(viewport, axis.extent);
    const around = chosen === null ? Math.min(to, axis.extent.end) : axis.startOf(chosen);
    setViewport(zoomed(viewport, axis.extent, factor, Math.min(to, Math.max(from, around))));
  };

  return (
    <Picture
      name="duet-timeline"
      title="Timeline"
      gloss="who made a token when; click or drag to look back"
      alternative={alternativeOf(run, moment)}
      table={() => timelineTable(run)}
      facts={
        <TimelineControls
          kind={kind}
          isWhole={viewport.span === null}
          isLookingBack={chosen !== null}
          onKind={(next) => {
            setKind(next);
            setViewport(WHOLE_RUN);
          }}
          onZoom={zoom}
          onFit={() => setViewport(WHOLE_RUN)}
          onNow={() => choose(null)}
        />
      }
      below={<MomentText moment={moment} />}
    >
      {(size) => (
        <TimelineDrawing
          size={size}
          run={run}
          axis={axis}
          viewport={viewport}
          chosen={chosen}
          valueText={momentText(momentOf(run, chosen ?? run.steps.length - 1))}
          onViewport={setViewport}
          onChoose={choose}
          onPoint={setPointedStep}
          onZoom={zoom}
        />
      )}
    </Picture>
  );
}

function timedRun(view: ReasoningView): TimedRun {
  const { phase, setup, steps, traceSteps, runs, probes, drafts, waits } = view;
  const { sentSteps, cutSteps, turnSteps, remarks, turns, elapsedMs } = view;
  return {
    phase,
    setup,
    steps,
    traceSteps,
    runs,
    probes,
    drafts,
    waits,
    sentSteps,
    cutSteps,
    turnSteps,
    remarks,
    turns,
    elapsedMs,
  };
}

function alternativeOf({ steps, runs, probes, sentSteps }: TimedRun, moment: Moment): string {
  if (steps.length === 0) return 'Timeline of the run. No step yet.';
  const count = (stream: 'thinker' | 'writer'): number =>
    runs[stream].reduce((sum, { from, to }) => sum + to + 1 - from, 0);
  const numYes = probes.filter(({ yes }) => yes).length;
  return [
    `Timeline of ${steps.length} steps: the thinker ran in ${count('thinker')}, the writer in ${count('writer')}.`,
    `${probes.length} probes, ${numYes} said yes.`,
    sentSteps.length > 0 ? `Enter before step ${sentSteps.join(', ')}.` : '',
    momentText(moment),
  ].join(' ');
}

interface TimelineControlsProps {
  readonly kind: AxisKind;
  readonly isWhole: boolean;
  readonly isLookingBack: boolean;
  readonly onKind: (kind: AxisKind) => void;
  readonly onZoom: (factor: number) => void;
  readonly onFit: () => void;
  readonly onNow: () => void;
}

function TimelineControls(props: TimelineControlsProps): ReactElement {
  const { kind, isWhole, isLookingBack, onKind, onZoom, onFit, onNow } = props;
  const small = { variant: 'default', size: 'compact-xs' } as const;
  return (
    <div className="timeline__controls">
      <Button {...small} disabled={!isLookingBack} onClick={onNow}>
        Now
      </Button>
      <SegmentedControl
        size="xs"
        aria-label="Axis"
        data={[
          { value: 'steps', label: 'Steps' },
          { value: 'time', label: 'Time' },
        ]}
        value={kind}
        onChange={(value) => onKind(value === 'time' ? 'time' : 'steps')}
      />
      <Button.Group>
        <Button {...small} aria-label="Zoom out" disabled={isWhole} onClick={() => onZoom(ZOOM_FACTOR)}>
          {'\u2212'}
        </Button>
        <Button {...small} aria-label="Zoom in" onClick={() => onZoom(1 / ZOOM_FACTOR)}>
          +
        </Button>
        <Button {...small} aria-label="Fit the whole run" disabled={isWhole} onClick={onFit}>
          Fit
        </Button>
      </Button.Group>
    </div>
  );
}

/** Always the same three lines. */
function MomentText({ moment: { summary, thinker, writer } }: { readonly moment: Moment }): ReactElement {
  return (
    <div className="timeline__moment" data-testid="timeline-caption">
      <p>{summary}</p>
      <p data-actor="thinker">
        {thinker !== null && (
          <>
            <span className="timeline__who">think</span> {thinker}
          </>
        )}
      </p>
      <p data-actor="writer">
        {writer !== null && (
          <>
            <span className="timeline__who">write</span> {writer}
          </>
        )}
      </p>
    </div>
  );
}
