/** Bytes that are almost a net, in thousands: an answer or a sentence each, at once, and within the memory a file of its size may take. */
import { describe, expect, it } from 'vitest';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { fuzz } from './fuzz.harness.ts';
import { decodeModel } from './model.ts';
import { decodeSource } from './read.ts';
import { seedFiles } from './seeds.harness.ts';
import type { External } from './tensor-data.ts';

const count = Number(process.env.NETLOOM_FUZZ ?? 10_000);

/** A file of 64 bytes beside, as readModel takes ranges of one. */
const beside: External = ({ tensor, location, offset, length }) => {
  if (location !== 'w.bin' || offset + length > 64) throw problem('onnx.external', { label: 'net.onnx' }, { tensor, expected: 'bytes there are', got: 'none' });
  return new ArrayBuffer(length);
};

describe('mutated files', () => {
  it('are all whole before they are mutated', () => {
    for (const file of seedFiles()) expect(decodeSource(file, 'net.onnx', beside).graph.nodes.length).toBeGreaterThan(2);
  });

  it('are read as they stand, or refused in a sentence', async () => {
    const report = await fuzz(seedFiles(), (bytes) => decodeSource(bytes, 'net.onnx', beside), { count, seed: 1 });
    expect(report.findings).toEqual([]);
    // Mutants that are all refused at the door, or all let in, would test nothing.
    expect(report.answered).toBeGreaterThan(count / 10);
    expect(Object.keys(report.refused).sort()).toEqual(['onnx.external', 'onnx.unreadable', 'onnx.unsupported']);
    console.info(`${count} mutants: ${report.answered} read, refused ${JSON.stringify(report.refused)}, slowest ${report.slowest.milliseconds.toFixed(1)} ms, largest ${report.largest.bytes} bytes for ${report.largest.file}`);
  });

  it('are read into a typed graph, or refused in a sentence', async () => {
    const report = await fuzz(seedFiles(), (bytes) => decodeModel(bytes, 'net.onnx'), { count: Math.ceil(count / 3), seed: 2 });
    expect(report.findings).toEqual([]);
  });
});
