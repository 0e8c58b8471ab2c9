/** npm run bench -- --import: a large ONNX file to a drawn net, in a process of its own: seconds, and memory beside the file's size. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importOnnx } from '../../electron/engine/importing/import.ts';
import { modelBytes } from '../../electron/engine/importing/proof.ts';
import { compile } from '../../shared/compile/compile.ts';
import { initialWeights } from '../../shared/compile/weights.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { required } from '../../shared/util/assert.ts';

const ROUNDS = 3;
const MB = 2 ** 20;

/** Of this process, in bytes: now, and the most it ever had. */
const resident = (): { now: number; peak: number } => ({ now: process.memoryUsage().rss, peak: process.resourceUsage().maxRSS * 1024 });

/** In the child: imports once and prints what it took as JSON. */
export async function importOnce(path: string): Promise<void> {
  (globalThis as { gc?: () => void }).gc?.();
  const before = resident().now;
  const began = performance.now();
  const { document, report } = await importOnnx(path);
  const seconds = (performance.now() - began) / 1000;
  console.log(JSON.stringify({ seconds, grown: resident().peak - before, nodes: report.nodes, drawn: document.graph.nodes.length }));
}

/** Writes each template as a file with weights of its own and imports it; or takes files as they are. */
export function importTimes(words: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-import-'));
  console.log(`An ONNX file to a drawn net with its weights, best of ${ROUNDS} processes; memory is what the process grew by at its most.\n\n| net | file MB | nodes | drawn at the top | seconds | memory MB | times the file |\n|---|--:|--:|--:|--:|--:|--:|`);
  try {
    for (const word of words) {
      let path = word;
      if (!word.endsWith('.onnx')) {
        const { network } = compile(required(findTemplate(word), word).build());
        path = join(folder, `${word}.onnx`);
        writeFileSync(path, modelBytes(network, initialWeights(network, 1), 1).bytes);
      }
      const size = statSync(path).size;
      const runs = Array.from({ length: ROUNDS }, () => {
        const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', ...process.argv.slice(1, 2), `--import-once=${path}`], { encoding: 'utf8' });
        if (status !== 0) throw new Error(stderr);
        return JSON.parse(stdout) as { seconds: number; grown: number; nodes: number; drawn: number };
      });
      const best = runs.reduce((a, b) => (b.seconds < a.seconds ? b : a));
      const grown = Math.max(...runs.map((r) => r.grown));
      console.log(`| ${word.split('/').at(-1) ?? word} | ${(size / MB).toFixed(1)} | ${best.nodes.toLocaleString('en-US')} | ${best.drawn} | ${best.seconds.toFixed(2)} | ${(grown / MB).toFixed(0)} | ${(grown / size).toFixed(1)} |`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
