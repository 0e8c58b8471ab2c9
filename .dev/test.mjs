/** npm test: set-up, then every check and every test; stops at the first stage that fails. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureReady, root } from './setup.mjs';

await ensureReady();
const { findChromium, installedChromium } = await import('./chromium.mjs');
const reports = join(root, 'out', 'reports');
mkdirSync(reports, { recursive: true });
const only = process.argv.slice(2);

const bin = (path) => join(root, 'node_modules', path);
const stages = {
  types: [bin('typescript/bin/tsc'), '-b'],
  lint: [bin('eslint/bin/eslint.js'), '--config', '.eslint.config.mjs', '--max-warnings', '0', 'shared', 'electron', 'renderer', 'e2e'],
  layers: [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.mjs', 'shared', 'electron', 'renderer', 'e2e'],
  unit: [bin('vitest/vitest.mjs'), 'run', '--config', '.vitest.config.ts', '--reporter=default', '--reporter=json', `--outputFile=${join(reports, 'unit.json')}`],
  e2e: [bin('@playwright/test/cli.js'), 'test', '--config', 'e2e/playwright.config.ts'],
};

/** A software Vulkan beside Debian's Chromium stands in for a GPU in the tests of the WebGPU path. */
function softwareVulkan(chromium) {
  if (!chromium) return {};
  const folder = dirname(realpathSync(chromium)).replace(/^\/usr\/bin$/, '/usr/lib/chromium');
  const icd = join(folder, 'vk_swiftshader_icd.json');
  if (process.env.VK_ICD_FILENAMES || !existsSync(icd)) return {};
  return { VK_ICD_FILENAMES: icd, LD_LIBRARY_PATH: [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':'), NETLOOM_TEST_WEBGPU: '1' };
}

/** Only the end-to-end tests cannot do without one. */
const chromiumFor = (stage) => (stage === 'e2e' || only.length === 0 || only.includes('e2e') ? findChromium() : installedChromium());

let environment = { ...process.env };
let passed = 0;
let failed = 0;
let skipped = 0;
for (const [stage, [script, ...args]] of Object.entries(stages)) {
  if (only.length > 0 && !only.includes(stage)) continue;
  if (stage === 'unit') environment = { ...process.env, ...softwareVulkan(await chromiumFor(stage)) };
  if (stage === 'e2e') environment = { ...process.env, NETLOOM_CHROMIUM: await chromiumFor(stage), PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'e2e.json') };
  console.log(`\n── ${stage} ──`);
  const started = Date.now();
  const result = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: environment });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const report = join(reports, `${stage}.json`);
  if (stage === 'unit' && existsSync(report)) {
    const r = JSON.parse(readFileSync(report, 'utf8'));
    passed += r.numPassedTests; failed += r.numFailedTests; skipped += r.numPendingTests + r.numTodoTests;
  }
  if (stage === 'e2e' && existsSync(report)) {
    const { stats } = JSON.parse(readFileSync(report, 'utf8'));
    passed += stats.expected + stats.flaky; failed += stats.unexpected; skipped += stats.skipped;
  }
  if (result.status !== 0) {
    console.error(`\n${stage} failed after ${seconds} s. Run it alone with: npm test -- ${stage}`);
    console.log(`${passed} passed, ${Math.max(failed, 1)} failed, ${skipped} skipped`);
    process.exit(1);
  }
  console.log(`${stage}: ${seconds} s`);
}
console.log(`\n${passed} passed, ${failed} failed, ${skipped} skipped`);
