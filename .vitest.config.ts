/** Unit and integration tests of every room; end-to-end tests are Playwright's. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{shared,electron,renderer}/**/*.test.{ts,tsx}'],
    // Native sessions and worker threads live in these tests: a process each keeps one's crash from another.
    pool: 'forks',
    maxWorkers: 2,
    // A guard against hanging, not a demand on speed.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
