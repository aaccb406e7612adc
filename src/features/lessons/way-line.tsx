import { Button, SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import type { LessonInHand } from './use-lesson.ts';

/** Whether the lesson shows a recorded run or this machine's own, why, and the way to the other. */
export function WayLine({ hand }: { readonly hand: LessonInHand }): ReactElement {
  const { way, isLivePossible, reason, chooseWay, problem, place } = hand;
  const status = useAppState((state) => state.model.status);
  return (
    <div className="way-line" data-way={way}>
      <div className="way-line__row">
        <strong>{way === 'live' ? 'On your machine' : 'Recorded run'}</strong>
        <SegmentedControl
          size="xs"
          aria-label="What the lesson shows"
          value={way}
          onChange={(value) => chooseWay(value === 'live' ? 'live' : 'recorded')}
          data={[
            { value: 'live', label: 'Live', disabled: !isLivePossible },
            { value: 'recorded', label: 'Recorded' },
          ]}
        />
      </div>
      {/* Once: it would take the place of the text on a small screen. */}
      {reason !== null && place === 0 && <p>{reason}</p>}
      {way === 'live' && status !== 'ready' && (
        <p>
          {status === 'loading'
            ? 'The model is being loaded; the bar above the panel says how far it is.'
            : 'No model is loaded. Press “Load the model” above the panel, or choose Recorded.'}
        </p>
      )}
      {problem !== null && (
        <p role="alert">
          {problem}{' '}
          <Button variant="default" size="compact-xs" onClick={hand.prepareAgain}>
            Try again
          </Button>
        </p>
      )}
    </div>
  );
}
