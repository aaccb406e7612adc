import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { NEGOTIATION_ROLES, type NegotiationRole } from '@/protocol/negotiation-run.ts';
import { isTakenOver } from '@/state/negotiation-slice.ts';
import { nameOf, type DialogueView } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { ActorMark } from '@/ui/actor.tsx';
import { useNegotiationRun } from '../negotiation-run-context.tsx';
import { PERSONA_NAMES } from '../persona-name.ts';

/** Who speaks for each side: the model, or the person in front of the page. */
export function SideControls({ dialogue }: { readonly dialogue: DialogueView }): ReactElement | null {
  const isRecorded = useAppState((state) => state.rollout.isRecorded);
  if (isRecorded) return null;
  return (
    <div className="sides">
      {NEGOTIATION_ROLES.map((role) => (
        <Side key={role} dialogue={dialogue} role={role} />
      ))}
    </div>
  );
}

function Side({ dialogue, role }: { readonly dialogue: DialogueView; readonly role: NegotiationRole }): ReactElement {
  const run = useNegotiationRun();
  const side = { row: dialogue.row, role };
  const isMine = useAppState((state) => isTakenOver(state, side));
  const isOver = dialogue.outcome !== null;
  const action = isMine ? 'Give back' : 'Take over';
  const when = isOver ? 'from the next group on' : 'from its next utterance on';
  const what = isMine ? 'The model speaks again' : `You speak for ${PERSONA_NAMES[role]} in this dialogue`;
  return (
    <Button
      variant="default"
      size="compact-xs"
      aria-pressed={isMine}
      data-actor={role}
      aria-label={`${action}: ${PERSONA_NAMES[role]} in dialogue ${nameOf(dialogue)}`}
      title={`${what}, ${when}`}
      leftSection={<ActorMark actor={role} />}
      onClick={() => (isMine ? run.release(side) : run.takeOver(side))}
    >
      {action}
    </Button>
  );
}
