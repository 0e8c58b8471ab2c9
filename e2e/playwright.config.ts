/** End-to-end: the real interface and the real engine in a real Chromium, driven as a person would. */
import { defineConfig } from '@playwright/test';

const executablePath = process.env.NETLOOM_CHROMIUM;

export default defineConfig({
  testDir: './specs',
  outputDir: '../out/e2e',
  // One engine trains at a time on a small machine.
  workers: 1,
  // Guards against hanging, not demands on speed.
  timeout: 1_200_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['json']],
  use: {
    viewport: { width: 1440, height: 900 },
    trace: 'retain-on-failure',
    // A view that moves is where it will be at once: nothing waits for an animation to be over.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
});
