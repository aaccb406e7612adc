import './update-notice.css';
import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { pageKeeper, useKeptPage } from '@/client/page-keeper.ts';
import { reasonNotToReload } from '@/state/engine-use.ts';
import { useAppState } from '@/state/use-app-state.ts';

/** Says that a newer version of the page waits. It comes by the button, or when all tabs of Duet have been closed. */
export function UpdateNotice(): ReactElement | null {
  const { hasUpdate } = useKeptPage();
  const [isPutOff, setIsPutOff] = useState(false);
  if (!hasUpdate || isPutOff) return null;
  return (
    <section className="update-notice" aria-label="Newer version">
      <UpdateText />
      <div className="update-notice__actions">
        <ReloadButton />
        <Button variant="default" onClick={() => setIsPutOff(true)}>
          Later
        </Button>
      </div>
    </section>
  );
}

const OTHER_TABS_OPEN =
  'Close the other tabs of Duet and its documents, then press Reload again: they need their version.';

export function UpdateText(): ReactElement {
  const { hasOtherTabs } = useKeptPage();
  const obstacle = useAppState(reasonNotToReload) ?? (hasOtherTabs ? OTHER_TABS_OPEN : null);
  return (
    <p role="status">
      A newer version of Duet is ready. {obstacle ?? 'Loading it keeps your texts, settings, runs and models.'}
    </p>
  );
}

export function ReloadButton(): ReactElement {
  const isBusy = useAppState((state) => reasonNotToReload(state) !== null);
  return (
    <Button disabled={isBusy} onClick={() => pageKeeper.takeUpdate()}>
      Reload
    </Button>
  );
}
