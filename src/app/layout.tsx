import './layout.css';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useMemo, useRef, useState, type ReactElement } from 'react';
import { AdapterChip } from '@/features/adapters/adapter-chip.tsx';
import { AdaptersDialog } from '@/features/adapters/adapters-dialog.tsx';
import { AsyncReasoningPanel } from '@/features/async-reasoning/async-reasoning-panel.tsx';
import { ChatPanel } from '@/features/chat/chat-panel.tsx';
import { LessonButton } from '@/features/lessons/lesson-button.tsx';
import { LessonSheet } from '@/features/lessons/lesson-sheet.tsx';
import { LessonsPage } from '@/features/lessons/lessons-page.tsx';
import { LessonsProvider } from '@/features/lessons/lessons-context.tsx';
import { DeviceReportDialog } from '@/features/model/device-report.tsx';
import { GpuChip, ModelChip } from '@/features/model/model-chip.tsx';
import { useModelLoading } from '@/features/model/model-loading.tsx';
import { UpdateNotice } from '@/features/model/update-notice.tsx';
import { ModelChooser } from '@/features/model/model-chooser.tsx';
import { NegotiationPanel } from '@/features/negotiation/negotiation-panel.tsx';
import { ShareButton } from '@/features/sharing/share-button.tsx';
import { isPresenterAddress } from '@/features/presenter/presenter-address.ts';
import { PresentLink } from '@/features/presenter/present-link.tsx';
import { PresenterState } from '@/features/presenter/presenter-state.tsx';
import { PresenterView } from '@/features/presenter/presenter-view.tsx';
import { PRESENTER_PARAMS, writePageAddress } from '@/lib/page-address.ts';
import type { NegotiationControls, ThinkingControls } from '@/state/panel-controls.ts';
import { usePageAddress } from '@/ui/use-page-address.ts';
import { ModelStatus } from './model-status.tsx';
import { SkipLink } from './skip-link.tsx';
import { SpeedLine } from './speed-line.tsx';
import { StillTooltips } from './still-tooltips.tsx';
import { useIsWithoutGpu, WebGpuNotice } from './webgpu-notice.tsx';
import { usePanel, type Panel } from './use-panel.ts';

type Dialog = 'model' | 'adapters' | 'device' | null;

const PANELS: readonly { readonly panel: Panel; readonly name: string; readonly isPresented: boolean }[] = [
  { panel: 'thinking', name: 'Thinking', isPresented: true },
  { panel: 'negotiation', name: 'Negotiation', isPresented: true },
  { panel: 'chat', name: 'Chat', isPresented: false },
  { panel: 'lessons', name: 'Lessons', isPresented: false },
];

function canBePresented(panel: Panel): boolean {
  return PANELS.some((entry) => entry.panel === panel && entry.isPresented);
}

export function Layout(): ReactElement {
  const panel = usePanel();
  const [dialog, setDialog] = useState<Dialog>(null);
  const { reload } = useModelLoading();
  const isWithoutGpu = useIsWithoutGpu();
  const isPresenting = isPresenterAddress(usePageAddress());
  const thinking = useRef<ThinkingControls>(null);
  const negotiation = useRef<NegotiationControls>(null);
  const controls = useMemo(() => ({ thinking: () => thinking.current, negotiation: () => negotiation.current }), []);
  const close = (): void => setDialog(null);
  const modelStatus = isWithoutGpu ? null : <ModelStatus onChoose={() => setDialog('model')} />;
  return (
    <StillTooltips isStill={isPresenting}>
      <LessonsProvider>
        <header className="header">
          <SkipLink panel={panel} />
          <span className="header__brand">
            <Logo />
            <span className="header__name">Duet</span>
          </span>
          <nav className="header__nav" aria-label="Panels">
            {PANELS.filter(({ isPresented }) => !isPresenting || isPresented).map((entry) => (
              <a
                key={entry.panel}
                href={writePageAddress({ path: [entry.panel], params: isPresenting ? PRESENTER_PARAMS : {} })}
                aria-current={entry.panel === panel ? 'page' : undefined}
              >
                {entry.name}
              </a>
            ))}
          </nav>
          {isPresenting ? (
            <div className="header__tools">
              <PresenterState />
              <SchemeToggle />
            </div>
          ) : (
            <div className="header__tools">
              <div className="header__chips">
                <ModelChip onClick={() => setDialog('model')} />
                <AdapterChip onClick={() => setDialog('adapters')} />
                <GpuChip onClick={() => setDialog('device')} />
              </div>
              {/* On a phone they stand below the chips where they do not fit beside them. */}
              <div className="header__actions">
                <LessonButton />
                {canBePresented(panel) && <PresentLink />}
                <SchemeToggle />
              </div>
            </div>
          )}
        </header>
        {!isPresenting && <MachineNotice panel={panel} onDetails={() => setDialog('device')} />}
        {/* All stay mounted: a run goes on while the visitor looks at another panel. */}
        <main hidden={panel !== 'thinking'} aria-label="Thinking">
          <h1 className="visually-hidden">Asynchronous thinking</h1>
          <AsyncReasoningPanel
            modelStatus={panel === 'thinking' ? modelStatus : null}
            share={<ShareButton isSmall />}
            onReload={(contextLength) => reload({ contextLength })}
            controls={thinking}
          />
        </main>
        <main hidden={panel !== 'negotiation'} aria-label="Negotiation">
          <h1 className="visually-hidden">Negotiation</h1>
          <NegotiationPanel
            modelStatus={panel === 'negotiation' ? modelStatus : null}
            share={<ShareButton />}
            controls={negotiation}
          />
        </main>
        <main hidden={panel !== 'chat'} aria-label="Chat">
          <h1 className="visually-hidden">Chat</h1>
          <ChatPanel modelStatus={panel === 'chat' ? modelStatus : null} share={<ShareButton />} />
        </main>
        <main hidden={panel !== 'lessons'} aria-label="Lessons">
          <h1 className="visually-hidden">Lessons</h1>
          <LessonsPage />
        </main>
        {!isPresenting && <LessonSheet />}
        {isPresenting && <PresenterView panels={controls} />}
        <ModelChooser isOpen={dialog === 'model'} onOpen={() => setDialog('model')} onClose={close} />
        <AdaptersDialog isOpen={dialog === 'adapters'} onClose={close} />
        {!isPresenting && <UpdateNotice />}
        <DeviceReportDialog isOpen={dialog === 'device'} onClose={close} />
      </LessonsProvider>
    </StillTooltips>
  );
}

/** What the machine cannot do, or does slowly. */
function MachineNotice(props: { readonly panel: Panel; readonly onDetails: () => void }): ReactElement {
  return useIsWithoutGpu() ? <WebGpuNotice /> : <SpeedLine {...props} />;
}

function Logo(): ReactElement {
  return (
    <svg viewBox="0 0 20 14" width="22" height="15" aria-hidden="true">
      <rect x="0" y="1" width="20" height="4.5" rx="2.25" fill="var(--actor-thinker)" />
      <rect x="8" y="8.5" width="12" height="4.5" rx="2.25" fill="var(--actor-writer)" />
      <circle cx="3" cy="10.75" r="2.25" fill="var(--actor-user)" />
    </svg>
  );
}

function SchemeToggle(): ReactElement {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  return (
    <button
      type="button"
      className="header__scheme"
      aria-label={isDark ? 'Light colours' : 'Dark colours'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
      </svg>
    </button>
  );
}
