import { Button, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { assertNever } from '@/lib/assert.ts';
import type { WrittenScenario } from '@/protocol/scenario/scenario.ts';
import type { SharedContent } from '@/protocol/shared-content.ts';
import { scenarioFile } from '@/state/scenario/scenario-file.ts';
import { applyShared, obstacleToShared, type Undo } from '@/state/sharing/apply-shared.ts';
import { setUpOfScenario } from '@/state/sharing/set-up-of-scenario.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import { saveText } from '@/ui/save-file.ts';
import { nameOfShared } from './describe-shared.ts';
import type { Received } from './received.ts';
import { SharedFacts } from './shared-facts.tsx';
import { fetchShipped } from './shipped-recordings.ts';

interface SharedWithYouProps {
  readonly received: Received | null;
  /** Closed without a choice. */
  readonly onClose: () => void;
  readonly onLeave: () => void;
  readonly onUsed: (content: SharedContent, undo: Undo) => void;
}

/** Shows what a link or a file holds, before anything is done with it. */
export function SharedWithYou({ received, onClose, onLeave, onUsed }: SharedWithYouProps): ReactElement {
  const theme = useMantineTheme();
  const isNarrow = useMediaQuery(`(max-width: ${theme.breakpoints.sm})`);
  return (
    <Dialog
      title="Shared with you"
      isOpen={received !== null}
      onClose={onClose}
      isLocked={false}
      isFullScreen={isNarrow}
    >
      {received?.content === null && <Broken received={received} onClose={onLeave} />}
      {received !== null && received.content !== null && (
        <Card content={received.content} onLeave={onLeave} onUsed={onUsed} />
      )}
    </Dialog>
  );
}

function Broken({ received, onClose }: { readonly received: Received; readonly onClose: () => void }): ReactElement {
  const what = received.from === 'link' ? 'This link cannot be opened' : 'This file cannot be opened';
  return (
    <div className="shared">
      <Notice what={what} why={`${received.problem} Nothing was changed.`} remedy="" />
      <div className="shared__actions">
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  );
}

interface CardProps extends Pick<SharedWithYouProps, 'onLeave' | 'onUsed'> {
  readonly content: SharedContent;
}

function Card({ content, onLeave, onUsed }: CardProps): ReactElement {
  const store = useAppStore();
  const obstacle = useAppState((state) => obstacleToShared(state, content));
  const [problem, setProblem] = useState<string | null>(null);
  const [isFetching, setIsFetching] = useState(false);
  // What is fetched is used only while its card is there: it may have been left meanwhile.
  const shown = useRef<SharedContent | null>(null);
  useEffect(() => {
    shown.current = content;
    return () => {
      shown.current = null;
    };
  }, [content]);
  const use = async (): Promise<void> => {
    setIsFetching(true);
    try {
      const whole = await withRecording(content);
      if (shown.current === content) onUsed(whole, applyShared(store, whole));
    } catch (error) {
      if (shown.current === content) setProblem(error instanceof Error ? error.message : String(error));
    }
    setIsFetching(false);
  };
  return (
    <div className="shared">
      <div>
        <p className="shared__name">{content.title ?? nameOfShared(content)}</p>
        {content.title !== undefined && <p className="shared__kind">{nameOfShared(content)}</p>}
      </div>
      {content.note !== undefined && (
        <blockquote className="shared__note" dir="auto">
          {content.note}
        </blockquote>
      )}
      <SharedFacts content={content} />
      <p className="shared__promise">{promiseOf(content)}</p>
      {problem !== null && <Notice what="It was not put in place" why={`${problem} Nothing was changed.`} remedy="" />}
      <div className="shared__actions">
        <p className="shared__obstacle" role="status">
          {obstacle}
        </p>
        <Button variant="default" onClick={onLeave}>
          Leave it
        </Button>
        {content.kind === 'scenario' && <SaveFileButton scenario={content.scenario} isMain={!canBeUsed(content)} />}
        {canBeUsed(content) && (
          <Button data-autofocus disabled={obstacle !== null || isFetching} onClick={() => void use()}>
            Use it
          </Button>
        )}
      </div>
    </div>
  );
}

/** There are scenarios for which no panel has a place. */
function canBeUsed(content: SharedContent): boolean {
  return content.kind !== 'scenario' || setUpOfScenario(content.scenario) !== null;
}

const NOTHING_STARTS = 'Nothing is downloaded and nothing starts by itself.';

function promiseOf(content: SharedContent): string {
  switch (content.kind) {
    case 'replay':
      return 'A recording is played without a model. It opens paused, and what you see was not made on this machine.';
    case 'scenario':
      return canBeUsed(content)
        ? `What is asked and its settings take the place of what stands in the panel, which can be taken back. What is expected counts where the file is run with “npm run scenario”. ${NOTHING_STARTS}`
        : `No panel can be put so that it does the same: save the file, and run it with “npm run scenario”. ${NOTHING_STARTS}`;
    case 'fineTune':
      return `It takes the place of what stands in “Fine-tune” of the Adapters dialog, which can be taken back. ${NOTHING_STARTS}`;
    case 'thinkingEvaluation':
      return `It takes the place of what stands in “Studies”, “Evaluate”, which can be taken back. ${NOTHING_STARTS}`;
    case 'thinking':
    case 'negotiation':
    case 'training':
    case 'evaluation':
    case 'chat':
      return `It takes the place of what stands in the panel, which can be taken back. ${NOTHING_STARTS}`;
    default:
      return assertNever(content);
  }
}

interface SaveFileButtonProps {
  readonly scenario: WrittenScenario;
  /** Where there is nothing else to do with it. */
  readonly isMain: boolean;
}

function SaveFileButton({ scenario, isMain }: SaveFileButtonProps): ReactElement {
  const save = (): void => {
    const { name, text } = scenarioFile(scenario);
    saveText(name, 'application/json', text);
  };
  return (
    <Button
      variant={isMain ? 'filled' : 'default'}
      data-autofocus={isMain ? true : undefined}
      title="The scenario itself, for npm run scenario"
      onClick={save}
    >
      Save the file
    </Button>
  );
}

/** What only names a recording of the page has the recording itself then. */
async function withRecording(content: SharedContent): Promise<SharedContent> {
  if (content.kind !== 'replay' || content.replay.of !== 'shipped') return content;
  return { ...content, replay: await fetchShipped(content.replay) };
}
