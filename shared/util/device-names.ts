/** What a device is called where only its id is known: a run may have used one that is not here. */
const names: ReadonlyMap<string, string> = new Map([
  ['cpu', 'CPU'], ['webgpu', 'WebGPU'], ['cuda', 'CUDA'], ['dml', 'DirectML'], ['coreml', 'Core ML'], ['tensorflow', 'TensorFlow'],
]);

/** "tensorflow" -> "TensorFlow"; an id that nothing knows stays as it is. */
export const deviceName = (id: string): string => names.get(id) ?? id;

/** The same inside a sentence: "the CPU", "WebGPU". */
export const deviceInSentence = (id: string): string => (id === 'cpu' ? 'the CPU' : deviceName(id));
