import './layout.css';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useState, type ReactElement } from 'react';
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
import { ModelStatus } from './model-status.tsx';
import { useIsWithoutGpu, WebGpuNotice } from './webgpu-notice.tsx';
import { usePanel, type Panel } from './use-panel.ts';

type Dialog = 'model' | 'adapters' | 'device' | null;

const PANELS: readonly { readonly panel: Panel; readonly name: string }[] = [
  { panel: 'thinking', name: 'Thinking' },
  { panel: 'negotiation', name: 'Negotiation' },
  { panel: 'chat', name: 'Chat' },
  { panel: 'lessons', name: 'Lessons' },
];

export function Layout(): ReactElement {
  const panel = usePanel();
  const [dialog, setDialog] = useState<Dialog>(null);
  const { reload } = useModelLoading();
  const isWithoutGpu = useIsWithoutGpu();
  const close = (): void => setDialog(null);
  const modelStatus = isWithoutGpu ? null : <ModelStatus onChoose={() => setDialog('model')} />;
  return (
    <LessonsProvider>
      <header className="header">
        <span className="header__brand">
          <Logo />
          Duet
        </span>
        <nav className="header__nav" aria-label="Panels">
          {PANELS.map((entry) => (
            <a key={entry.panel} href={`#/${entry.panel}`} aria-current={entry.panel === panel ? 'page' : undefined}>
              {entry.name}
            </a>
          ))}
        </nav>
        <div className="header__tools">
          <ModelChip onClick={() => setDialog('model')} />
          <AdapterChip onClick={() => setDialog('adapters')} />
          <GpuChip onClick={() => setDialog('device')} />
          <LessonButton />
          <SchemeToggle />
        </div>
      </header>
      {isWithoutGpu && <WebGpuNotice />}
      {/* All stay mounted: a run goes on while the visitor looks at another panel. */}
      <main hidden={panel !== 'thinking'} aria-label="Thinking">
        <h1 className="visually-hidden">Asynchronous thinking</h1>
        <AsyncReasoningPanel
          modelStatus={panel === 'thinking' ? modelStatus : null}
          share={<ShareButton isSmall />}
          onReload={(contextLength) => reload({ contextLength })}
        />
      </main>
      <main hidden={panel !== 'negotiation'} aria-label="Negotiation">
        <h1 className="visually-hidden">Negotiation</h1>
        <NegotiationPanel modelStatus={panel === 'negotiation' ? modelStatus : null} share={<ShareButton />} />
      </main>
      <main hidden={panel !== 'chat'} aria-label="Chat">
        <h1 className="visually-hidden">Chat</h1>
        <ChatPanel modelStatus={panel === 'chat' ? modelStatus : null} share={<ShareButton />} />
      </main>
      <main hidden={panel !== 'lessons'} aria-label="Lessons">
        <h1 className="visually-hidden">Lessons</h1>
        <LessonsPage />
      </main>
      <LessonSheet />
      <ModelChooser isOpen={dialog === 'model'} onOpen={() => setDialog('model')} onClose={close} />
      <AdaptersDialog isOpen={dialog === 'adapters'} onClose={close} />
      <UpdateNotice />
      <DeviceReportDialog isOpen={dialog === 'device'} onClose={close} />
    </LessonsProvider>
  );
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
