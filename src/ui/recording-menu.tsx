import './recording-menu.css';
import { Button, Menu } from '@mantine/core';
import type { ReactElement } from 'react';

interface RecordingMenuProps {
  readonly label: string;
  readonly size?: string;
  /** Why none can be opened now; null if one can. */
  readonly obstacle: string | null;
  readonly entries: readonly { readonly file: string; readonly name: string; readonly note: string }[];
  readonly onChoose: (file: string) => void;
}

/** Recordings that come with the page, each with what one sees in it. */
export function RecordingMenu({
  label,
  size = 'compact-sm',
  obstacle,
  entries,
  onChoose,
}: RecordingMenuProps): ReactElement {
  return (
    <Menu position="bottom-end" width="min(22rem, 90vw)">
      <Menu.Target>
        <Button variant="default" size={size} disabled={obstacle !== null} title={obstacle ?? undefined}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown className="recording-menu">
        {entries.map(({ file, name, note }) => (
          <Menu.Item key={file} onClick={() => onChoose(file)}>
            <strong>{name}</strong>
            <small>{note}</small>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
