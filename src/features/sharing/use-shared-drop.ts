import { useEffect, useEffectEvent } from 'react';

/**
 * Shared files may be dropped anywhere on the page. The document hears of a drop before the window does, where files of
 * models are taken: what is taken here does not arrive there. Behind a dialog nothing is taken.
 */
export function useSharedDrop(onFile: (file: File) => void): void {
  const take = useEffectEvent(onFile);
  useEffect(() => {
    const drop = (event: DragEvent): void => {
      if (event.defaultPrevented || document.querySelector('[aria-modal="true"]') !== null) return;
      const file = [...(event.dataTransfer?.files ?? [])].find(({ name }) => isSharedName(name));
      if (file === undefined) return;
      event.preventDefault();
      take(file);
    };
    document.addEventListener('drop', drop);
    return () => document.removeEventListener('drop', drop);
  }, []);
}

/** As of `SHARE_FILE_SUFFIX`, also where the browser has numbered a second download. */
function isSharedName(name: string): boolean {
  return /\.duet(?: ?\(\d+\)|-\d+)?\.json$/i.test(name);
}
