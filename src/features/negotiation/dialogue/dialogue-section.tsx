import './dialogue.css';
import { Switch, Tabs } from '@mantine/core';
import { useState, type ReactElement, type ReactNode } from 'react';
import { FAILURES } from '@/protocol/failures.ts';
import { dialogueState } from '@/state/negotiation-stats.ts';
import { keyOf, nameOf } from '@/state/negotiation-view.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Notice } from '@/ui/notice.tsx';
import { Section } from '@/ui/section.tsx';
import { CompareTab } from './compare-tab.tsx';
import { Conversation } from './conversation.tsx';
import { EmptyDialogue } from './empty-dialogue.tsx';
import { PromptsTab } from './prompts-tab.tsx';
import type { RenderScore } from './render-score.ts';
import { SideControls } from './side-controls.tsx';
import { useOpenDialogue } from './use-open-dialogue.ts';

interface DialogueSectionProps {
  /** Prompts name the private goals. */
  readonly areGoalsShown: boolean;
  readonly renderScore: RenderScore;
  /** Answers that wait for a person's score. */
  readonly rubric: ReactNode;
  readonly onMaterial: () => void;
}

/** The open dialogue: what is said, the prompts behind it, and beside another one. */
export function DialogueSection({
  areGoalsShown,
  renderScore,
  rubric,
  onMaterial,
}: DialogueSectionProps): ReactElement {
  const tab = useAppState((state) => state.dialogueTab);
  const setTab = useAppState((state) => state.dialogueTabChosen);
  const [areThoughtsShown, setAreThoughtsShown] = useState(true);
  const dialogue = useOpenDialogue();
  const groupId = useAppState((state) => state.rollout.groupId);
  return (
    <Section title={useTitle()} gloss={useGloss()} className="dialogue" lesson="dialogue" facts={<OpenState />}>
      <FailureNotice />
      {dialogue === null ? (
        <EmptyDialogue onMaterial={onMaterial} />
      ) : (
        <Tabs value={tab} onChange={setTab} keepMounted={false} className="dialogue__tabs">
          <div className="dialogue__bar">
            <Tabs.List aria-label="Views of the dialogue">
              <Tabs.Tab value="conversation" data-lesson="dialogue-conversation">
                Conversation
              </Tabs.Tab>
              <Tabs.Tab value="prompts" data-lesson="dialogue-prompts">
                Prompts
              </Tabs.Tab>
              <Tabs.Tab value="compare">Compare</Tabs.Tab>
            </Tabs.List>
            <SideControls dialogue={dialogue} />
            <ThoughtsSwitch isOn={areThoughtsShown} onChange={setAreThoughtsShown} />
          </div>
          <Tabs.Panel value="conversation" className="dialogue__panel">
            <Conversation
              key={`${groupId} ${keyOf(dialogue)}`}
              dialogue={dialogue}
              areThoughtsShown={areThoughtsShown}
              renderScore={renderScore}
            />
          </Tabs.Panel>
          <Tabs.Panel value="prompts" className="dialogue__panel">
            <PromptsTab key={`${groupId} ${keyOf(dialogue)}`} dialogue={dialogue} areGoalsShown={areGoalsShown} />
          </Tabs.Panel>
          <Tabs.Panel value="compare" className="dialogue__panel">
            <CompareTab renderScore={renderScore} />
          </Tabs.Panel>
        </Tabs>
      )}
      {rubric !== null && <div className="dialogue__rubric">{rubric}</div>}
    </Section>
  );
}

function useTitle(): string {
  const dialogue = useOpenDialogue();
  const count = useAppState((state) => state.rollout.head?.settings.groupSize ?? 0);
  if (dialogue === null) return 'Dialogue';
  return dialogue.branch > 0 ? `Dialogue ${nameOf(dialogue)}` : `Dialogue ${nameOf(dialogue)} of ${count}`;
}

function useGloss(): string {
  const isRecorded = useAppState((state) => state.rollout.isRecorded);
  const branch = useOpenDialogue()?.branch ?? 0;
  if (branch > 0) return 'a branch, from an edited utterance on';
  return isRecorded ? 'recorded' : '';
}

function OpenState(): ReactElement | null {
  const dialogue = useOpenDialogue();
  const rollout = useAppState((state) => state.rollout);
  if (dialogue === null) return null;
  const state = dialogueState(dialogue, rollout);
  return (
    <span className="dialogue__state" data-state={state}>
      {state}
    </span>
  );
}

function ThoughtsSwitch({
  isOn,
  onChange,
}: {
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}): ReactElement | null {
  const isThinking = useAppState(({ rollout }) => rollout.head !== null && rollout.head.settings.thinking !== 'none');
  if (!isThinking) return null;
  return (
    <Switch
      className="dialogue__switch"
      size="xs"
      color="ink"
      label="Thoughts"
      labelPosition="left"
      checked={isOn}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}

function FailureNotice(): ReactElement | null {
  const failure = useAppState((state) => state.rollout.failure);
  if (failure === null) return null;
  return <Notice what="The negotiation failed." why={failure.message} remedy={FAILURES[failure.code]} />;
}
