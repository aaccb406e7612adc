import { MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { NotesWindow } from '@/features/presenter/notes-window.tsx';
import { pageColors, theme } from './theme.ts';

/** The window with the presenter's notes: no engine, no store. */
export function NotesApp(): ReactElement {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" cssVariablesResolver={pageColors}>
      <NotesWindow />
    </MantineProvider>
  );
}
