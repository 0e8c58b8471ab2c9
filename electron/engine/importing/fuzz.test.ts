/** Bytes that are almost a net, through the whole import: a drawn net or a sentence each. */
import { describe, expect, it } from 'vitest';
import { fuzz } from '../onnx-io/fuzz.harness.ts';
import { decodeSource } from '../onnx-io/read.ts';
import { seedFiles } from '../onnx-io/seeds.harness.ts';
import { drawModel } from './import.ts';

/** All ten thousand take minutes; the reader alone is given as many in every run. */
const count = Number(process.env.NETLOOM_FUZZ ?? 2_000);

describe('mutated files', () => {
  it('are drawn, or refused in a sentence', { timeout: 3_600_000 }, async () => {
    const report = await fuzz(seedFiles(), (bytes) => drawModel(decodeSource(bytes, 'net.onnx')), { count, seed: 3, growth: 20, free: 2 ** 25 });
    console.info(`${count} mutants: ${report.answered} drawn, refused ${JSON.stringify(report.refused)}, slowest ${report.slowest.milliseconds.toFixed(0)} ms, largest ${report.largest.bytes} bytes for ${report.largest.file}`);
    expect(report.findings).toEqual([]);
    expect(report.answered).toBeGreaterThan(count / 20);
  });
});
