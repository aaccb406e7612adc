import { Modal } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** While something runs in it that has to be cancelled first. */
  readonly isLocked: boolean;
  readonly isFullScreen: boolean;
  /** Of the whole dialog; stands beside the button that closes it. */
  readonly action?: ReactNode;
  /** Width; default: 'lg'. */
  readonly size?: string;
  readonly children: ReactNode;
}

/** A modal dialog that can be locked. Its head is no banner: the page has one already. */
export function Dialog(props: DialogProps): ReactElement {
  const { title, isOpen, onClose, isLocked, isFullScreen, action, size = 'lg', children } = props;
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
          {action}
          {!isLocked && <Modal.CloseButton aria-label="Close" />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
