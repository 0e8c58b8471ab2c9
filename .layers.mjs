/** The directions: which room may import which, and which package may be named where. Feeds the linter and the cycle check. */

const shared = (name, ...may) => [`shared/${name}`, may.map((m) => `shared/${m}`)];
const util = ['util'];
const diagnostics = [...util, 'diagnostics'];
const shapes = [...diagnostics, 'shapes'];
const onnx = [...shapes, 'onnx'];
const layers = [...onnx, 'layers'];
const graph = [...layers, 'graph'];
const compile = [...graph, 'compile'];
const allShared = [...compile, 'templates', 'training', 'analysis', 'protocol'].map((r) => `shared/${r}`);
const engine = (...names) => names.map((n) => `electron/engine/${n}`);

/** room -> rooms it may import besides itself. */
export const rooms = Object.fromEntries([
  shared('util'),
  shared('diagnostics', ...util),
  shared('shapes', ...diagnostics),
  shared('onnx', ...shapes),
  shared('layers', ...onnx),
  shared('graph', ...layers),
  shared('compile', ...graph),
  shared('templates', ...compile, 'training'),
  shared('training', ...diagnostics),
  shared('analysis', ...compile, 'training'),
  shared('protocol', ...graph, 'training'),
  ['electron/engine/autodiff', [...onnx, 'compile', 'training'].map((r) => `shared/${r}`)],
  ['electron/engine/runtime', [...allShared, 'electron/engine/onnx-io']],
  ['electron/engine/onnx-io', allShared],
  ['electron/engine/datasets', allShared],
  ['electron/engine/projects', allShared],
  ['electron/engine/importing', [...allShared, ...engine('onnx-io', 'runtime')]],
  ['electron/engine/hub', [...allShared, ...engine('onnx-io', 'projects', 'importing')]],
  ['electron/engine/tensorflow', [...allShared, ...engine('autodiff', 'training')]],
  // Insight reads trained sessions through the interface of training, and training streams what insight makes: two faces of one run.
  ['electron/engine/insight', [...allShared, ...engine('runtime', 'onnx-io', 'datasets', 'training')]],
  ['electron/engine/training', [...allShared, ...engine('autodiff', 'runtime', 'tensorflow', 'onnx-io', 'importing', 'datasets', 'projects', 'insight')]],
  ['electron/engine/handlers', [...allShared, ...engine('runtime', 'tensorflow', 'onnx-io', 'importing', 'hub', 'datasets', 'projects', 'insight', 'training')]],
  ['electron/engine', [...allShared, ...engine('handlers', 'runtime', 'tensorflow', 'onnx-io', 'importing', 'hub', 'datasets', 'projects', 'insight', 'training')]],
  ['electron/server', allShared],
  ['electron/main', [...allShared, 'electron/server']],
  ['electron/preload', ['shared/protocol', 'shared/training', 'shared/diagnostics', 'shared/util']],
  ['electron/cli', [...allShared, 'electron/engine', 'electron/server', ...engine('handlers', 'runtime', 'tensorflow', 'onnx-io', 'importing', 'hub', 'datasets', 'projects', 'insight', 'training')]],
  ['renderer', allShared],
  ['e2e', [...allShared, 'electron/engine', 'electron/server', ...engine('autodiff', 'runtime', 'tensorflow', 'onnx-io', 'importing', 'hub', 'datasets', 'projects', 'insight', 'training')]],
]);

/** package (prefix) -> rooms that may name it. Tests may name any. */
export const packages = {
  'onnxruntime-node': ['electron/engine/runtime'],
  '@tensorflow/': ['electron/engine/tensorflow'],
  electron: ['electron/main', 'electron/preload'],
  react: ['renderer'],
  '@xyflow/react': ['renderer'],
  '@mantine/': ['renderer'],
  recharts: ['renderer'],
  zustand: ['renderer'],
  ws: ['electron/server'],
  sharp: ['electron/engine/datasets'],
  '@bufbuild/protobuf': ['electron/engine/onnx-io'],
  playwright: ['e2e'],
  '@playwright/test': ['e2e'],
};

/** The longest room that holds a path relative to the root; null outside every room. */
export function roomOf(path) {
  let best = null;
  for (const room of Object.keys(rooms)) {
    if ((path === room || path.startsWith(`${room}/`)) && (best === null || room.length > best.length)) best = room;
  }
  return best;
}
