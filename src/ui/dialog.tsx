import './dialog.css';
import { Button, Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** While something runs in it that has to be cancelled first. */
  readonly isLocked: boolean;
  readonly isFullScreen: boolean;
  /** Hands on what stands in it: closes it, and opens another dialog for that. */
  readonly onShare?: (() => void) | undefined;
  /** Width; default: 'lg'. */
  readonly size?: string;
  readonly children: ReactNode;
}

/** A modal dialog that can be locked. Its head is no banner: the page has one already. */
export function Dialog(props: DialogProps): ReactElement {
  const { title, isOpen, onClose, isLocked, isFullScreen, onShare, size = 'lg', children } = props;
  return (
    <Modal.Root
      opened={isOpen}
      onClose={onClose}
      size={size}
      fullScreen={isFullScreen}
      closeOnEscape={!isLocked}
      closeOnClickOutside={!isLocked}
    >
      <Modal.Overlay backgroundOpacity={0.45} />
      <Modal.Content>
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          {onShare !== undefined && (
            <Button
              className="dialog__share"
              variant="default"
              size="compact-xs"
              aria-haspopup="dialog"
              onClick={onShare}
            >
              Share
            </Button>
          )}
          {!isLocked && <Modal.CloseButton aria-label="Close" />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
