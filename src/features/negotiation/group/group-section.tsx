import './group.css';
import type { KeyboardEvent, ReactElement } from 'react';
import { useMemo, useRef } from 'react';
import { rewardOf } from '@/protocol/negotiation-run.ts';
import { dialogueState, groupStats } from '@/state/negotiation-stats.ts';
import { turnShown } from '@/state/negotiation-status.ts';
import { keyOf, nameOf, type DialogueView } from '@/state/negotiation-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { formatSigned } from '@/ui/format.ts';
import { Fact } from '@/ui/fact.tsx';
import { Section } from '@/ui/section.tsx';
import { GroupFacts } from './group-facts.tsx';
import { GroupFile } from './group-file.tsx';
import { PastGroups } from './past-groups.tsx';

const MAX_SCORE = 5;
/** Bars of an advantage end here: more is drawn as much. */
const MAX_ADVANTAGE = 2;

/** The group as a strip: each dialogue's state, score and advantage; one of them is open. */
export function GroupSection(): ReactElement {
  return (
    <Section title="Group" className="group" lesson="group" facts={<PastGroups />}>
      <GroupList />
      <GroupFacts />
      <GroupFile />
    </Section>
  );
}

function GroupList(): ReactElement {
  const store = useAppStore();
  const rollout = useAppState((state) => state.rollout);
  const openDialogue = useAppState((state) => state.openDialogue);
  const stats = useMemo(() => groupStats(rollout), [rollout]);
  const list = useRef<HTMLDivElement>(null);
  const { dialogues } = rollout;
  const keys = dialogues.map(keyOf);
  const current = keys.includes(openDialogue) ? openDialogue : (keys[0] ?? '');

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const next = placeAfter(event.key, keys.indexOf(current), keys.length);
    const key = next === null ? undefined : keys[next];
    if (key === undefined || next === null) return;
    event.preventDefault();
    store.getState().dialogueOpened(key);
    list.current?.querySelectorAll<HTMLElement>('[role="option"]')[next]?.focus();
  };

  if (dialogues.length === 0)
    return (
      <p className="group__empty">
        Here will be the dialogues of the group: how far each one is, its score, and its advantage over the others.
      </p>
    );
  return (
    <>
      <div className="group__columns">
        <Fact
          value="Score"
          unit="0 to 5"
          meaning="The reward: the judge's score of the answer for Collective Agency. Without agreement it is 0."
        />
        <Fact
          value="Advantage"
          unit=""
          meaning="(reward - mean) / standard deviation over the group: blue is below the others, red above. Known once all rewards are. A branch has none."
        />
      </div>
      <div
        className="group__list"
        data-lesson="group-list"
        role="listbox"
        aria-label="Dialogues of the group"
        tabIndex={-1}
        ref={list}
        onKeyDown={onKeyDown}
      >
        {dialogues.map((dialogue) => {
          const key = keyOf(dialogue);
          return (
            <GroupRow
              key={key}
              dialogue={dialogue}
              state={dialogueState(dialogue, rollout)}
              turn={turnShown(dialogue, rollout)}
              advantage={stats.advantages?.get(key) ?? null}
              isOpen={key === current}
              onOpen={() => store.getState().dialogueOpened(key)}
            />
          );
        })}
      </div>
    </>
  );
}

function placeAfter(key: string, place: number, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
    case 'ArrowRight':
      return Math.min(count - 1, place + 1);
    case 'ArrowUp':
    case 'ArrowLeft':
      return Math.max(0, place - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

interface GroupRowProps {
  readonly dialogue: DialogueView;
  readonly state: string;
  readonly turn: number;
  readonly advantage: number | null;
  readonly isOpen: boolean;
  readonly onOpen: () => void;
}

function GroupRow({ dialogue, state, turn, advantage, isOpen, onOpen }: GroupRowProps): ReactElement {
  const reward = rewardOf(dialogue);
  const isUnreadable = dialogue.verdict?.state === 'unreadable' && dialogue.outcome === 'agreed';
  // Where there is no reward there is nothing to be above or below of.
  const shown = Number.isNaN(reward) ? null : advantage;
  const score = scoreText(reward, isUnreadable);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the list around it has the keys
    <div
      className="group-row"
      role="option"
      aria-selected={isOpen}
      aria-label={rowLabel(dialogue, state, turn, score, shown)}
      data-state={state}
      tabIndex={isOpen ? 0 : -1}
      onClick={onOpen}
    >
      <span className="group-row__name">
        <strong>{nameOf(dialogue)}</strong>
        <span className="group-row__state">{state}</span>
        {dialogue.branch > 0 && <small>branch</small>}
        <span className="group-row__turn">{turn === 0 ? '' : `turn ${turn}`}</span>
      </span>
      <span className="group-row__score" data-unreadable={isUnreadable}>
        {isUnreadable ? (
          'unreadable'
        ) : (
          <>
            <span className="group-row__bar">
              {!Number.isNaN(reward) && <i style={{ width: `${(reward / MAX_SCORE) * 100}%` }} />}
            </span>
            <b>{Number.isNaN(reward) ? '' : reward.toFixed(1)}</b>
          </>
        )}
      </span>
      <span className="group-row__advantage">
        <Diverging value={shown} />
        <b>{shown === null ? '' : formatSigned(shown, 1)}</b>
      </span>
    </div>
  );
}

function scoreText(reward: number, isUnreadable: boolean): string | null {
  if (isUnreadable) return 'score unreadable';
  return Number.isNaN(reward) ? null : `score ${reward.toFixed(2)} of 5`;
}

function rowLabel(
  dialogue: DialogueView,
  state: string,
  turn: number,
  score: string | null,
  advantage: number | null,
): string {
  const parts = [
    `Dialogue ${nameOf(dialogue)}${dialogue.branch > 0 ? ', a branch' : ''}`,
    state,
    ...(turn > 0 ? [`turn ${turn}`] : []),
    ...(score === null ? [] : [score]),
    ...(advantage === null ? [] : [`advantage ${formatSigned(advantage)}`]),
  ];
  return parts.join(', ');
}

/** Blue to the left for below the mean, red to the right for above it. */
function Diverging({ value }: { readonly value: number | null }): ReactElement {
  const share = value === null ? 0 : Math.min(1, Math.abs(value) / MAX_ADVANTAGE) * 50;
  const isDown = value !== null && value < 0;
  return (
    <span className="diverging" aria-hidden="true">
      {value !== null && value !== 0 && (
        <i
          data-direction={isDown ? 'down' : 'up'}
          style={{ width: `${share}%`, ...(isDown ? { right: '50%' } : { left: '50%' }) }}
        />
      )}
    </span>
  );
}
