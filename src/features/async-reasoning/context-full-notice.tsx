import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import type { ReasoningRun } from './use-reasoning-run.ts';

interface ContextFullNoticeProps {
  readonly run: ReasoningRun;
  readonly onReload: (contextLength: number) => void;
}

/** What can be done when nothing more fits. */
export function ContextFullNotice({ run, onReload }: ContextFullNoticeProps): ReactElement | null {
  const info = useAppState((state) => state.model.info);
  const isDraftTooLong = useAppState((state) => state.live.waitingFor === 'contextFull');
  const hasFilledUp = useAppState((state) => state.live.stopReason === 'context_full');
  const missingTokens = useAppState((state) => state.live.missingTokens);
  if (info === null || !(isDraftTooLong || hasFilledUp)) return null;

  const { contextLength, maxContextLength } = info;
  const longer = Math.min(2 * contextLength, maxContextLength);
  const reload = async (): Promise<void> => {
    await run.takeBack();
    onReload(longer);
  };
  const isExtensible = longer > contextLength;
  const why = isDraftTooLong
    ? `The context of ${contextLength.toLocaleString('en')} tokens has no room for your text beside what it holds: ${excessOf(missingTokens)}. Shorten it`
    : `${contextLength.toLocaleString('en')} tokens are used up. Begin a new question`;
  return (
    <Notice
      what="The context is full"
      why={isExtensible ? `${why}, or load more room; earlier turns are lost then.` : `${why}.`}
      remedy={isExtensible ? '' : `The model was made for ${maxContextLength.toLocaleString('en')} tokens.`}
      action={
        isExtensible && (
          <Button variant="default" onClick={() => void reload()}>
            {longer === 2 * contextLength ? 'Load with twice the context' : 'Load with the longest context'} (
            {longer.toLocaleString('en')})
          </Button>
        )
      }
    />
  );
}

function excessOf(missingTokens: number | null): string {
  if (missingTokens === null) return 'it is too long';
  return `${missingTokens.toLocaleString('en')} ${missingTokens === 1 ? 'token' : 'tokens'} too many`;
}
