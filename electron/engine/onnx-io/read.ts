/** An ONNX file as it stands, from bytes or from disk with the files beside it. */
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { ExternalFiles, fileProblem } from './external.ts';
import { fill, LONG, readHollow, type Readable } from './hollow.ts';
import { ModelMessage } from './messages.ts';
import { readFunction, readGraph, readOpsets } from './source-graph.ts';
import type { SourceModel } from './source.ts';
import type { External, Pending } from './tensor-data.ts';
import { decodeMessage, messagesOf, textOf } from './wire-read.ts';
import type { Decoded } from './wire.ts';

/** Protocol Buffers go no further: weights of larger nets lie in files beside. */
const LARGEST = 2 ** 31 - 1;

/**
 * Decodes a model; tensors get memory of their own, so that `bytes` may be dropped. `external` answers with the memory of
 * what lies in other files, `pending` with that of raw bytes which are still on disk. Throws onnx.unreadable for what is no ONNX file, onnx.unsupported for segmented tensors, sparse ones
 * that would burst, and for external data where there is no `external`, which may throw what it likes.
 */
export function decodeSource(bytes: Uint8Array, file = 'ONNX file', external: External | null = null, pending: Pending | null = null): SourceModel {
  const refuse = (expected: string, got: string): never => {
    throw problem('onnx.unreadable', { label: file }, { expected, got });
  };
  let m: Decoded;
  try {
    m = decodeMessage(ModelMessage, bytes);
  } catch (cause) {
    return refuse('an ONNX model', `bytes that are none (${(cause as Error).message})`);
  }
  const at = { file, size: bytes.length, external, pending };
  const graph = readGraph((m.graph as Decoded | undefined) ?? refuse('an ONNX model with a graph', 'none'), at);
  const opsets = readOpsets(m, at);
  return {
    file,
    size: bytes.length,
    irVersion: Number(m.irVersion ?? 0n),
    // Before IR 3 nobody wrote it, and there was but one.
    opsets: Object.keys(opsets).length > 0 ? opsets : { '': 1 },
    producer: textOf(m, 'producerName'),
    producerVersion: textOf(m, 'producerVersion'),
    docString: textOf(m, 'docString'),
    metadata: Object.fromEntries(messagesOf(m, 'metadataProps').map((e) => [textOf(e, 'key'), textOf(e, 'value')])),
    graph,
    functions: messagesOf(m, 'functions').map((f) => readFunction(f, at)),
  };
}

interface ReadOptions {
  /** Bytes of a weight that is long; a quarter of a megabyte unless told. */
  readonly long?: number;
  /** Long weights stay on disk: they are zeros, which take no memory until somebody writes to them. */
  readonly outline?: boolean;
}

/** Decodes a model of `size` bytes as it is read; long weights go straight into memory of their own. Throws as decodeSource does, and onnx.unreadable where the file ends early. */
export async function decodeFrom(from: Readable, size: number, file: string, external: External | null, { long = LONG, outline = false }: ReadOptions = {}): Promise<SourceModel> {
  const short = (): Error => problem('onnx.unreadable', { label: file }, { expected: `${size} bytes`, got: 'fewer' });
  const hollow = await readHollow(from, size, long);
  if (!hollow) throw short();
  const { bytes, holes } = hollow;
  const waiting: { readonly offset: number; readonly into: Uint8Array }[] = [];
  const model = decodeSource(bytes, file, external, (raw) => {
    const offset = raw.byteOffset - bytes.byteOffset;
    if (!holes.has(offset)) return null;
    if (outline) return new ArrayBuffer(raw.length);
    const memory = Buffer.allocUnsafeSlow(raw.length);
    waiting.push({ offset, into: memory });
    return memory.buffer as ArrayBuffer;
  });
  for (const { offset, into } of waiting) if (!(await fill(from, into, offset))) throw short();
  return model;
}

async function read(path: string, options: ReadOptions): Promise<SourceModel> {
  const label = basename(path);
  const files = new ExternalFiles(path, options.outline ? LONG : Infinity);
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > LARGEST) throw problem('onnx.unreadable', { label, file: path }, { expected: 'a file below 2 GiB, larger weights beside it', got: `${size} bytes` });
      const model = await decodeFrom(handle, size, label, (range) => files.take(range), options);
      await files.load();
      return { ...model, size: model.size + files.size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw fileProblem(path, label, cause);
  }
}

/**
 * Reads a model with the files of weights beside it, each tensor straight into memory of its own. Throws data.unreadable where
 * there is no such file, onnx.external for weights that are missing, short, or outside the model's folder, and as decodeSource does.
 */
export function readModel(path: string): Promise<SourceModel> {
  return read(path, {});
}

/** A model without its long weights, which are zeros here: enough to tell what it is and which sizes it leaves open. Throws as readModel does. */
export function readOutline(path: string): Promise<SourceModel> {
  return read(path, { outline: true });
}
