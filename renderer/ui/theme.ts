/** The look: colours as CSS variables for both schemes, and the component kit's theme. */
import { createTheme, Button, Modal, Tooltip, type MantineColorsTuple } from '@mantine/core';
import type { Family } from '../../shared/layers/spec.ts';

const accent: MantineColorsTuple = ['#eaf2ff', '#d3e3ff', '#a8c8fe', '#8bb8fe', '#6ea8fe', '#4f92f7', '#2f6fde', '#2860c4', '#2150a6', '#183d80'];

/** The kit's greys in the dark scheme, from text to ground, in our own tokens. */
const dark: MantineColorsTuple = ['#e6e9ef', '#c3c9d4', '#9aa3b2', '#7d8696', '#343b48', '#2b323e', '#1b1f27', '#15181e', '#111419', '#0f1115'];

export const theme = createTheme({
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '11px', sm: '12.5px', md: '14px', lg: '18px', xl: '18px' },
  defaultRadius: 6,
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 6 },
  colors: { accent, dark },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: true, multiline: true, maw: 300, fz: 'xs' } }),
    Modal: Modal.extend({ defaultProps: { centered: true, overlayProps: { backgroundOpacity: 0.5, blur: 2 }, radius: 10 } }),
  },
});

export const familyColor: Readonly<Record<Family, string>> = {
  convolution: '#6ea8fe', pooling: '#b392f0', dense: '#f0a35e', activation: '#4cc38a', normalise: '#e879a6', merge: '#5cc8d7', io: '#8b94a3',
};
