#!/usr/bin/env node
/** npx netloom: makes the checkout ready where it is not, then runs the built command line. */
import { ensureReady } from '../../.dev/setup.mjs';

await ensureReady({ quiet: true });
await import('../../out/cli/index.mjs');
