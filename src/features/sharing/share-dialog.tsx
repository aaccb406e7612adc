import { Button, Checkbox, Radio, TextInput, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useId, useMemo, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { fileStem } from '@/lib/file-stem.ts';
import {
  SHARE_FILE_SUFFIX,
  type MadeShare,
  type SharedContent,
  type SharedPage,
  type SharedReplay,
} from '@/protocol/shared-content.ts';
import type { AppState } from '@/state/app-store.ts';
import { collectShared, sharedJudge, type CollectOptions } from '@/state/sharing/collect-shared.ts';
import { checkedForSharing, makeShare } from '@/state/sharing/share-text.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { FileButton } from '@/ui/file-button.tsx';
import { Notice } from '@/ui/notice.tsx';
import { saveText } from '@/ui/save-file.ts';
import { ShareLink } from './share-link.tsx';
import { SharedFacts } from './shared-facts.tsx';
import { hasReplay, replayOf } from './shown-replay.ts';

interface ShareDialogProps {
  /** What is shared; null: the dialog is closed. */
  readonly page: SharedPage | null;
  readonly onClose: () => void;
  readonly onFile: (file: File) => void;
}

/** Makes a link or a file of what stands on a page. */
export function ShareDialog({ page, onClose, onFile }: ShareDialogProps): ReactElement {
  const theme = useMantineTheme();
  const isNarrow = useMediaQuery(`(max-width: ${theme.breakpoints.sm})`);
  return (
    <Dialog
      title="Share"
      isOpen={page !== null}
      onClose={onClose}
      isLocked={false}
      isFullScreen={isNarrow}
      size="46rem"
    >
      {page !== null && <ShareForm page={page} onFile={onFile} />}
    </Dialog>
  );
}

type What = 'setUp' | 'replay';

const QUESTION_LABELS: Readonly<Record<SharedPage, string>> = {
  thinking: 'Question',
  negotiation: 'Dilemma and personas',
  training: 'Chosen dilemma and personas',
  evaluation: 'Chosen dilemma and personas',
  chat: 'Question in the box',
};

const SETTINGS_LABELS: Readonly<Record<SharedPage, string>> = {
  thinking: 'Settings',
  negotiation: 'Settings, judge and prompts',
  training: 'Settings, judge and prompts',
  evaluation: 'Settings, judge and prompts',
  chat: 'Settings and system prompt',
};

const REPLAY_LABELS: Readonly<Record<SharedPage, string>> = {
  thinking: 'The run that is shown, to be replayed',
  negotiation: 'The dialogues that are shown',
  training: 'The run that is shown, with its charts and the shown step',
  evaluation: '',
  chat: '',
};

function ShareForm({
  page,
  onFile,
}: {
  readonly page: SharedPage;
  readonly onFile: (file: File) => void;
}): ReactElement {
  const store = useAppStore();
  // As it was when the dialog was opened: a run that goes on does not change the link under the reader's eyes.
  const [state] = useState(() => store.getState());
  const [what, setWhat] = useState<What>('setUp');
  const [options, setOptions] = useState<CollectOptions>({ withQuestion: true, withSettings: true, withServer: false });
  const [title, setTitle] = useState('');
  const replay = useReplay(state, page, what === 'replay');
  // A recording is large: it is checked once, and not with every letter of its title.
  const checked = useMemo((): SharedContent | string | null => {
    if (what === 'setUp') return attempt(() => checkedForSharing(collectShared(state, page, options)));
    if (replay === null || typeof replay === 'string') return replay;
    return attempt(() => checkedForSharing({ kind: 'replay', replay }));
  }, [state, page, options, what, replay]);
  return (
    <div className="share">
      <div className="share__choice">
        <WhatField page={page} state={state} what={what} onWhat={setWhat} />
        {what === 'setUp' && <PartFields page={page} state={state} options={options} onOptions={setOptions} />}
        <TextInput
          label="Title"
          description="Optional; shown to whoever opens it."
          maxLength={120}
          value={title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
      </div>
      {checked === null && <p role="status">The run is being put together.</p>}
      {typeof checked === 'string' && <Notice what="This cannot be shared" why={checked} remedy="" />}
      {checked !== null && typeof checked === 'object' && <Checked content={checked} title={title} onFile={onFile} />}
    </div>
  );
}

interface CheckedProps {
  /** Without its title. */
  readonly content: SharedContent;
  readonly title: string;
  readonly onFile: (file: File) => void;
}

function Checked({ content, title, onFile }: CheckedProps): ReactElement {
  const named = useMemo(() => (title.trim() === '' ? content : { ...content, title: title.trim() }), [content, title]);
  const made = useMemo(() => makeShare(named, `${location.origin}${location.pathname}`), [named]);
  const facts = useMemo(() => <SharedFacts content={content} />, [content]);
  return (
    <>
      {facts}
      <Made made={made} content={named} onFile={onFile} />
    </>
  );
}

/** Null until it is there; a text: why there is none. */
function useReplay(state: AppState, page: SharedPage, isWanted: boolean): SharedReplay | string | null {
  const duet = useDuet();
  const [replay, setReplay] = useState<SharedReplay | string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: SharedReplay | string): void => {
      if (isCurrent) setReplay(found);
    };
    if (isWanted)
      replayOf(state, page, duet).then(
        (found) => show(found ?? 'Nothing of it can be replayed.'),
        (error: unknown) => show(messageOf(error)),
      );
    return () => {
      isCurrent = false;
    };
  }, [state, page, duet, isWanted]);
  return replay;
}

/** @returns what is wrong, if it cannot be made */
function attempt(make: () => SharedContent): SharedContent | string {
  try {
    return make();
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface WhatFieldProps {
  readonly page: SharedPage;
  readonly state: AppState;
  readonly what: What;
  readonly onWhat: (what: What) => void;
}

function WhatField({ page, state, what, onWhat }: WhatFieldProps): ReactElement | null {
  if (!hasReplay(state, page)) return null;
  return (
    <Radio.Group
      label="What to share"
      value={what}
      onChange={(value) => onWhat(value === 'replay' ? 'replay' : 'setUp')}
    >
      <Radio value="setUp" label="The set-up, to be run again" />
      <Radio value="replay" label={REPLAY_LABELS[page]} />
    </Radio.Group>
  );
}

interface PartFieldsProps {
  readonly page: SharedPage;
  readonly state: AppState;
  readonly options: CollectOptions;
  readonly onOptions: (options: CollectOptions) => void;
}

function PartFields({ page, state, options, onOptions }: PartFieldsProps): ReactElement {
  const id = useId();
  const isServer = page === 'chat' && state.chatForm.kind === 'endpoint';
  const isJudgeLeftOut = page !== 'chat' && page !== 'thinking' && sharedJudge(state) === null;
  return (
    <div className="share__parts" role="group" aria-labelledby={id}>
      <span id={id} className="share__label">
        What goes in
      </span>
      <Checkbox
        label={QUESTION_LABELS[page]}
        checked={options.withQuestion}
        onChange={(event) => onOptions({ ...options, withQuestion: event.currentTarget.checked })}
      />
      <Checkbox
        label={SETTINGS_LABELS[page]}
        checked={options.withSettings}
        onChange={(event) => onOptions({ ...options, withSettings: event.currentTarget.checked })}
      />
      {isServer && (
        <Checkbox
          label="Address of the server and name of its model"
          description="Never its key. Only useful to people who reach this address."
          checked={options.withServer}
          onChange={(event) => onOptions({ ...options, withServer: event.currentTarget.checked })}
        />
      )}
      {isJudgeLeftOut && options.withSettings && <p>The judge is a server, so it is left out.</p>}
    </div>
  );
}

interface MadeProps {
  readonly made: MadeShare;
  readonly content: SharedContent;
  readonly onFile: (file: File) => void;
}

function Made({ made, content, onFile }: MadeProps): ReactElement {
  const save = (): void =>
    saveText(
      `${fileStem(content.title ?? '', `duet-${content.kind}`)}${SHARE_FILE_SUFFIX}`,
      'application/json',
      made.text,
    );
  return (
    <>
      <ShareLink link={made.link} title={content.title} />
      <p className="share__promise">
        Nothing is uploaded: all of it stands in the link or the file, and is read in the browser that opens it. Whoever
        has the link can read what is inside.
      </p>
      <div className="share__files">
        <Button variant={made.link === null ? 'filled' : 'default'} onClick={save}>
          Save as file
        </Button>
        <FileButton
          label="Open a shared file"
          name="Shared file"
          accept=".json,application/json"
          title="Shows what is inside before anything is put in place"
          onFile={onFile}
        />
      </div>
    </>
  );
}
