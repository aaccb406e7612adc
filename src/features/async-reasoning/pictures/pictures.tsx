import './pictures.css';
import { Tabs } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { PICTURE_NAMES, readPictureName, type PictureName } from '@/state/pictures-slice.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { BlockMap } from './block-map/block-map.tsx';
import { Check } from './check/check.tsx';
import { RotaryDial } from './rotary-dial/rotary-dial.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { WhatItRead } from './what-it-read/what-it-read.tsx';

const PICTURES: Readonly<Record<PictureName, { readonly label: string; readonly Picture: () => ReactElement }>> = {
  timeline: { label: 'Timeline', Picture: Timeline },
  blocks: { label: 'Blocks', Picture: BlockMap },
  whatItRead: { label: 'What it read', Picture: WhatItRead },
  rotaryDial: { label: 'Rotary dial', Picture: RotaryDial },
  check: { label: 'Check', Picture: Check },
};

/** The run in pictures, one at a time. `actions` stand at the end of the tabs. */
export function Pictures({ actions }: { readonly actions: ReactNode }): ReactElement {
  const picture = useAppState((state) => state.picture);
  const pictureChosen = useAppState((state) => state.pictureChosen);
  return (
    <section className="pictures" data-lesson="pictures" aria-label="Pictures">
      <Tabs
        value={picture}
        onChange={(value) => pictureChosen(readPictureName(value))}
        keepMounted={false}
        className="pictures__tabs"
        variant="default"
      >
        <div className="pictures__head">
          <Tabs.List aria-label="Pictures of the run">
            {PICTURE_NAMES.map((name) => (
              <Tabs.Tab key={name} value={name} data-lesson={`picture-${name}`}>
                {PICTURES[name].label}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {actions}
        </div>
        {PICTURE_NAMES.map((name) => {
          const { Picture } = PICTURES[name];
          return (
            <Tabs.Panel key={name} value={name} className="pictures__panel">
              <Picture />
            </Tabs.Panel>
          );
        })}
      </Tabs>
    </section>
  );
}
