/**
 * Which CUDA and cuDNN a TensorFlow opens at run time, and under which names. Versions: tensorflow.org/install/source,
 * "Tested build configurations, GPU". It takes no graphics card where one library is missing (MaybeTryDlopenGPULibraries).
 */
import { hasLibrary, type System } from './system.ts';

export interface Cuda {
  /** TensorFlow's versions: 2 and a minor, first and last. */
  readonly minors: readonly [number, number];
  readonly cuda: string;
  readonly cudnn: string;
  readonly linux: readonly string[];
  readonly win32: readonly string[];
  /** The same libraries as packages of pip. */
  readonly wheels: readonly string[];
}

const parts = ['cuda-runtime', 'cublas', 'cufft', 'curand', 'cusolver', 'cusparse'] as const;
const wheels = (cuda: number, cudnn: number): string[] => [...parts.map((p) => `nvidia-${p}-cu${cuda}`), `"nvidia-cudnn-cu${cuda}==${cudnn}.*"`];

const eleven = {
  linux: ['libcudart.so.11.0', 'libcublas.so.11', 'libcublasLt.so.11', 'libcufft.so.10', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.11', 'libcudnn.so.8'],
  win32: ['cudart64_110.dll', 'cublas64_11.dll', 'cublasLt64_11.dll', 'cufft64_10.dll', 'curand64_10.dll', 'cusolver64_11.dll', 'cusparse64_11.dll', 'cudnn64_8.dll'],
  wheels: wheels(11, 8),
};
const twelve = (cudnn: number) => ({
  linux: ['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11', 'libcurand.so.10', 'libcusolver.so.11', 'libcusparse.so.12', `libcudnn.so.${cudnn}`],
  win32: ['cudart64_12.dll', 'cublas64_12.dll', 'cublasLt64_12.dll', 'cufft64_11.dll', 'curand64_10.dll', 'cusolver64_11.dll', 'cusparse64_12.dll', `cudnn64_${cudnn}.dll`],
  wheels: wheels(12, cudnn),
});

const rows: readonly Cuda[] = [
  { minors: [5, 11], cuda: '11.2', cudnn: '8.1', ...eleven },
  { minors: [12, 14], cuda: '11.8', cudnn: '8.6', ...eleven },
  { minors: [15, 17], cuda: '12.2', cudnn: '8.9', ...twelve(8) },
  { minors: [18, 21], cuda: '12.5', cudnn: '9.3', ...twelve(9) },
];

const driver: Readonly<Record<'linux' | 'win32', string>> = { linux: 'libcuda.so.1', win32: 'nvcuda.dll' };

/** What TensorFlow of this version wants; null for one that nobody has listed. */
export function cudaOf(version: string): Cuda | null {
  const [major, minor = 0] = version.split('.').map(Number);
  return rows.find(({ minors: [from, to] }) => major === 2 && minor >= from && minor <= to) ?? null;
}

/** Names that the loader does not find, in these folders neither: the driver's alone where there is none, else CUDA's and cuDNN's. */
export function missingLibraries(system: System, cuda: Cuda, folders: readonly string[] = []): { readonly driver: boolean; readonly names: readonly string[] } {
  const { platform } = system;
  if (platform !== 'linux' && platform !== 'win32') return { driver: true, names: [] };
  if (!hasLibrary(system, driver[platform])) return { driver: true, names: [driver[platform]] };
  return { driver: false, names: cuda[platform].filter((name) => !hasLibrary(system, name) && !folders.some((f) => system.exists(`${f}/${name}`))) };
}
