/** What the system's loader says when a native package does not load, as diagnostics that name the library. */
import { diagnostic, NetloomError, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { installCommand } from './mending.ts';
import type { System } from './system.ts';

const place = { label: 'TensorFlow' };

/** `again`: how its install script is run once more. */
interface Tried { readonly system: System; readonly again: string }
type Row = readonly [pattern: RegExp, say: (found: RegExpExecArray, tried: Tried) => Diagnostic];

const library = (name: string, reason: string, next: string): Diagnostic => diagnostic('tensorflow.library', place, { library: name, reason, next });
const CUDA = /^lib(cu|nv)|^(cu|nv)/;

/** dlopen(3) of glibc, dyld of macOS, LoadLibrary of Windows, then Node's own words. */
const rows: readonly Row[] = [
  [/([\w.+-]+\.so[\w.]*): cannot open shared object file/, ([, name = ''], { again }) => library(name, 'a library that is not there', CUDA.test(name) ? 'Install the CUDA and cuDNN that the device list names, or tell LD_LIBRARY_PATH where they are, and start Netloom again.' : again)],
  [/version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\w.]+)' not found/, ([, name = '']) => library(name, 'an older one', 'TensorFlow’s library was built for a newer system: update the system, or build the binding on this one.')],
  [/undefined symbol: (\w+)/, ([, name = ''], { again }) => library(name, 'a library without it', `Binding and library are of different versions. ${again}`)],
  [/Library not loaded: (\S+)/, ([, name = ''], { again }) => library(name.slice(name.lastIndexOf('/') + 1), 'a library that is not there', again)],
  [/wrong ELF class|invalid ELF header|file too short|incompatible architecture|not a valid Win32 application/, (_, { system: { arch, platform }, again }) => library('tfjs_binding.node', `one that was cut off, or for another system than ${platform} on ${arch}`, again)],
  [/compiled against a different Node\.js version|Module did not self-register|NODE_MODULE_VERSION/, (_, { again }) => library('tfjs_binding.node', 'one for another Node.js', again)],
  [/The specified module could not be found/, () => library('tensorflow.dll', 'a library that is not there', 'Lay deps\\lib\\tensorflow.dll of the package beside tfjs_binding.node, and install the Visual C++ Redistributable.')],
  [/native addon module \(tfjs_binding\.node\) can not be found/, (_, { again }) => library('tfjs_binding.node', 'a package without its native binding', again)],
];

/** Why the package in this folder could not be loaded: tensorflow.library where the text tells which library, else tensorflow.load with the text. */
export function loadProblem(cause: unknown, system: System, folder: string): NetloomError {
  const text = cause instanceof Error ? cause.message : String(cause);
  for (const [pattern, say] of rows) {
    const found = pattern.exec(text);
    if (found) return new NetloomError(say(found, { system, again: `Run ${installCommand(folder)} again.` }), { cause });
  }
  return new NetloomError(diagnostic('tensorflow.load', place, { reason: (text.split('\n')[0] ?? text).trim().slice(0, 300) }), { cause });
}
