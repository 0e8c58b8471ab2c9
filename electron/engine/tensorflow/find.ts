/** Which TensorFlow this machine can train with, told from its folders alone: nothing is loaded. */
import { join } from 'node:path';
import { cudaOf, missingLibraries, type Cuda } from './cuda.ts';
import { CPU_PACKAGE, fetchCuda, GPU_PACKAGE, install, layBeside, packageFor, runScript, type Command } from './mending.ts';
import { hasLibrary, libraryAt, type System } from './system.ts';
import { wheelOf } from './wheel.ts';

/** A package that can be loaded. */
export interface Place {
  /** The package's folder. */
  readonly folder: string;
  readonly on: 'gpu' | 'cpu';
}

/** `place` null: not to be had; `detail` says why, or what it runs on. The commands would mend what is missing. */
export interface Finding { readonly place: Place | null; readonly detail: string; readonly commands: readonly Command[] }

const WHOLE = 5;

/** One package on disk; `card`: its library may take a graphics card, and looks for CUDA in these `folders` too; `rank` grows with what is already there. */
type Inspected =
  | { readonly ok: true; readonly rank: typeof WHOLE; readonly folder: string; readonly version: string; readonly tensorflow: string | null; readonly card: boolean; readonly folders: readonly string[] }
  | { readonly ok: false; readonly rank: number; readonly reason: string; readonly commands: readonly Command[] };

interface Manifest { readonly version?: string; readonly binary?: { readonly napi_versions?: readonly number[] } }

/** Node-API versions the packages are built for, where a package does not say. */
const BUILDS = [3, 4, 5, 6, 7, 8];

/** As node-pre-gyp chooses: the newest build that this Node can load. */
const buildFor = (builds: readonly number[], napi: number): number | null => builds.filter((b) => b <= napi).reduce<number | null>((best, b) => Math.max(best ?? b, b), null);
const folderOf = (build: number): string => `lib/napi-v${build}`;

function manifestOf(system: System, folder: string): Manifest {
  try {
    return JSON.parse(system.read(join(folder, 'package.json'))) as Manifest;
  } catch {
    return {};
  }
}

/** Libraries of TensorFlow that the binding asks for by name, and where its package keeps them. */
function librariesOf(system: System, folder: string, binding: string): { readonly names: readonly string[]; readonly at: string } {
  if (system.platform === 'win32') return { names: ['tensorflow.dll'], at: join(folder, binding) };
  const at = join(folder, 'deps', 'lib');
  if (system.platform === 'darwin') return { names: ['libtensorflow.2.dylib'], at };
  const asked = system.read(join(folder, binding, 'tfjs_binding.node')).match(/libtensorflow\w*\.so\.\d+/g) ?? ['libtensorflow.so.2'];
  return { names: [...new Set(asked)], at };
}

/** Whether its binding was built for another TensorFlow than the one that it fetches. */
const custom = (system: System, folder: string): boolean => system.exists(join(folder, 'scripts', 'custom-binary.json'));

/** TensorFlow's version: from the library's full name, else the one that the package fetches. */
function tensorflowOf(system: System, folder: string): string | null {
  const full = system.list(join(folder, 'deps', 'lib')).map((f) => /^libtensorflow\w*\.(?:so\.)?(\d+\.\d+\.\d+)(?:\.dylib)?$/.exec(f)?.[1]).find((v) => v !== undefined);
  if (full !== undefined) return full;
  if (custom(system, folder)) return null;
  return /LIBTENSORFLOW_VERSION = '([\d.]+)'/.exec(system.read(join(folder, 'scripts', 'deps-constants.js')))?.[1] ?? null;
}

function inspect(system: System, name: string, folder: string): Inspected {
  const { version = '?', binary } = manifestOf(system, folder);
  const builds = binary?.napi_versions ?? BUILDS;
  const build = buildFor(builds, system.napi);
  const no = (rank: number, reason: string, commands: readonly Command[]): Inspected => ({ ok: false, rank, reason: `${name} ${version} is there, but ${reason}`, commands });
  if (build === null) return no(1, `its binding needs Node-API ${Math.min(...builds)}, and this Node has ${system.napi}. A newer Node or Netloom is needed.`, []);
  const binding = folderOf(build);
  const script = runScript(system, folder, binding);
  if (!system.exists(join(folder, binding, 'tfjs_binding.node'))) {
    const others = system.list(join(folder, 'lib')).filter((f) => system.exists(join(folder, 'lib', f, 'tfjs_binding.node')));
    if (others.length > 0) return no(3, `its native binding was built for ${others.join(', ')}, and this Node asks for napi-v${build}.`, script);
    if (!system.exists(join(folder, 'deps'))) return no(2, 'its native binding is not: its install script was not run, since npm was told to run none (ignore-scripts, allowScripts).', script);
    return no(2, 'its native binding is not: its install script failed. Where the binding cannot be fetched it is built, for which Python 3 and a C++ compiler are needed.', script);
  }
  const { names, at } = librariesOf(system, folder, binding);
  const missing = names.filter((n) => !system.exists(join(at, n)) && !hasLibrary(system, n));
  if (missing.length > 0) {
    const there = system.platform === 'win32' && system.exists(join(folder, 'deps', 'lib', 'tensorflow.dll'));
    return no(4, `TensorFlow’s library is not: ${missing.join(' and ')} ${missing.length === 1 ? 'was' : 'were'} not found in ${at}.`, there ? layBeside(system, folder, binding) : script);
  }
  const own = names.map((n) => join(at, n)).find((file) => system.exists(file));
  const library = own ?? names.map((n) => libraryAt(system, n)).find((file) => file !== null);
  const wheel = library ? wheelOf(system, library) : null;
  return { ok: true, rank: WHOLE, folder, version, tensorflow: wheel?.version ?? tensorflowOf(system, folder), card: wheel?.cuda ?? (name === GPU_PACKAGE || custom(system, folder)), folders: wheel?.folders ?? [] };
}

/** Why the graphics card is left out. */
interface Without { readonly why: string; readonly commands: readonly Command[] }

/** All where they are few, else the first and the last: CUDA's and cuDNN's. */
const named = (names: readonly string[]): string => (names.length <= 3 ? names.join(', ') : `${names[0]}, ${names.at(-1)} and ${names.length - 2} more`);

/** The CUDA that the graphics card's build would run on here, or why not. */
function cudaFor(system: System, { tensorflow, folders }: Inspected & { ok: true }): Cuda | Without {
  const cuda = tensorflow === null ? null : cudaOf(tensorflow);
  if (cuda === null) return { why: 'which CUDA this version wants is not known.', commands: [] };
  const { driver, names } = missingLibraries(system, cuda, folders);
  if (driver) return { why: `NVIDIA’s driver was not found${names.length > 0 ? ` (${names.join()})` : ''}.`, commands: [] };
  if (names.length === 0) return cuda;
  return { why: `it wants CUDA ${cuda.cuda} and cuDNN ${cuda.cudnn}, of which ${named(names)} ${names.length === 1 ? 'was' : 'were'} not found.`, commands: fetchCuda(system, cuda) };
}

/** The package in each folder that has it, the best state first. */
function inspectAll(system: System, name: string): Inspected[] {
  const folders = system.modules.map((m) => join(m, ...name.split('/'))).filter((f) => system.exists(join(f, 'package.json')));
  return folders.map((folder) => inspect(system, name, folder)).toSorted((a, b) => b.rank - a.rank);
}

/**
 * The best that is there: the graphics card's build with its CUDA, else the processor's build, else the graphics card's on the
 * processor. Where none can be loaded: the exact reason for the one that is nearest to it.
 */
export function findTensorflow(system: System): Finding {
  const [gpu] = inspectAll(system, GPU_PACKAGE);
  const [cpu] = inspectAll(system, CPU_PACKAGE);
  const build = buildFor(BUILDS, system.napi);
  const name = packageFor(system);
  const absent: Without = { why: `the package ${name} is not installed.`, commands: build === null ? [] : install(system, folderOf(build)) };
  const able = [gpu, cpu].find((i) => i?.ok && i.card);
  const card = able?.ok ? cudaFor(system, able) : gpu && !gpu.ok ? { why: gpu.reason, commands: gpu.commands } : name === GPU_PACKAGE ? absent : null;
  const runs = card && 'cuda' in card ? able : cpu?.ok ? cpu : gpu;
  if (runs?.ok) {
    const words = ['TensorFlow', ...(runs.tensorflow === null ? [] : [runs.tensorflow])].join(' ');
    const through = `through TensorFlow.js ${runs.version}`;
    if (card && 'cuda' in card) return { place: { folder: runs.folder, on: 'gpu' }, detail: `${words} on the graphics card with CUDA ${card.cuda} and cuDNN ${card.cudnn}, ${through}.`, commands: [] };
    return { place: { folder: runs.folder, on: 'cpu' }, detail: `${words} on the processor, ${through}.${card ? ` Not on a graphics card: ${card.why}` : ''}`, commands: card?.commands ?? [] };
  }
  const nearest = [gpu, cpu].filter((i) => i !== undefined && !i.ok).toSorted((a, b) => b.rank - a.rank)[0];
  return nearest ? { place: null, detail: nearest.reason, commands: nearest.commands } : { place: null, detail: absent.why.replace('the', 'The'), commands: absent.commands };
}
