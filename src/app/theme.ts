import {
  Button,
  createTheme,
  Drawer,
  Modal,
  Tooltip,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';

const ink: MantineColorsTuple = [
  '#f5f3ee',
  '#e8e4db',
  '#d5d0c5',
  '#b8b2a6',
  '#989286',
  '#7c766b',
  '#625d54',
  '#4a4640',
  '#33302c',
  '#1f1d1a',
];

/** Mantine in the page's own colours; everything else about the look is in ui/tokens.css. */
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: { light: 9, dark: 1 },
  autoContrast: true,
  colors: { ink },
  fontFamily: 'var(--font-ui)',
  fontFamilyMonospace: 'var(--font-code)',
  headings: { fontFamily: 'var(--font-ui)', fontWeight: '650' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'compact-sm', variant: 'filled' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true } }),
    Modal: Modal.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.45 } } }),
    Drawer: Drawer.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.2 } } }),
  },
});

/** Mantine's own surfaces in the page's colours. */
export const pageColors: CSSVariablesResolver = () => {
  const shared = {
    '--mantine-color-body': 'var(--surface)',
    '--mantine-color-text': 'var(--ink)',
    '--mantine-color-dimmed': 'var(--ink-faint)',
    '--mantine-color-placeholder': 'var(--ink-faint)',
    '--mantine-color-default-border': 'var(--line-strong)',
    '--mantine-color-default': 'var(--surface)',
    '--mantine-color-error': 'var(--alarm)',
  };
  return { variables: {}, light: shared, dark: shared };
};
