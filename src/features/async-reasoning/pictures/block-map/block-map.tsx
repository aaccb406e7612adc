import './block-map.css';
import { Button } from '@mantine/core';
import { useMemo, type ReactElement } from 'react';
import { useShallow } from 'zustand/shallow';
import { useAppState } from '@/state/use-app-state.ts';
import { formatSigned } from '@/ui/format.ts';
import type { PictureTable } from '@/ui/picture-table.tsx';
import { Picture } from '@/ui/picture.tsx';
import { useChosenStep, useWholeRun } from '../whole-run.ts';
import { blockMapAt, type BlockMapData } from './block-map-data.ts';
import { BlockMapDrawing, VIEW_LABELS } from './block-map-drawing.tsx';
import { SavedWorkFacts } from './saved-work-facts.tsx';

/** The blocks of the cache, what each view sees of them at which offset, and what was never computed again. */
export function BlockMap(): ReactElement {
  const run = useAppState(
    useShallow(({ reasoning: { setup, steps, traceSteps, turnSteps, staleRanges } }) => ({
      setup,
      steps,
      traceSteps,
      turnSteps,
      staleRanges,
    })),
  );
  const chosen = useChosenStep();
  const last = run.traceSteps.length - 1;
  const step = Math.min(chosen ?? last, last);
  const map = useMemo(() => blockMapAt(run, step), [run, step]);
  return (
    <Picture
      name="duet-blocks"
      title="Blocks"
      gloss="blocks and rotary offsets"
      alternative={alternativeOf(map)}
      table={() => tableOf(map)}
      facts={<SavedWorkFacts steps={run.traceSteps} step={step} />}
      isScrollable
      controls={<StepControls step={step} />}
      below={<Legend map={map} />}
    >
      {(size) => <BlockMapDrawing size={size} map={map} />}
    </Picture>
  );
}

/** One step back and forth, where offsets change. */
function StepControls({ step }: { readonly step: number }): ReactElement {
  const numSteps = useWholeRun((view) => view.steps.length);
  const isLookingBack = useChosenStep() !== null;
  const stepChosen = useAppState((state) => state.stepChosen);
  const small = { variant: 'default', size: 'compact-xs' } as const;
  return (
    <>
      <Button.Group>
        <Button
          {...small}
          data-lesson="blocks-step-before"
          aria-label="Step before"
          disabled={step <= 0}
          onClick={() => stepChosen(step - 1)}
        >
          {'\u2039'}
        </Button>
        <Button
          {...small}
          aria-label="Step after"
          disabled={!isLookingBack}
          onClick={() => stepChosen(step + 1 < numSteps ? step + 1 : null)}
        >
          {'\u203A'}
        </Button>
      </Button.Group>
      <Button {...small} disabled={!isLookingBack} onClick={() => stepChosen(null)}>
        Now
      </Button>
      <span data-testid="blocks-step">
        {step < 0 ? 'No step yet.' : `Step ${step}${isLookingBack ? '' : ', the newest'}`}
      </span>
    </>
  );
}

function Legend({ map }: { readonly map: BlockMapData }): ReactElement {
  const older = (role: 'thoughts' | 'answer'): number =>
    map.cache.filter((block) => block.role === role).reduce((sum, block) => sum + block.older, 0);
  const changed = map.cache.flatMap((block) => block.changed).reduce((sum, { from, to }) => sum + to - from, 0);
  const facts = [
    older('thoughts') > 0 ? `${older('thoughts')} thoughts` : '',
    older('answer') > 0 ? `${older('answer')} answer tokens` : '',
  ].filter((text) => text !== '');
  return (
    <ul className="block-map__legend">
      <li>
        <svg width="14" height="12" aria-hidden="true">
          <rect className="block-map__new" x="4" width="5" height="12" />
        </svg>
        new in this step
      </li>
      <li>
        <Swatch isCrossed={false} />
        encoded when less stood in front{facts.length > 0 && <>: {facts.join(', ')}</>}
      </li>
      <li>
        <Swatch isCrossed />
        on text since changed{changed > 0 && <>: {changed} thoughts</>}
      </li>
      {map.cache.some(({ label }) => label.endsWith(' T')) && <li>T, W: the thinker’s, the writer’s</li>}
    </ul>
  );
}

function Swatch({ isCrossed }: { readonly isCrossed: boolean }): ReactElement {
  const xs = [-10, -5, 0, 5, 10, 15];
  const rising = xs.map((x) => `M${x} 12l12 -12`).join('');
  const falling = xs.map((x) => `M${x} 0l12 12`).join('');
  return (
    <svg width="20" height="12" aria-hidden="true" data-actor="thinker">
      <rect width="20" height="12" fill="var(--actor)" />
      <path
        className={isCrossed ? 'block-map__changed-line' : 'block-map__older-line'}
        d={isCrossed ? rising + falling : falling}
      />
    </svg>
  );
}

function alternativeOf({ step, cache, rows }: BlockMapData): string {
  if (cache.length === 0) return 'The blocks of the cache. No step yet.';
  const blocks = cache.map(({ label, length }) => `${label} ${length}`).join(', ');
  const views = rows.map(({ view, blocks: seen }) => {
    const offsets = seen.map(({ label, rotaryOffset }) => `${label} at ${rotaryOffset}`).join(', ');
    return `${VIEW_LABELS[view]}: ${offsets}.`;
  });
  return [`Step ${step}. Blocks in tokens: ${blocks}.`, ...views].join(' ');
}

/** The cache first, then one row per block of each view. */
function tableOf({ step, cache, rows }: BlockMapData): PictureTable {
  const signed = (change: number | null): string => (change === null ? '' : formatSigned(change, 0));
  return {
    columns: ['step', 'seen by', 'block', 'tokens', 'rotary offset', 'change', 'encoded in an older context'],
    rows: [
      ...cache.map(({ label, length, change, older }) => [step, 'cache', label, length, '', signed(change), older]),
      ...rows.flatMap(({ view, step: ran, blocks }) =>
        blocks.map(({ label, length, rotaryOffset, change }) => [
          ran,
          view,
          label,
          length,
          rotaryOffset,
          signed(change),
          '',
        ]),
      ),
    ],
  };
}
