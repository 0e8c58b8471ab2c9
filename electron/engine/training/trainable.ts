/** Which weights of a net a gradient reaches, and what keeps it from the others. */
import { lowerForward } from '../../../shared/compile/lower.ts';
import { titleOf, type Network } from '../../../shared/compile/network.ts';
import { diagnostic, render, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { layerSpec } from '../../../shared/layers/table.ts';
import { GraphBuilder } from '../../../shared/onnx/builder.ts';
import { elementCount } from '../../../shared/shapes/shape.ts';
import { differentiate } from '../autodiff/backward.ts';
import { importOnnx, type Imported } from '../importing/import.ts';
import { knownGradients } from './known-gradients.ts';

export interface Trainable {
  /** Full names. */
  readonly weights: ReadonlySet<string>;
  /** Operators without a rule that lie between weights and answers, by node. */
  readonly missing: readonly Diagnostic[];
}

/** Differentiates the sum of all float32 answers, as any loss would. Frozen layers count as what they are: not trained. */
export function trainableOf(network: Network): Trainable {
  const forward = lowerForward(network, { batch: 2, training: true });
  const b = GraphBuilder.from(forward.graph);
  const answers = forward.outputs.map((name) => b.value(name)).filter((v) => v.type.element === 'float32').map((v) => b.sum(v, undefined, false));
  const [first, ...rest] = answers;
  if (!first) return { weights: new Set(), missing: [] };
  const missing: Diagnostic[] = [];
  const loss = rest.reduce((sum, v) => b.add(sum, v), first);
  const wanted = forward.weights.filter((w) => w.trainable).map((w) => w.name);
  const gradients = differentiate(b, [...b.build('answers').nodes], loss, wanted, 'cpu', (d) => missing.push(d));
  return { weights: new Set(gradients.keys()), missing };
}

const learnable: ReadonlySet<string> = new Set([...knownGradients.passed, ...knownGradients.zero]);

/** An import whose report tells what trains and why not. */
export async function importWithTrainable({ path, sizes, name }: { readonly path: string; readonly sizes: Readonly<Record<string, number>>; readonly name?: string }): Promise<Imported> {
  const imported = await importOnnx(path, { sizes, ...(name === undefined ? {} : { name }) });
  const { network } = imported.subject;
  const { weights, missing } = trainableOf(network);
  // What lies before one that has no rule is never asked: the table says it of those.
  const unasked = network.layers.flatMap((l) => {
    const written = layerSpec(l.type).tensors?.opset?.(l.params as never);
    const op = titleOf(l);
    const node = `${l.id}/${op}`;
    return !written || (written.domain === '' && learnable.has(op)) ? [] : [diagnostic('onnx.no-gradient', { label: node }, { op, node })];
  });
  const why = new Map([...unasked, ...missing].map((d) => [(d.args as { readonly op: string }).op, render(d).sentence]));
  const trainable = network.layers.flatMap((l) => l.weights).filter((w) => weights.has(w.fullName)).reduce((n, w) => n + elementCount(w.shape), 0);
  return { ...imported, report: { ...imported.report, trainable, operators: imported.report.operators.map((o) => ({ ...o, why: why.get(o.op) ?? null })) } };
}
