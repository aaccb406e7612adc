import { createTheme, MantineThemeProvider, Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

const STILL = createTheme({ components: { Tooltip: Tooltip.extend({ defaultProps: { disabled: true } }) } });
const USUAL = createTheme({});

/** In front of a room nothing pops up where the pointer happens to be. */
export function StillTooltips({
  isStill,
  children,
}: {
  readonly isStill: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return <MantineThemeProvider theme={isStill ? STILL : USUAL}>{children}</MantineThemeProvider>;
}
