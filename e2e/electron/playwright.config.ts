/** The desktop suite. */
import { defineConfig } from '@playwright/test';

export default defineConfig({ testDir: '.', outputDir: '../../out/e2e-electron', workers: 1, timeout: 1_200_000, reporter: 'list' });
