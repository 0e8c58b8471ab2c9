/** npm run check:onnx: the ONNX project's backend cases through the whole import, and mutants of files against it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusCases } from '../../electron/engine/importing/normalise/corpus.harness.ts';
import { verdictOf, type Verdict } from '../../electron/engine/importing/corpus.harness.ts';

const data = join(import.meta.dirname, '../../../shared/data');
const folder = join(data, 'onnx-testdata');
const archive = existsSync(folder) ? readdirSync(folder).find((f) => f.endsWith('.tar.xz')) : undefined;
if (!archive) {
  console.log(`Operator cases skipped: there is no archive of them in ${folder}.`);
  process.exit(0);
}
const unpacked = mkdtempSync(join(tmpdir(), 'netloom-cases-'));
try {
  if (spawnSync('tar', ['-xJf', join(folder, archive), '-C', unpacked]).status !== 0) {
    console.log('Operator cases skipped: tar cannot unpack .xz here; install xz.');
    process.exit(0);
  }
  const counts = new Map<string, Map<Verdict['kind'], number>>();
  const told: string[] = [];
  for (const test of corpusCases(unpacked)) {
    const verdict = await verdictOf(test);
    const set = test.model.slice(unpacked.length + 1).split('/')[0] ?? '';
    const row = counts.get(set) ?? new Map<Verdict['kind'], number>();
    row.set(verdict.kind, (row.get(verdict.kind) ?? 0) + 1);
    counts.set(set, row);
    if (verdict.kind === 'refused') told.push(`- ${test.name}: ${verdict.detail}`);
    if (verdict.kind === 'broken' || verdict.kind === 'differs') {
      told.push(`- ${test.name} ${verdict.kind}: ${'detail' in verdict ? verdict.detail : verdict.relative}`);
      process.exitCode = 1;
    }
  }
  const kinds = ['equal', 'refused', 'differs', 'broken', 'not for the runtime'] as const;
  console.log(`| cases | ${kinds.join(' | ')} |\n|---|${kinds.map(() => '--:|').join('')}`);
  for (const [set, row] of counts) console.log(`| ${set} | ${kinds.map((k) => row.get(k) ?? 0).join(' | ')} |`);
  console.log(told.join('\n'));
} finally {
  rmSync(unpacked, { recursive: true });
}
