/** Whether a wire may be drawn, and why not: asked at every move of the pointer. */
import { diagnostic, type Diagnostic, type DiagnosticArgs, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { applyEdit, graphAt } from '../graph/apply.ts';
import type { Document, GraphPath, WireEnd } from '../graph/document.ts';
import { connectEdit } from '../graph/operations.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { compile } from './compile.ts';
import { portsOf } from './ports.ts';

export { portsOf };

/** Checks a new wire; the diagnostic's place is the target. A wire is refused that makes a loop or a shape its target cannot take. */
export function canConnect(document: Document, path: GraphPath, from: WireEnd, to: WireEnd): Result<true, Diagnostic> {
  const graph = graphAt(document, path);
  const [source, target] = [from, to].map((e) => graph.nodes.find((n) => n.id === e.node));
  const place = { label: target?.name ?? 'Wire', ...(target ? { node: [...path, target.id].join('/') } : {}) };
  const no = <C extends DiagnosticCode>(code: C, args: DiagnosticArgs<C>) => fail(diagnostic(code, place, args) as Diagnostic);
  const port = target && portsOf(target).inputs.find((p) => p.id === to.port);
  if (!source || !target || !port || !portsOf(source).outputs.some((p) => p.id === from.port)) return no('graph.wire-port', { port: 'something else' });
  if (source.id === target.id) return no('graph.wire-self', {});
  if (graph.wires.some((w) => w.from.node === from.node && w.from.port === from.port && w.to.node === to.node && w.to.port === to.port)) return no('graph.wire-double', {});
  const taken = port.many ? undefined : graph.wires.find((w) => w.to.node === to.node && w.to.port === to.port);
  if (taken) return no('graph.wire-taken', { by: graph.nodes.find((n) => n.id === taken.from.node)?.name ?? taken.from.node });

  // Compile with the wire: what is newly wrong at the target, and is no mere lack of more wires, is the reason.
  const trial = compile(applyEdit(document, connectEdit(path, from, to)).document);
  const cycle = trial.problems.find((p) => p.diagnostic.code === 'graph.cycle');
  if (cycle) return fail(cycle.diagnostic);
  const reason = trial.problems.find((p) => p.diagnostic.place.node === place.node && p.diagnostic.code.startsWith('shape.') && p.diagnostic.code !== 'shape.too-few-inputs');
  return reason ? fail(reason.diagnostic) : ok(true);
}
