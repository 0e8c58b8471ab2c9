/** What can be wrong with a drawn graph. */
import { error, warning } from './entry.ts';

export const graphDiagnostics = {
  'graph.cycle': error((a: { names: readonly string[] }) => ({ expected: 'a graph without loops', got: `the loop ${a.names.join(' → ')}`, next: 'Remove one of its wires.' })),
  'graph.unconnected': error((a: { port: string }) => ({ expected: `a wire into ${a.port}`, got: 'none', next: 'Drag a wire to it from the layer before, or delete it.' })),
  'graph.unused': warning((_: Record<string, never>) => ({ expected: 'a way to the Output', got: 'none', next: 'Connect it onwards, or delete it.' })),
  'graph.no-input': error((_: Record<string, never>) => ({ expected: 'an Input layer', got: 'none', next: 'Drag an Input from the palette.' })),
  'graph.no-output': error((_: Record<string, never>) => ({ expected: 'an Output layer', got: 'none', next: 'Drag an Output from the palette to the end.' })),
  'graph.many': error((a: { what: string; count: number }) => ({ expected: `one ${a.what} layer`, got: `${a.count}`, next: 'Delete the others.' })),
  'graph.unknown-layer': error((a: { layer: string }) => ({ expected: 'a layer this version knows', got: a.layer, next: 'Replace it, or open the project with a newer version.' })),
  'graph.operator': error((a: { op: string }) => ({ expected: 'a layer that can be trained', got: `the operator ${a.op}`, next: 'Replace it by a layer of the palette.' })),
  'graph.bypass-shape': error((a: { input: string; output: string }) => ({ expected: `an output of ${a.input} like its input, to be bypassed`, got: a.output, next: 'Turn the bypass off.' })),
  'graph.wire-self': error((_: Record<string, never>) => ({ expected: 'a wire to another layer', got: 'the same layer', next: 'Drop it on another input.' })),
  'graph.wire-port': error((a: { port: string }) => ({ expected: 'a wire from an output to an input', got: a.port, next: 'Drop it on an input.' })),
  'graph.wire-taken': error((a: { by: string }) => ({ expected: 'a free input', got: `one that ${a.by} is connected to`, next: 'Delete that wire first, or join both with Add or Concat.' })),
  'graph.wire-double': error((_: Record<string, never>) => ({ expected: 'a new wire', got: 'one that is there already', next: 'Choose another output.' })),
  'graph.wire-lost': error((a: { index: number; path: readonly string[]; missing: string }) => ({ expected: 'each wire to lead from an output to an input', got: `one at ${a.missing}, which is not there`, next: 'Delete the wire and draw it anew.' })),
  'graph.wire-twice': error((a: { from: string }) => ({ expected: 'each wire once', got: `two from ${a.from}`, next: 'Delete one of them.' })),
  'graph.port-taken': error((a: { port: string; count: number }) => ({ expected: `one wire into ${a.port}`, got: `${a.count}`, next: 'Delete the others, or join them with Add or Concat.' })),
  'graph.group-port': error((a: { port: string; missing: string }) => ({ expected: `something inside behind ${a.port}`, got: `${a.missing}, which is not there`, next: 'Open the group and connect the port anew.' })),
  'graph.id-twice': error((a: { id: string }) => ({ expected: 'every id once', got: `${a.id} twice`, next: 'Delete it and add the layer anew.' })),
  'graph.name-twice': warning((a: { name: string }) => ({ expected: 'a name of its own', got: `${a.name}, as another layer has`, next: 'Rename it.' })),
  'graph.data-shape': error((a: { data: string; input: string }) => ({ expected: `an Input of ${a.data}, as the data set has`, got: a.input, next: 'Set the Input to the size of the data, or choose other data.' })),
  'graph.class-count': error((a: { classes: number; got: string }) => ({ expected: `${a.classes} outputs, one for each class`, got: a.got, next: `Set the last Dense layer to ${a.classes} units.` })),
  'graph.output-vector': error((a: { got: string }) => ({ expected: 'a vector at the Output', got: `maps of ${a.got}`, next: 'Put Flatten or Global average, then Dense before it.' })),
  'graph.invalid': error((a: { expected: string; got: string }) => ({ expected: a.expected, got: a.got, next: 'Open another file, or mend this one in a text editor.' })),
  'graph.version': error((a: { supported: number; found: string }) => ({ expected: `file format version ${a.supported} or older`, got: a.found, next: 'Open it with a newer Netloom.' })),
};
