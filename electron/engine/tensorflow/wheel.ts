/** What is known of a TensorFlow that came as a wheel of pip: a binding may have been built against its libraries. */
import { dirname, join } from 'node:path';
import type { System } from './system.ts';

export interface Wheel {
  /** Whether it was built with CUDA: the wheels for processors alone bear the same names. */
  readonly cuda: boolean;
  readonly version: string | null;
  /** Folders in which its library looks for CUDA and cuDNN: pip lays NVIDIA's wheels beside TensorFlow's. */
  readonly folders: readonly string[];
}

/** As its RUNPATH has them, from where the loader met the library: links stay, and ".." is the system's to follow. */
const besides = (system: System, at: string): string[] => [`${at}/../nvidia`, `${at}/../../nvidia`].flatMap((all) => system.list(all).map((part) => `${all}/${part}/lib`));

/** The wheel around a library, links followed (`python/platform/build_info.py` is written by TensorFlow's own build); null where there is none. */
export function wheelOf(system: System, library: string): Wheel | null {
  const folder = dirname(system.real(library));
  const cuda = /'is_cuda_build', (True|False)/.exec(system.read(join(folder, 'python', 'platform', 'build_info.py')))?.[1];
  if (cuda === undefined) return null;
  const version = system.list(dirname(folder)).map((name) => /^tensorflow(?:_(?:cpu|gpu|intel|cpu_aws))?-(\d+\.\d+\.\d+)\.dist-info$/.exec(name)?.[1]).find((v) => v !== undefined);
  return { cuda: cuda === 'True', version: version ?? null, folders: besides(system, dirname(library)) };
}
