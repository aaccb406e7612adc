import './model-chooser.css';
import { Button, Portal, Tabs } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useState, useSyncExternalStore, type ReactElement } from 'react';
import { webLlm } from '@/client/web-llm-chat.ts';
import { DEFAULT_CONTEXT_LENGTH } from '@/protocol/model-fit.ts';
import type { ModelSource } from '@/protocol/model.ts';
import { reasonNotToLoad } from '@/state/engine-use.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { Notice } from '@/ui/notice.tsx';
import { CatalogueTab } from './chooser/catalogue-tab.tsx';
import { FilesTab } from './chooser/files-tab.tsx';
import { HuggingFaceTab } from './chooser/hugging-face-tab.tsx';
import { LoadedModel } from './chooser/loaded-model.tsx';
import { OfflineLine } from './chooser/offline-section.tsx';
import { MemoryOptions, type ChosenOptions } from './chooser/memory-options.tsx';
import { remedyOfLoad } from './chooser/refusal.ts';
import { StorageTab } from './chooser/storage-tab.tsx';
import { useChosenFiles } from './chooser/use-chosen-files.ts';
import { useMemoryProbe } from './chooser/use-memory-probe.ts';
import { usePageDrop } from './chooser/use-page-drop.ts';
import { useStorage } from './chooser/use-storage.ts';
import { WebLlmTab } from './chooser/web-llm-tab.tsx';
import { LoadProgressLine } from './load-progress.tsx';
import { useModelLoading } from './model-loading.tsx';

const FIRST_OPTIONS: ChosenOptions = { contextLength: DEFAULT_CONTEXT_LENGTH, kvType: 'auto', quantization: 'none' };

interface ModelChooserProps {
  readonly isOpen: boolean;
  /** Files were dropped somewhere on the page. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/** Choose what to load, from wherever it comes, knowing what it takes; and see what the browser keeps. */
export function ModelChooser({ isOpen, onOpen, onClose }: ModelChooserProps): ReactElement {
  const { load } = useModelLoading();
  const [tab, setTab] = useState<string | null>('catalogue');
  const [options, setOptions] = useState<ChosenOptions>(FIRST_OPTIONS);
  const isPhone = useMediaQuery('(max-width: 35em)', false, { getInitialValueInEffect: false });
  const obstacle = useAppState(reasonNotToLoad);
  const isLocked = obstacle !== null;
  const probe = useMemoryProbe();
  const storage = useStorage();
  const onLoad = (source: ModelSource): void => load(source, options);
  const choice = useChosenFiles(options, onLoad);
  const isOver = usePageDrop({
    isOpen,
    onFiles: (files) => {
      setTab('files');
      onOpen();
      choice.choose(files);
    },
  });
  const changeOptions = (changed: ChosenOptions): void => {
    setOptions(changed);
    choice.reread(changed);
  };
  useStorageReport(isOpen, storage.refresh);

  const memory = <MemoryOptions options={options} onChange={changeOptions} probe={probe} />;
  return (
    <>
      {isOver && <DropOverlay />}
      <Dialog title="Model" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen={isPhone} size="60rem">
        <div className="chooser">
          <ChooserHead obstacle={obstacle} onShowStorage={() => setTab('storage')} />
          <Tabs value={tab} onChange={setTab} keepMounted={false} color="ink">
            <Tabs.List className="chooser__tabs">
              <Tabs.Tab value="catalogue">Catalogue</Tabs.Tab>
              <Tabs.Tab value="hub">Hugging Face</Tabs.Tab>
              <Tabs.Tab value="files">Your files</Tabs.Tab>
              <Tabs.Tab value="webLlm">web-llm</Tabs.Tab>
              <Tabs.Tab value="storage">Storage</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="catalogue" className="chooser__panel">
              {memory}
              <CatalogueTab options={options} isLocked={isLocked} onLoad={onLoad} />
            </Tabs.Panel>
            <Tabs.Panel value="hub" className="chooser__panel">
              {memory}
              <HuggingFaceTab isLocked={isLocked} onLoad={onLoad} />
            </Tabs.Panel>
            <Tabs.Panel value="files" className="chooser__panel">
              {memory}
              <FilesTab choice={choice} isLocked={isLocked} />
            </Tabs.Panel>
            <Tabs.Panel value="webLlm" className="chooser__panel">
              <WebLlmTab />
            </Tabs.Panel>
            <Tabs.Panel value="storage" className="chooser__panel">
              <StorageTab storage={storage} isLocked={isLocked} onLoad={onLoad} />
            </Tabs.Panel>
          </Tabs>
        </div>
      </Dialog>
    </>
  );
}

/** Taken when the chooser opens, and when a load of either engine has ended: then there is one more, or a part of one. */
function useStorageReport(isOpen: boolean, refresh: () => Promise<void>): void {
  const isWebLlmLoading = useSyncExternalStore(webLlm.subscribe, () => webLlm.status().kind === 'loading');
  const isLoading = useAppState((state) => state.model.status === 'loading') || isWebLlmLoading;
  useEffect(() => {
    if (isOpen && !isLoading) void refresh();
  }, [isOpen, isLoading, refresh]);
}

interface ChooserHeadProps {
  /** Why nothing is loaded or unloaded now. */
  readonly obstacle: string | null;
  readonly onShowStorage: () => void;
}

function ChooserHead({ obstacle, onShowStorage }: ChooserHeadProps): ReactElement {
  const { unload } = useModelLoading();
  const failure = useAppState((state) => state.model.failure);
  const info = useAppState((state) => state.model.info);
  return (
    <>
      {obstacle !== null && (
        <p className="chooser__locked" role="status">
          {obstacle}
        </p>
      )}
      <div className="chooser__status">
        {failure !== null && (
          <Notice
            what={info === null ? 'The model was not loaded.' : 'The model was not loaded. The one before it still is.'}
            why={failure.message}
            remedy={remedyOfLoad(failure)}
          />
        )}
        <LoadProgressLine />
      </div>
      {info !== null && (
        <div className="chooser__loaded">
          <LoadedModel info={info} />
          <Button variant="default" disabled={obstacle !== null} onClick={unload}>
            Unload and free the GPU
          </Button>
        </div>
      )}
      <OfflineLine onShow={onShowStorage} />
    </>
  );
}

function DropOverlay(): ReactElement {
  return (
    <Portal>
      <div className="drop-overlay" role="status">
        <p>
          Drop to open a model
          <small>GGUF files, or a folder with safetensors or MLC weights. They stay on this machine.</small>
        </p>
      </div>
    </Portal>
  );
}
