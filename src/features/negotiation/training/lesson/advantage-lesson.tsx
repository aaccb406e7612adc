import './lesson.css';
import { Button, Checkbox } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import { Fact } from '@/ui/fact.tsx';
import {
  MAX_DIALOGUES,
  MIN_DIALOGUES,
  ownRewards,
  PRESETS,
  TASK_DIALOGUE,
  TASK_REWARDS,
  taskFeedback,
  toStep,
} from './lesson-group.ts';
import { RewardRows } from './reward-rows.tsx';
import { SameOrder } from './same-order.tsx';
import { useAdvantages, type Computed, type GroupAdvantages } from './use-advantages.ts';

interface Play {
  readonly rewards: readonly number[];
  readonly isWhole: boolean;
  /** Whose text is shown; null: the rewards are the reader's own. */
  readonly presetId: string | null;
  readonly isTask: boolean;
}

const OWN = 'own';
const START: Play = { rewards: [0, 3, 4, 5], isWhole: false, presetId: null, isTask: false };

/**
 * Rewards to play with, and the advantages that the engine makes of them.
 *
 * @param rewards  of the group in the panel; NaN: none yet
 */
export function AdvantageLesson({ rewards }: { readonly rewards?: readonly number[] }): ReactElement {
  const own = useMemo(() => ownRewards(rewards), [rewards]);
  const [play, setPlay] = useState<Play>(() =>
    own === null ? START : { rewards: own, isWhole: false, presetId: OWN, isTask: false },
  );
  const groups = useMemo(() => [play.rewards], [play.rewards]);
  const computed = useAdvantages(groups);
  // Bars of a group of another size would stand beside the wrong sliders.
  const first = computed.state === 'known' ? computed.groups[0] : undefined;
  const known = first?.rewards.length === play.rewards.length ? first : undefined;
  return (
    <section className="lesson" aria-label="Lesson: from rewards to advantages">
      <Explanation />
      <Presets play={play} own={own} onPlay={setPlay} />
      <PresetText presetId={play.presetId} own={own} />
      {computed.state === 'failed' && <Failed why={computed.why} />}
      <RewardRows
        rewards={play.rewards}
        isWhole={play.isWhole}
        onlyMovable={play.isTask ? TASK_DIALOGUE : null}
        mean={known?.mean ?? null}
        scaled={known?.group ?? null}
        plain={known?.none ?? null}
        onChange={(index, reward) => {
          const moved = play.rewards.map((old, place) => (place === index ? toStep(reward, play.isWhole) : old));
          setPlay({ ...play, rewards: moved, presetId: null });
        }}
      />
      <GroupControls play={play} known={known} onPlay={setPlay} />
      <Task play={play} computed={computed} onPlay={setPlay} />
      <SameOrder />
    </section>
  );
}

function Explanation(): ReactElement {
  return (
    <ul className="lesson__explanation">
      <li>
        An <dfn>advantage</dfn> says how much better a dialogue was than the others of its group: its reward, less the
        mean of the group, divided by the spread of the group.
      </li>
      <li>
        Taking the <strong>mean</strong> away makes advantages add up to 0: what is above becomes more probable, what is
        below less.
      </li>
      <li>
        Dividing by the <strong>spread</strong> (the standard deviation) makes a group of small differences count as
        much as one of large ones.
      </li>
      <li>If all rewards are equal, every advantage is 0, and the group teaches nothing.</li>
      <li>
        In a group of two they are always about +0.7 and &minus;0.7: which one was better is learnt, by how much is not.
      </li>
    </ul>
  );
}

interface PlayProps {
  readonly play: Play;
  readonly onPlay: (play: Play) => void;
}

function Presets({ play, own, onPlay }: PlayProps & { readonly own: readonly number[] | null }): ReactElement {
  const choose = (presetId: string, rewards: readonly number[], isWhole: boolean): void =>
    onPlay({ rewards, isWhole, presetId, isTask: false });
  return (
    <div className="lesson__presets" role="group" aria-label="Groups to begin with">
      {own !== null && (
        <Button
          variant="default"
          size="compact-xs"
          aria-pressed={play.presetId === OWN}
          onClick={() => choose(OWN, own, false)}
        >
          Group of the panel
        </Button>
      )}
      {PRESETS.map(({ id, name, rewards, isWhole }) => (
        <Button
          key={id}
          data-lesson={`rewards-${id}`}
          variant="default"
          size="compact-xs"
          aria-pressed={play.presetId === id}
          onClick={() => choose(id, rewards, isWhole)}
        >
          {name}
        </Button>
      ))}
    </div>
  );
}

function PresetText({
  presetId,
  own,
}: {
  readonly presetId: string | null;
  readonly own: readonly number[] | null;
}): ReactElement {
  const preset = PRESETS.find(({ id }) => id === presetId);
  const isOwn = presetId === OWN && own !== null;
  return (
    <p className="lesson__text" role="status">
      {isOwn
        ? 'The rewards of the group in the panel, to a tenth of a point. Move one of them and see what it does to all.'
        : (preset?.text ?? 'Move a reward: its own advantage changes, and those of all others, since the mean moves.')}
    </p>
  );
}

function Failed({ why }: { readonly why: string }): ReactElement {
  return (
    <p className="lesson__failed" role="alert">
      The engine could not compute the advantages, so none are shown. {why}
    </p>
  );
}

interface GroupControlsProps extends PlayProps {
  readonly known: GroupAdvantages | undefined;
}

function GroupControls({ play, known, onPlay }: GroupControlsProps): ReactElement {
  const { rewards, isWhole, isTask } = play;
  const last = rewards.at(-1) ?? 0;
  return (
    <div className="lesson__controls">
      <Button
        variant="default"
        size="compact-xs"
        disabled={isTask || rewards.length >= MAX_DIALOGUES}
        onClick={() => onPlay({ ...play, rewards: [...rewards, last], presetId: null })}
      >
        Add a dialogue
      </Button>
      <Button
        variant="default"
        size="compact-xs"
        disabled={isTask || rewards.length <= MIN_DIALOGUES}
        onClick={() => onPlay({ ...play, rewards: rewards.slice(0, -1), presetId: null })}
      >
        Take one away
      </Button>
      <Checkbox
        size="xs"
        label="Whole numbers only"
        checked={isWhole}
        disabled={isTask}
        onChange={({ currentTarget: { checked } }) =>
          onPlay({ ...play, isWhole: checked, rewards: rewards.map((reward) => toStep(reward, checked)) })
        }
      />
      <span className="lesson__facts">
        <Fact
          value={numberText(known?.mean)}
          unit="mean (dashed)"
          meaning="Sum of the rewards, divided by their number."
        />
        <Fact
          value={numberText(known?.spread)}
          unit="spread"
          meaning="Standard deviation of the rewards: the root of the sum of squared distances from the mean, divided by their number less one."
        />
      </span>
    </div>
  );
}

function numberText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '\u2013' : value.toFixed(2);
}

interface TaskProps extends PlayProps {
  readonly computed: Computed;
}

function Task({ play, computed, onPlay }: TaskProps): ReactElement {
  const { isTask, rewards } = play;
  const first = computed.state === 'known' ? computed.groups[0] : undefined;
  // Of these very rewards: an answer to what the slider said a moment ago would be wrong.
  const advantage = first?.rewards === rewards ? (first.group[TASK_DIALOGUE] ?? null) : null;
  const feedback = isTask && computed.state !== 'failed' ? taskFeedback(rewards, advantage) : null;
  return (
    <div className="lesson__task" data-solved={feedback?.isSolved ?? false}>
      <p>
        <strong>Try it:</strong> in the group 0, 1, 5, move the middle reward so that its advantage is 0.
      </p>
      <Button
        variant="default"
        size="compact-xs"
        onClick={() =>
          onPlay(
            isTask
              ? { ...play, isTask: false }
              : { rewards: TASK_REWARDS, isWhole: false, presetId: null, isTask: true },
          )
        }
      >
        {isTask ? 'End the task' : 'Start the task'}
      </Button>
      <p className="lesson__feedback" role="status">
        {feedback?.text ?? 'Only the middle slider moves then. How near it is will be said here.'}
      </p>
    </div>
  );
}
