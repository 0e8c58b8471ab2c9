/** The commands that would give a machine its TensorFlow, each whole, to be run in any terminal. */
import { join } from 'node:path';
import type { Cuda } from './cuda.ts';
import type { System } from './system.ts';

/** `does`: what it is for, in a few words. */
export interface Command { readonly does: string; readonly command: string }

/** The version that this room is written for. */
export const VERSION = '4.22.0';
export const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
export const CPU_PACKAGE = '@tensorflow/tfjs-node';

const quoted = (path: string): string => JSON.stringify(path).replaceAll('\\\\', '\\');

/** Its graphics card's build is made for 64-bit Intel and AMD, Linux and Windows. */
export const packageFor = ({ platform, arch }: System): string => ((platform === 'linux' || platform === 'win32') && arch === 'x64' ? GPU_PACKAGE : CPU_PACKAGE);

/** On Windows its script lays the library beside a binding of npm's own Node-API version, which the loader does not ask for. */
function besideBinding({ platform }: System, folder: string, binding: string): Command[] {
  if (platform !== 'win32') return [];
  return [{ does: 'Lay TensorFlow’s library beside the binding', command: `copy ${quoted(join(folder, 'deps', 'lib', 'tensorflow.dll'))} ${quoted(join(folder, ...binding.split('/')))}` }];
}

/** Runs the package's own install script, which npm leaves out where scripts are blocked; started by name they always run. */
export const installCommand = (folder: string): string => `npm run install --prefix ${quoted(folder)}`;

/** The native parts of a package that is there. */
export function runScript(system: System, folder: string, binding: string): Command[] {
  return [
    { does: 'Fetch its binding and TensorFlow’s library, some hundred megabytes', command: installCommand(folder) },
    ...besideBinding(system, folder, binding),
  ];
}

/** The library is there, only in the wrong folder. */
export const layBeside = besideBinding;

/** A person's own installation, which app and command line find wherever they were installed to. */
export function install(system: System, binding: string): Command[] {
  const name = packageFor(system);
  return [
    { does: 'Fetch the package into Netloom’s folder (npm comes with Node.js)', command: `npm install --prefix ${quoted(system.own)} --ignore-scripts ${name}@${VERSION}` },
    ...runScript(system, join(system.own, 'node_modules', ...name.split('/')), binding),
  ];
}

/** CUDA and cuDNN beside that installation, and the loader told of them. */
export function fetchCuda({ platform, own }: System, { wheels }: Cuda): Command[] {
  const target = join(own, 'cuda');
  const pip = (python: string): Command => ({ does: 'Fetch CUDA and cuDNN into Netloom’s folder, some gigabytes', command: `${python} -m pip install --target ${quoted(target)} ${wheels.join(' ')}` });
  if (platform === 'win32') {
    return [pip('py'), { does: 'Tell this terminal where they are, then start Netloom from it (PowerShell)', command: `$env:PATH = ((Get-ChildItem ${quoted(join(target, 'nvidia', '*', 'bin'))}).FullName -join ';') + ';' + $env:PATH` }];
  }
  return [pip('python3'), { does: 'Tell this terminal where they are, then start Netloom from it', command: `export LD_LIBRARY_PATH="$(printf '%s:' ${quoted(target)}/nvidia/*/lib)$LD_LIBRARY_PATH"` }];
}
