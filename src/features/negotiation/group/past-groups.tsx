import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { isRunning } from '@/state/negotiation-view.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';

/** The groups of this session that are over, to be shown again. */
export function PastGroups(): ReactElement | null {
  const store = useAppStore();
  const history = useAppState((state) => state.negotiationHistory);
  const groupId = useAppState((state) => state.rollout.groupId);
  const isBusy = useAppState((state) => isRunning(state.rollout));
  const others = history.filter((past) => past.groupId !== groupId);
  if (others.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" size="compact-xs" disabled={isBusy} title="Groups of this session">
          Earlier groups ({others.length})
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {others.map(({ groupId: id, record, isRecorded }) => {
          const { dialogues, dilemma, settings } = record;
          const agreed = dialogues.filter(({ outcome }) => outcome === 'agreed').length;
          return (
            <Menu.Item key={id} onClick={() => store.getState().negotiationOpened(record, id, isRecorded)}>
              {isRecorded && 'Recorded: '}
              {dilemma.goal} · {agreed} of {dialogues.length} agreed · seed {settings.seed}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
