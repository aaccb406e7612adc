import { useEffect, useEffectEvent, useState } from 'react';
import { carriesFiles, filesOfDrop } from './dropped-files.ts';

interface PageDropOptions {
  /** Whether the chooser is open: its dialog is no obstacle, another one is. */
  readonly isOpen: boolean;
  readonly onFiles: (files: readonly File[]) => void;
}

/**
 * Files may be dropped anywhere on the page, and none leads away from it. Places that take files of their own have the
 * first say: what they handle does not arrive here. Behind another dialog nothing is taken.
 *
 * @returns whether files hang over the page that would be taken
 */
export function usePageDrop({ isOpen, onFiles }: PageDropOptions): boolean {
  const [isOver, setIsOver] = useState(false);
  const isOtherDialogOpen = useEffectEvent(() => !isOpen && document.querySelector('[aria-modal="true"]') !== null);
  const take = useEffectEvent((data: DataTransfer) => {
    filesOfDrop(data).then(
      (files) => {
        if (files.length > 0) onFiles(files);
      },
      () => undefined,
    );
  });

  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!carriesFiles(event.dataTransfer)) return;
      const isTaken = !event.defaultPrevented && !isOtherDialogOpen();
      if (!event.defaultPrevented) {
        event.preventDefault();
        if (event.dataTransfer !== null) event.dataTransfer.dropEffect = isTaken ? 'copy' : 'none';
      }
      setIsOver(isTaken);
    };
    const leave = (event: DragEvent): void => {
      // Out of the window; between elements there is another one to go to.
      if (event.relatedTarget === null) setIsOver(false);
    };
    const drop = (event: DragEvent): void => {
      setIsOver(false);
      if (event.defaultPrevented || event.dataTransfer === null || !carriesFiles(event.dataTransfer)) return;
      event.preventDefault();
      if (!isOtherDialogOpen()) take(event.dataTransfer);
    };
    window.addEventListener('dragover', over);
    window.addEventListener('dragleave', leave);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', over);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}
