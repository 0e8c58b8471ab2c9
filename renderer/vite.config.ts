/** Builds the interface into out/renderer; main, preload and engine are esbuild's. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: { outDir: '../out/renderer', emptyOutDir: true, target: 'chrome130', chunkSizeWarningLimit: 2000, modulePreload: { polyfill: false } },
});
