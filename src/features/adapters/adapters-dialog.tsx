import './adapters.css';
import { Tabs } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { useDuet } from '@/client/engine-context.tsx';
import { useSharing } from '@/client/use-sharing.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import { AdaptersTab } from './adapters-tab.tsx';
import { FineTuneTab } from './fine-tune/fine-tune-tab.tsx';
import { useFineTune } from './fine-tune/use-fine-tune.ts';
import { useAdapters } from './use-adapters.ts';

interface AdaptersDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** The model's adapters, and their training on texts of one's own. Training goes on while the dialog is closed. */
export function AdaptersDialog({ isOpen, onClose }: AdaptersDialogProps): ReactElement {
  const driver = useFineTune();
  const share = useSharing();
  const [tab, setTab] = useState<string | null>('adapters');
  const shareFineTune = (): void => {
    onClose();
    share('fineTune');
  };
  return (
    <Dialog
      title="Adapters"
      isOpen={isOpen}
      onClose={onClose}
      isLocked={false}
      isFullScreen
      onShare={tab === 'fineTune' ? shareFineTune : undefined}
    >
      <Tabs value={tab} onChange={setTab} keepMounted={false} color="ink" className="adapters">
        <Tabs.List>
          <Tabs.Tab value="adapters">Adapters</Tabs.Tab>
          <Tabs.Tab value="fineTune">Fine-tune</Tabs.Tab>
        </Tabs.List>
        <Body driver={driver} />
      </Tabs>
    </Dialog>
  );
}

function Body({ driver }: { readonly driver: ReturnType<typeof useFineTune> }): ReactElement {
  const duet = useDuet();
  const adapters = useAdapters();
  const isReady = useAppState((state) => state.model.status === 'ready');
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!isReady) return;
    duet.training.listAdapters().then(
      () => setProblem(null),
      (error: Error) => setProblem(error.message),
    );
  }, [duet, isReady]);
  if (!isReady) {
    return <Notice what="No model is loaded" why="Adapters belong to a model." remedy="Close this and load a model." />;
  }
  return (
    <>
      {problem !== null && <Notice what="The adapters could not be listed" why={problem} remedy="" />}
      <Tabs.Panel value="adapters">
        <AdaptersTab adapters={adapters} />
      </Tabs.Panel>
      <Tabs.Panel value="fineTune">
        <FineTuneTab driver={driver} adapters={adapters} />
      </Tabs.Panel>
    </>
  );
}
