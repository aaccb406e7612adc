import type { StateCreator } from 'zustand';
import type { RolloutEvent, RowStart, SideOfRow } from '@/protocol/negotiation-api.ts';
import type { GroupRecord } from '@/protocol/negotiation-run.ts';
import { toStoredFailure } from './failure-message.ts';
import {
  applyRolloutEvent,
  completeRun,
  endedRun,
  isRunning,
  keyOf,
  NO_ROLLOUT,
  openedRecord,
  recordOf,
  startedBranch,
  startedGroup,
  type GroupHead,
  type RolloutView,
} from './negotiation-view.ts';

/** A group of this session that is over. */
export interface PastGroup {
  readonly groupId: number;
  readonly record: GroupRecord;
  readonly isRecorded: boolean;
}

interface Completion {
  /** Default: false. */
  readonly isStopped: boolean;
  /** Whether it goes into the history, as what a demo shows does not. Default: true. */
  readonly isKept: boolean;
}

interface ErrorLike {
  readonly code: string;
  readonly message: string;
}

export interface NegotiationSlice {
  readonly rollout: RolloutView;
  /** Which dialogue the reader has open, by `keyOf`. */
  readonly openDialogue: string;
  /** Newest first; the one that is shown is among them once it is over. */
  readonly negotiationHistory: readonly PastGroup[];
  /** Sides that a person speaks for; they stay so from one group to the next. */
  readonly takenOver: readonly SideOfRow[];
  /**
   * A recording's player starts with `isRecorded`, sends the events, and ends when `rollout.groupId` is another one or
   * the phase is no longer 'running' or 'paused'.
   *
   * @returns the group's id
   */
  readonly negotiationStarted: (head: GroupHead, isRecorded?: boolean) => number;
  readonly negotiationBranched: (start: RowStart) => void;
  readonly negotiationEventsArrived: (groupId: number, events: readonly RolloutEvent[]) => void;
  readonly negotiationCompleted: (groupId: number, record: GroupRecord, how?: Partial<Completion>) => void;
  /** Stopped (code 'cancelled') or failed. @param isKept  as of `Completion`; default: true */
  readonly negotiationEnded: (groupId: number, failure: ErrorLike, isKept?: boolean) => void;
  /** A group that is over is shown: from a file, an earlier visit, the history. */
  readonly negotiationOpened: (record: GroupRecord, groupId?: number, isRecorded?: boolean) => void;
  /** Nothing is shown any longer. Only `history` stays; default: all that is over, and what a group that ran has said. */
  readonly negotiationCleared: (history?: readonly PastGroup[]) => void;
  readonly dialogueOpened: (key: string) => void;
  readonly sideTakenOver: (side: SideOfRow) => void;
  readonly sideReleased: (side: SideOfRow) => void;
}

/** Kept in memory; the last one survives a reload. */
const MAX_HISTORY = 12;

export const createNegotiationSlice: StateCreator<NegotiationSlice> = (set, get) => {
  /** Of another group's run nothing is shown any longer. */
  const update = (groupId: number, change: (view: RolloutView) => RolloutView): void =>
    set(({ rollout }) => (rollout.groupId === groupId ? { rollout: change(rollout) } : {}));
  const over = (groupId: number, isKept: boolean, change: (view: RolloutView) => RolloutView): void =>
    set(({ rollout, negotiationHistory }) => {
      if (rollout.groupId !== groupId) return {};
      const next = change(rollout);
      return { rollout: next, ...(isKept && { negotiationHistory: withGroup(negotiationHistory, next) }) };
    });
  return {
    rollout: NO_ROLLOUT,
    openDialogue: '0.0',
    negotiationHistory: [],
    takenOver: [],
    negotiationStarted: (head, isRecorded = false) => {
      const rollout = startedGroup({ groupId: lastGroupId(get()) }, head, isRecorded);
      const { openDialogue } = get();
      const isThere = rollout.dialogues.some((dialogue) => keyOf(dialogue) === openDialogue);
      set({ rollout, openDialogue: isThere ? openDialogue : '0.0' });
      return rollout.groupId;
    },
    negotiationBranched: (start) =>
      set(({ rollout }) => ({
        rollout: startedBranch(rollout, start),
        openDialogue: keyOf({ row: start.row, branch: start.branch ?? 0 }),
      })),
    negotiationEventsArrived: (groupId, events) => update(groupId, (view) => events.reduce(applyRolloutEvent, view)),
    negotiationCompleted: (groupId, record, { isStopped = false, isKept = true } = {}) =>
      over(groupId, isKept, (view) => completeRun(view, record, isStopped)),
    negotiationEnded: (groupId, failure, isKept = true) =>
      over(groupId, isKept, (view) => endedRun(view, toStoredFailure(failure))),
    negotiationOpened: (record, groupId = lastGroupId(get()) + 1, isRecorded = false) =>
      set(({ negotiationHistory }) => {
        const rollout = { ...openedRecord({ groupId }, record), isRecorded };
        const [first] = rollout.dialogues;
        return {
          rollout,
          openDialogue: first === undefined ? '0.0' : keyOf(first),
          negotiationHistory: withGroup(negotiationHistory, rollout),
        };
      }),
    negotiationCleared: (history) =>
      set((state) => ({
        // A number of its own, so that what comes late of the group before is not shown.
        rollout: { ...NO_ROLLOUT, groupId: lastGroupId(state) + 1 },
        negotiationHistory: history ?? withRunning(state),
      })),
    dialogueOpened: (openDialogue) => set({ openDialogue }),
    sideTakenOver: (side) => set(({ takenOver }) => ({ takenOver: [...without(takenOver, side), side] })),
    sideReleased: (side) => set(({ takenOver }) => ({ takenOver: without(takenOver, side) })),
  };
};

function without(sides: readonly SideOfRow[], { row, role }: SideOfRow): readonly SideOfRow[] {
  return sides.filter((side) => side.row !== row || side.role !== role);
}

function lastGroupId({ rollout, negotiationHistory }: NegotiationSlice): number {
  return Math.max(rollout.groupId, ...negotiationHistory.map(({ groupId }) => groupId));
}

/** A group that goes on with a branch stays in its place. Where nothing was said there is nothing to keep. */
function withGroup(history: readonly PastGroup[], view: RolloutView): readonly PastGroup[] {
  const { groupId, isRecorded } = view;
  const record = recordOf(view);
  if (record === null || isRunning(view) || view.dialogues.every(({ utterances }) => utterances.length === 0))
    return history;
  const entry = { groupId, record, isRecorded };
  return history.some((past) => past.groupId === groupId)
    ? history.map((past) => (past.groupId === groupId ? entry : past))
    : [entry, ...history].slice(0, MAX_HISTORY);
}

/** The history with the group that runs here, which ends with what it has said. A recording can be played again. */
function withRunning({ rollout, negotiationHistory }: NegotiationSlice): readonly PastGroup[] {
  if (!isRunning(rollout) || rollout.isRecorded) return negotiationHistory;
  return withGroup(negotiationHistory, endedRun(rollout, { code: 'cancelled', message: '' }));
}

export function isTakenOver({ takenOver }: Pick<NegotiationSlice, 'takenOver'>, { row, role }: SideOfRow): boolean {
  return takenOver.some((side) => side.row === row && side.role === role);
}
