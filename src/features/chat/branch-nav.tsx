import { memo, type ReactElement } from 'react';
import { useAppStore } from '@/state/use-app-state.ts';
import { nodeOf, siblingIdsOf } from '@/state/chat-tree.ts';

interface BranchNavProps {
  readonly chatId: string;
  readonly nodeId: string;
  /** From 1. */
  readonly place: number;
  readonly count: number;
  readonly what: 'question' | 'answer';
}

/** Walks the versions of a message: ‹ 2 / 3 ›. Nothing where there is one. */
export const BranchNav = memo(function BranchNav(props: BranchNavProps): ReactElement | null {
  const { chatId, nodeId, place, count, what } = props;
  const store = useAppStore();
  if (count < 2) return null;
  const go = (step: -1 | 1): void => {
    const chat = store.getState().chats[chatId];
    const node = chat === undefined ? undefined : nodeOf(chat, nodeId);
    if (chat === undefined || node === undefined) return;
    const ids = siblingIdsOf(chat, node);
    const next = ids[ids.indexOf(nodeId) + step];
    if (next !== undefined) store.getState().chatVersionChosen(chatId, next);
  };
  return (
    <span className="branch-nav" role="group" aria-label={`Versions of this ${what}`}>
      <VersionButton label={`Version before this ${what}`} isPossible={place > 1} onClick={() => go(-1)}>
        ‹
      </VersionButton>
      <span>
        {place} / {count}
      </span>
      <VersionButton label={`Version after this ${what}`} isPossible={place < count} onClick={() => go(1)}>
        ›
      </VersionButton>
    </span>
  );
});

interface VersionButtonProps {
  readonly label: string;
  readonly isPossible: boolean;
  readonly onClick: () => void;
  readonly children: string;
}

/** A button that is disabled loses the keyboard: at the last version this one only does nothing. */
function VersionButton({ label, isPossible, onClick, children }: VersionButtonProps): ReactElement {
  return (
    <button type="button" aria-label={label} aria-disabled={!isPossible} onClick={onClick}>
      {children}
    </button>
  );
}
