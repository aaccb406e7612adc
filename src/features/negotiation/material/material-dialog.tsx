import './material.css';
import { Tabs } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { keepMaterialOf } from '@/state/material-keeper.ts';
import { isGenerating } from '@/state/material-generation.ts';
import { useAppState, useAppStore } from '@/state/use-app-state.ts';
import { Dialog } from '@/ui/dialog.tsx';
import { GenerateTab } from './generate/generate-tab.tsx';
import { DILEMMA_KIND, PAIR_KIND } from './item-kinds.ts';
import { ItemsTab } from './items-tab.tsx';
import { PromptsTab } from './prompts/prompts-tab.tsx';

interface MaterialDialogProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Dilemmas, persona pairs and prompts. What was kept is read once, as soon as this is on the page. */
export function MaterialDialog({ isOpen, onClose }: MaterialDialogProps): ReactElement {
  const store = useAppStore();
  useEffect(() => keepMaterialOf(store), [store]);
  const [tab, setTab] = useState<string | null>('dilemmas');
  const isKept = useAppState((state) => state.isMaterialKept);
  const numWaiting = useAppState((state) => state.review.length);
  const isRunning = useAppState((state) => isGenerating(state.generation));
  return (
    <Dialog title="Material" isOpen={isOpen} onClose={onClose} isLocked={false} isFullScreen>
      <Tabs value={tab} onChange={setTab} color="ink" className="material">
        {!isKept && (
          <p className="material__not-kept" role="alert">
            The browser keeps nothing of this: what you add or change is gone after a reload. Export it to keep a copy.
          </p>
        )}
        <Tabs.List>
          <Tabs.Tab value="dilemmas">Dilemmas</Tabs.Tab>
          <Tabs.Tab value="pairs">Persona pairs</Tabs.Tab>
          <Tabs.Tab value="generate">
            Generate{isRunning ? ' (running)' : numWaiting > 0 ? ` (${numWaiting})` : ''}
          </Tabs.Tab>
          <Tabs.Tab value="prompts">Prompts</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="dilemmas">
          <ItemsTab kind={DILEMMA_KIND} onClose={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="pairs">
          <ItemsTab kind={PAIR_KIND} onClose={onClose} />
        </Tabs.Panel>
        <Tabs.Panel value="generate">
          <GenerateTab />
        </Tabs.Panel>
        <Tabs.Panel value="prompts">
          <PromptsTab />
        </Tabs.Panel>
      </Tabs>
    </Dialog>
  );
}
