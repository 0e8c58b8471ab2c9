/** Whether a wire may be drawn, and why not: asked at every move of the pointer. */
import { diagnostic, type Diagnostic, type DiagnosticArgs, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import { applyEdit, graphAt } from '../graph/apply.ts';
import type { Document, GraphPath, WireEnd } from '../graph/document.ts';
import { groupAround, readStub, tieBetween, wireEdit } from '../graph/group-ports.ts';
import { fail, ok, type Result } from '../util/result.ts';
import { compile } from './compile.ts';
import { portsOf } from './ports.ts';

export { portsOf };

/** Who feeds a port that takes one wire alone: a layer of the graph, or an input of the group around; null while it is free. */
function feederOf(document: Document, path: GraphPath, to: WireEnd): string | null {
  const graph = graphAt(document, path);
  const wire = graph.wires.find((w) => w.to.node === to.node && w.to.port === to.port);
  if (wire) return graph.nodes.find((n) => n.id === wire.from.node)?.name ?? wire.from.node;
  return groupAround(document, path)?.group.inputs.find((p) => p.node === to.node && p.port === to.port)?.label ?? null;
}

/**
 * Checks a new wire; the diagnostic's place is the target. A wire is refused that makes a loop or a shape its target
 * cannot take. Inside a group an end may stand for a port of it (`stubId`).
 */
export function canConnect(document: Document, path: GraphPath, from: WireEnd, to: WireEnd): Result<true, Diagnostic> {
  const graph = graphAt(document, path);
  const around = groupAround(document, path);
  const [source, target] = [from, to].map((e) => graph.nodes.find((n) => n.id === e.node));
  const near = target ?? source;
  const place = { label: near?.name ?? 'Wire', ...(near ? { node: [...path, near.id].join('/') } : {}) };
  const no = <C extends DiagnosticCode>(code: C, args: DiagnosticArgs<C>) => fail(diagnostic(code, place, args) as Diagnostic);
  const tie = around ? tieBetween(from, to) : null;
  const port = target && portsOf(target).inputs.find((p) => p.id === to.port);
  const starts = readStub(from.node) ? tie?.side === 'inputs' : source && portsOf(source).outputs.some((p) => p.id === from.port);
  const ends = readStub(to.node) ? tie?.side === 'outputs' : port !== undefined;
  if (!starts || !ends) return no('graph.wire-port', { port: 'something else' });
  if (from.node === to.node) return no('graph.wire-self', {});
  const twice = tie ? around?.group[tie.side].some((p) => p.id === tie.port && p.node === tie.end.node && p.port === tie.end.port)
    : graph.wires.some((w) => w.from.node === from.node && w.from.port === from.port && w.to.node === to.node && w.to.port === to.port);
  if (twice) return no('graph.wire-double', {});
  const taken = port && !port.many ? feederOf(document, path, to) : null;
  if (taken !== null) return no('graph.wire-taken', { by: taken });

  // Compile with the wire: what is newly wrong at the target, and is no mere lack of more wires, is the reason.
  const trial = compile(applyEdit(document, wireEdit(document, path, from, to)).document);
  const cycle = trial.problems.find((p) => p.diagnostic.code === 'graph.cycle');
  if (cycle) return fail(cycle.diagnostic);
  const inside = (node: string | undefined) => target !== undefined && (node === place.node || node?.startsWith(`${place.node}/`) === true);
  const reason = trial.problems.find((p) => inside(p.diagnostic.place.node) && p.diagnostic.code.startsWith('shape.') && p.diagnostic.code !== 'shape.too-few-inputs');
  return reason ? fail(reason.diagnostic) : ok(true);
}
