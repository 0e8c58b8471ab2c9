/** The runtime's error texts as diagnostics: it throws plain Errors without codes. */
import { problem, type NetloomError, type Place } from '../../../shared/diagnostics/diagnostic.ts';
import { deviceName } from '../../../shared/util/device-names.ts';

/** Where in the graph the runtime says it happened; texts of ONNX Runtime 1.30. */
const nodePatterns: readonly RegExp[] = [
  /while running (?<op>\w+) node\. Name:'(?<node>[^']*)'/,
  /Node \((?<node>[^)]*)\) Op \((?<op>\w+)\)/,
  /In Node, \("(?<node>[^"]*)", (?<op>\w+),/,
];

/** The runtime's own words: one line, without its source positions. */
function plain(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const line = text.replace(/\S*onnxruntime\S*\.(?:cc|h|cpp|cu):\d+ .*?(?=\.\s|Failed|Invalid|$)/g, ' ').replace(/\s+/g, ' ').trim();
  // The sentence around it brings its own full stop.
  return (line || text.trim() || 'no reason').slice(0, 300).replace(/\.+$/, '');
}

const lost = /device (?:was |is |has been )?lost|lost device|DXGI_ERROR_DEVICE/i;
const memory = /out of memory|bad_alloc|failed to allocate|allocation failed|can(?:no|')t allocate|OutOfMemory/i;

/** A failed load or run as engine.load, engine.run, engine.device-lost, engine.precision or engine.out-of-memory, at the node the runtime names. */
export function translateError(cause: unknown, stage: 'load' | 'run', device: string): NetloomError {
  const reason = plain(cause);
  const at = nodePatterns.map((p) => p.exec(reason)?.groups).find((g) => g !== undefined);
  const place: Place = { label: at ? `${at.op} ${at.node}` : stage === 'load' ? deviceName(device) : 'Step' };
  if (lost.test(reason)) return problem('engine.device-lost', place, { device, reason });
  if (/requires f16/.test(reason)) return problem('engine.precision', place, { device });
  if (memory.test(reason)) return problem('engine.out-of-memory', place, { device, reason });
  return stage === 'load' ? problem('engine.load', place, { device, reason }) : problem('engine.run', place, { reason });
}
