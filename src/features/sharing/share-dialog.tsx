import { Button, Checkbox, Radio, TextInput, useMantineTheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useId, useMemo, useState, type ReactElement } from 'react';
import type { DuetApi } from '@/client/duet-api.ts';
import { useDuet } from '@/client/engine-context.tsx';
import { fileStem } from '@/lib/file-stem.ts';
import {
  SHARE_FILE_SUFFIX,
  type MadeShare,
  type SharedContent,
  type SharedContentInput,
  type SharedPage,
} from '@/protocol/shared-content.ts';
import type { AppState } from '@/state/app-store.ts';
import { MAX_KEPT_DATA } from '@/state/fine-tune-form.ts';
import { namesAddress } from '@/state/sharing/check-shared-scenario.ts';
import {
  collectShared,
  EVERYTHING_HARMLESS,
  sharedJudge,
  type CollectOptions,
} from '@/state/sharing/collect-shared.ts';
import { checkedForSharing, makeShare } from '@/state/sharing/share-text.ts';
import { useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { FileButton } from '@/ui/file-button.tsx';
import { Notice } from '@/ui/notice.tsx';
import { saveText } from '@/ui/save-file.ts';
import { ShareLink } from './share-link.tsx';
import { SharedFacts } from './shared-facts.tsx';
import { hasReplay, replayOf } from './shown-replay.ts';
import { hasScenario, scenarioOf } from './shown-scenario.ts';

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

type What = 'setUp' | 'replay' | 'scenario';

/** null: the page has no such part. */
const QUESTION_LABELS: Readonly<Record<SharedPage, string | null>> = {
  thinking: 'Question',
  negotiation: 'Dilemma and personas',
  training: 'Chosen dilemma and personas',
  evaluation: 'Chosen dilemma and personas',
  chat: 'Question in the box',
  fineTune: null,
  thinkingEvaluation: null,
};

const SETTINGS_LABELS: Readonly<Record<SharedPage, string | null>> = {
  thinking: 'Settings',
  negotiation: 'Settings, judge and prompts',
  training: 'Settings, judge and prompts',
  evaluation: 'Settings, judge and prompts',
  chat: 'Settings and system prompt',
  fineTune: null,
  thinkingEvaluation: 'Settings of the panel',
};

const REPLAY_LABELS: Readonly<Record<SharedPage, string>> = {
  thinking: 'The run that is shown, to be replayed',
  negotiation: 'The dialogues that are shown',
  training: 'The run that is shown, with its charts and the shown step',
  evaluation: '',
  chat: '',
  fineTune: '',
  thinkingEvaluation: '',
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
  const [options, setOptions] = useState<CollectOptions>(EVERYTHING_HARMLESS);
  const [title, setTitle] = useState('');
  const found = useFound(state, page, what);
  // A recording is large: it is checked once, and not with every letter of its title.
  const checked = useMemo((): SharedContent | string | null => {
    if (what === 'setUp') return attempt(() => checkedForSharing(collectShared(state, page, options)));
    if (found === null || typeof found === 'string') return found;
    if (found.kind === 'scenario' && namesAddress(found.scenario) && !options.withServer) return ADDRESS_KEPT;
    return attempt(() => checkedForSharing(found));
  }, [state, page, options, what, found]);
  return (
    <div className="share">
      <div className="share__choice">
        <WhatField page={page} state={state} what={what} onWhat={setWhat} />
        {what === 'setUp' && <PartFields page={page} state={state} options={options} onOptions={setOptions} />}
        {what === 'scenario' && <ScenarioFields found={found} options={options} onOptions={setOptions} />}
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

type Found = Extract<SharedContentInput, { kind: 'replay' | 'scenario' }>;

const ADDRESS_KEPT =
  'Without the address from which the model was loaded, nobody can repeat it. Tick it if whoever opens this may know it.';

/** What was done on the page. Null until it is there; a text: why there is none. */
function useFound(state: AppState, page: SharedPage, what: What): Found | string | null {
  const duet = useDuet();
  const [found, setFound] = useState<Found | string | null>(null);
  useEffect(() => {
    let isCurrent = true;
    const show = (now: Found | string): void => {
      if (isCurrent) setFound(now);
    };
    if (what !== 'setUp')
      find(state, page, what, duet).then(
        (now) => show(now ?? 'Nothing of it can be repeated.'),
        (error: unknown) => show(messageOf(error)),
      );
    return () => {
      isCurrent = false;
    };
  }, [state, page, duet, what]);
  // Until then it is what was wanted before.
  return typeof found === 'object' && found !== null && found.kind !== what ? null : found;
}

async function find(
  state: AppState,
  page: SharedPage,
  kind: Exclude<What, 'setUp'>,
  duet: DuetApi,
): Promise<Found | null> {
  if (kind === 'scenario') {
    const scenario = await scenarioOf(state, page, duet);
    return scenario === null ? null : { kind, scenario };
  }
  const replay = await replayOf(state, page, duet);
  return replay === null ? null : { kind, replay };
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
  const [canReplay, canRepeat] = [hasReplay(state, page), hasScenario(state, page)];
  if (!canReplay && !canRepeat) return null;
  return (
    <Radio.Group
      label="What to share"
      value={what}
      onChange={(value) => onWhat(value === 'replay' || value === 'scenario' ? value : 'setUp')}
    >
      <Radio value="setUp" label="The set-up, to be run again" />
      {canReplay && <Radio value="replay" label={REPLAY_LABELS[page]} />}
      {canRepeat && (
        <Radio value="scenario" label="A scenario: repeats what was done and says if it came out the same" />
      )}
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
  const isJudgeLeftOut = HAS_RULES.has(page) && sharedJudge(state) === null;
  const [questionLabel, settingsLabel] = [QUESTION_LABELS[page], SETTINGS_LABELS[page]];
  return (
    <div className="share__parts" role="group" aria-labelledby={id}>
      <span id={id} className="share__label">
        What goes in
      </span>
      {questionLabel !== null && (
        <Checkbox
          label={questionLabel}
          checked={options.withQuestion}
          onChange={(event) => onOptions({ ...options, withQuestion: event.currentTarget.checked })}
        />
      )}
      {settingsLabel !== null && (
        <Checkbox
          label={settingsLabel}
          checked={options.withSettings}
          onChange={(event) => onOptions({ ...options, withSettings: event.currentTarget.checked })}
        />
      )}
      {page === 'fineTune' && <ExamplesField state={state} options={options} onOptions={onOptions} />}
      {isServer && (
        <Checkbox
          label="Address of the server and name of its model"
          description="Never its key. Only useful to people who reach this address."
          checked={options.withServer}
          onChange={(event) => onOptions({ ...options, withServer: event.currentTarget.checked })}
        />
      )}
      {isJudgeLeftOut && options.withSettings && <p>The judge is a server, so it is left out.</p>}
      {page === 'thinkingEvaluation' && state.evaluationPlan.set === 'imported' && (
        <p>The imported questions are left out. Hand on their file.</p>
      )}
    </div>
  );
}

const HAS_RULES: ReadonlySet<SharedPage> = new Set(['negotiation', 'training', 'evaluation']);

type ExamplesFieldProps = Pick<PartFieldsProps, 'state' | 'options' | 'onOptions'>;

/** The examples are the visitor's own words: they go in only if they say so. */
function ExamplesField({ state, options, onOptions }: ExamplesFieldProps): ReactElement {
  const { length } = state.fineTuneForm.data;
  const isLong = length > MAX_KEPT_DATA;
  return (
    <Checkbox
      label="The examples"
      description={
        isLong
          ? `Too long: more than ${MAX_KEPT_DATA.toLocaleString('en')} characters. Hand on their file.`
          : `${length.toLocaleString('en')} characters. Without them, whoever opens it brings their own.`
      }
      disabled={isLong || length === 0}
      checked={options.withData && !isLong}
      onChange={(event) => onOptions({ ...options, withData: event.currentTarget.checked })}
    />
  );
}

interface ScenarioFieldsProps extends Pick<PartFieldsProps, 'options' | 'onOptions'> {
  readonly found: Found | string | null;
}

function ScenarioFields({ found, options, onOptions }: ScenarioFieldsProps): ReactElement | null {
  if (found === null || typeof found === 'string' || found.kind !== 'scenario') return null;
  if (!namesAddress(found.scenario)) return null;
  return (
    <Checkbox
      label="Address of the model"
      description={found.scenario.model?.source}
      checked={options.withServer}
      onChange={(event) => onOptions({ ...options, withServer: event.currentTarget.checked })}
    />
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
