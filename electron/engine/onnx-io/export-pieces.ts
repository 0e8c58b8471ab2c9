/** An exported graph as the bytes of its files: the model, and where asked for its weights in a file beside. */
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import type { Graph, Tensor } from '../../../shared/onnx/ir.ts';
import { encodeModel, type ExternalPlace, type ModelOptions } from './model.ts';

export interface FilePieces { readonly name: string; readonly pieces: readonly Uint8Array[]; readonly size: number }

/** A message of protobuf is less than 2 GB; what is no tensor needs some of it. */
const MOST_INSIDE = 2 ** 31 - 2 ** 24;

/** Smaller tensors stay inside: shapes and axes must be known before the file beside is read. */
const LEAST_BESIDE = 1024;

/** Large tensors begin where a runtime can map them into memory (onnx.proto, TensorProto.external_data: pages, on Windows of 64 kB). */
const LARGE = 2 ** 20;
const alignment = (bytes: number): number => (bytes >= LARGE ? 65536 : 16);

const bytesOf = ({ data }: Tensor): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

const file = (name: string, pieces: readonly Uint8Array[]): FilePieces => ({ name, pieces, size: pieces.reduce((a, p) => a + p.length, 0) });

/**
 * The files of a graph under the model's name, the model first. The weights beside share memory with the graph. Throws
 * export.too-large for a model with its weights inside that no file of ONNX can hold.
 */
export function exportPieces(graph: Graph, model: ModelOptions, name: string, weights: 'inside' | 'beside'): readonly FilePieces[] {
  const inside = [...graph.initializers.values()].reduce((a, t) => a + t.data.byteLength, 0);
  if (weights === 'inside') {
    if (inside > MOST_INSIDE) throw problem('export.too-large', { label: name }, { bytes: inside, most: MOST_INSIDE, next: 'Export with the weights in a file beside the model.' });
    return [file(name, [encodeModel(graph, model)])];
  }
  const location = `${name}.data`;
  const places = new Map<string, ExternalPlace>();
  const pieces: Uint8Array[] = [];
  let offset = 0;
  for (const [key, tensor] of graph.initializers) {
    const bytes = bytesOf(tensor);
    if (bytes.length < LEAST_BESIDE) continue;
    const gap = (alignment(bytes.length) - (offset % alignment(bytes.length))) % alignment(bytes.length);
    pieces.push(new Uint8Array(gap), bytes);
    places.set(key, { location, offset: offset + gap, length: bytes.length });
    offset += gap + bytes.length;
  }
  const whole = encodeModel(graph, { ...model, external: (key) => places.get(key) ?? null });
  return [file(name, [whole]), ...(places.size > 0 ? [file(location, pieces)] : [])];
}
