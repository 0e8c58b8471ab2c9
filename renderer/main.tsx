/** Starts the interface. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@mantine/spotlight/styles.css';
import '@xyflow/react/dist/style.css';
import './ui/global.css';
import './ui/groups.css';
import './panels/analysis/analysis.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { App } from './app/App.tsx';
import { startSession } from './state/engine.ts';
import { theme } from './ui/theme.ts';

// The content security policy forbids making code at run time, which zod would try for speed.
z.config({ jitless: true });
startSession();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <Notifications position="bottom-right" limit={4} />
        <App />
      </MantineProvider>
    </StrictMode>,
  );
}
