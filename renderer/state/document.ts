/** The document under work: history, selection, and what compile says of it. */
import { create } from 'zustand';
import { compile } from '../../shared/compile/compile.ts';
import type { Compiled, NetworkLayer } from '../../shared/compile/network.ts';
import { severityOf, type Diagnostic } from '../../shared/diagnostics/diagnostic.ts';
import { graphAt } from '../../shared/graph/apply.ts';
import type { Document, DrawnGraph, GraphPath, NodeId, WireId } from '../../shared/graph/document.ts';
import type { Edit } from '../../shared/graph/edit.ts';
import { commit, redo, startHistory, undo, type History } from '../../shared/graph/history.ts';
import type { DataInfo } from '../../shared/protocol/values.ts';
import { findTemplate } from '../../shared/templates/templates.ts';
import { layerAtPlace, problemsAtPlace } from './lookup.ts';

interface DocumentState {
  readonly history: History;
  /** The graph that is shown: ids of the groups that were entered. */
  readonly path: GraphPath;
  readonly nodes: ReadonlySet<NodeId>;
  readonly wires: ReadonlySet<WireId>;
  readonly compiled: Compiled;
  readonly dataInfo: DataInfo | null;
  /** The document as last saved, to tell whether there are unsaved edits. */
  readonly saved: Document | null;
}

function compileWith(document: Document, data: DataInfo | null): Compiled {
  return compile(document, data ? { classes: data.classes.length, sampleShape: data.shape } : {});
}

const first = (findTemplate('lenet-5-digits') as { build(): Document }).build();

export const useDocument = create<DocumentState>(() => ({
  history: startHistory(first), path: [], nodes: new Set(), wires: new Set(), compiled: compileWith(first, null), dataInfo: null, saved: null,
}));

/** As much of a path as the document still has: an undo may take away the group that is shown. */
function existing(document: Document, path: GraphPath): GraphPath {
  let graph = document.graph;
  for (const [depth, id] of path.entries()) {
    const node = graph.nodes.find((n) => n.id === id);
    if (node?.kind !== 'group') return path.slice(0, depth);
    graph = node.graph;
  }
  return path;
}

function show(history: History): void {
  const { dataInfo, nodes, wires, path: before } = useDocument.getState();
  const path = existing(history.document, before);
  const graph = graphAt(history.document, path);
  const has = new Set([...graph.nodes.map((n) => n.id), ...graph.wires.map((w) => w.id)]);
  // Ties of a group's ports are wires of no graph.
  const keep = <T extends string>(ids: ReadonlySet<T>) => new Set([...ids].filter((id) => has.has(id) || id.startsWith('@')));
  useDocument.setState({ history, compiled: compileWith(history.document, dataInfo), nodes: keep(nodes), wires: keep(wires), ...(path === before ? {} : { path }) });
}

export const currentDocument = (): Document => useDocument.getState().history.document;
export const currentGraph = (): DrawnGraph => graphAt(currentDocument(), useDocument.getState().path);

/** Applies an edit as one undo step named `label`. */
export const edit = (change: Edit, label: string, mergeKey?: string): void => show(commit(useDocument.getState().history, change, label, mergeKey));
export const undoEdit = (): void => show(undo(useDocument.getState().history));
export const redoEdit = (): void => show(redo(useDocument.getState().history));

/** Another document takes the place of this one, with a history of its own. */
export function replaceDocument(document: Document, saved: Document | null): void {
  useDocument.setState({ path: [], nodes: new Set(), wires: new Set(), saved });
  show(startHistory(document));
}

export function setDataInfo(dataInfo: DataInfo): void {
  useDocument.setState({ dataInfo });
  show(useDocument.getState().history);
}

/** Whether another document in place of this one would lose edits. */
export const hasUnsavedEdits = ({ history, saved }: DocumentState = useDocument.getState()): boolean => (saved === null ? history.past.length > 0 : saved !== history.document);

/** What lies beside the document in its project was changed: what was saved is no longer what is open. */
export function markEdited(): void {
  const { saved } = useDocument.getState();
  if (saved) useDocument.setState({ saved: { ...saved } });
}

export const markSaved = (saved: Document): void => useDocument.setState({ saved });

export function select(nodes: Iterable<NodeId>, wires: Iterable<WireId> = []): void {
  useDocument.setState({ nodes: new Set(nodes), wires: new Set(wires) });
}

/** Enters or leaves a group. What was left is selected, so that one sees where one was. */
export function showGraph(path: GraphPath): void {
  const { path: before, history } = useDocument.getState();
  const left = path.length < before.length && path.every((id, i) => id === before[i]) ? before[path.length] : undefined;
  const known = left !== undefined && graphAt(history.document, path).nodes.some((n) => n.id === left);
  useDocument.setState({ path, nodes: new Set(known ? [left] : []), wires: new Set() });
}

/** Layers by node path; a repeated group's first copy stands for all. */
export const layerAt = (compiled: Compiled, path: GraphPath, id: NodeId): NetworkLayer | undefined => layerAtPlace(compiled, [...path, id].join('/'));

export const problemsAt = (compiled: Compiled, path: GraphPath, id: NodeId): readonly Diagnostic[] => problemsAtPlace(compiled, [...path, id].join('/'));

export const isError = (d: Diagnostic): boolean => severityOf(d) === 'error';
