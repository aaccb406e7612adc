/** Whether everything is there that is needed without a network. */
import { useKeptPage, type KeptPage } from '@/client/page-keeper.ts';
import { CATALOGUE, DEFAULT_MODEL_ID } from '@/protocol/model-catalogue.ts';
import type { StoredModel } from '@/protocol/model-storage.ts';
import { useAppState } from '@/state/use-app-state.ts';
import { formatBytes } from '@/ui/format.ts';

export type OfflineState = 'unknown' | 'ready' | 'missing';

/** The embedded model's copy; null: there is none; 'unneeded' where no model can run. */
export type KeptModel = StoredModel | 'unneeded' | null;

export function useKeptModel(): KeptModel {
  return useAppState(({ model, storageReport }) => {
    if (model.device?.available === false) return 'unneeded';
    return (
      storageReport?.models.find(({ backend, source }) => backend === 'duet' && source === DEFAULT_MODEL_ID) ?? null
    );
  });
}

export function useOfflineState(): OfflineState {
  const page = useKeptPage();
  const isReported = useAppState(({ storageReport }) => storageReport !== null);
  const model = useKeptModel();
  if (!isReported || page.kept === 'unknown') return 'unknown';
  const isModelKept = model === 'unneeded' || model?.state === 'complete';
  return page.kept === 'kept' && isModelKept ? 'ready' : 'missing';
}

/** What stands in the way of the page itself. */
export function describePageKept({ kept, reason }: KeptPage): string {
  switch (kept) {
    case 'unknown':
    case 'keeping':
      return 'The page itself is being kept.';
    case 'kept':
      return 'The page itself is kept.';
    case 'notThisBuild':
      return 'The page itself is not kept: this is a build for development or tests.';
    case 'insecure':
      return 'The page itself is not kept: browsers do that on https and on localhost only.';
    case 'unsupported':
      return 'The page itself is not kept: this browser does not do that, or not in this window.';
    case 'certificate':
      return 'The page itself is not kept: the browser does not trust the certificate of this server. While the server runs, everything works.';
    case 'failed':
      return `The page itself was not kept (${reason ?? 'no reason was given'}). Loading the page again tries once more.`;
    default:
      return kept satisfies never;
  }
}

/** What is missing of the embedded model. */
export function describeModelKept(kept: StoredModel | null): string {
  const whole = formatBytes(CATALOGUE.find(({ id }) => id === DEFAULT_MODEL_ID)?.sizeBytes ?? 0);
  if (kept === null) return `The embedded model, ${whole}, is not kept here.`;
  if (kept.state === 'damaged') return `The copy of the embedded model, ${whole}, is damaged.`;
  return `Of the embedded model ${formatBytes(kept.sizeBytes)} of ${whole} are here.`;
}
