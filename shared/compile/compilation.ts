/** One compilation under way: what is known of each layer so far, and what is wrong. */
import { diagnostic, type Diagnostic, type DiagnosticArgs, type DiagnosticCode } from '../diagnostics/diagnostic.ts';
import type { Document } from '../graph/document.ts';
import { layerSpec, type AnyLayerSpec, type CheckedParams, type RowType } from '../layers/table.ts';
import { formatValue, isSamples, sameValue, samples, type ValueType } from '../layers/value-type.ts';
import type { LayerIssue } from '../layers/spec.ts';
import { elementCount } from '../shapes/shape.ts';
import { fail, ok, type Result } from '../util/result.ts';
import type { FlatGraph, FlatNode } from './flatten.ts';
import { followingActivations } from './following.ts';
import type { NetworkLayer } from './network.ts';
import { seenOf, type Seen } from './reach.ts';

interface Known { readonly layer: NetworkLayer; readonly seen: Seen }
/** One output of a layer that is known. */
export interface KnownFeed { readonly known: Known; readonly output: number; readonly type: ValueType }

interface Answer { readonly types: readonly ValueType[]; readonly arithmetic: readonly string[] }

/** What a layer makes of its inputs. Most rows know shapes of samples alone. */
function answerOf(spec: AnyLayerSpec, params: CheckedParams, inputs: readonly ValueType[]): Result<Answer, LayerIssue> {
  if (spec.tensors) {
    const types = spec.tensors.types(params, inputs);
    return types.ok ? ok({ types: types.value, arithmetic: [] }) : types;
  }
  const other = inputs.find((t) => !isSamples(t));
  if (other) return fail({ code: 'shape.needs-samples', args: { got: formatValue(other) } });
  const answer = spec.shape(params, inputs.map((t) => t.shape));
  return answer.ok ? ok({ types: [samples(answer.value.shape)], arithmetic: answer.value.arithmetic }) : answer;
}

const said = (t: ValueType | undefined): string => (t ? formatValue(t) : 'nothing');

export class Compilation {
  /** By content: copies of one repeated node have one problem. */
  readonly problems = new Map<string, Diagnostic>();
  /** Faults of repeated nodes that are said already, by code, node and field: copies differ in their words. */
  readonly told = new Set<string>();
  readonly known = new Map<string, Known>();
  readonly document: Document;
  readonly following: (id: string) => string;
  constructor(document: Document, flat: FlatGraph) {
    this.document = document;
    this.following = followingActivations(flat);
  }

  report<C extends DiagnosticCode>(code: C, at: FlatNode | null, args: DiagnosticArgs<C>, field?: string): void {
    const place = at ? { label: at.name, node: at.path, ...(field === undefined ? {} : { field }) } : { label: this.document.name || 'The network' };
    const fault = diagnostic(code, place, args);
    if (at?.copied) this.addOnce(fault);
    else this.add(fault);
  }

  add(d: Diagnostic): void {
    const key = JSON.stringify(d);
    if (!this.problems.has(key)) this.problems.set(key, d);
  }

  /** Adds what copies of one node may have in common, in other words each. */
  addOnce(d: Diagnostic): void {
    const key = `${d.code}\n${d.place.node}\n${d.place.field}`;
    if (this.told.has(key)) return;
    this.told.add(key);
    this.add(d);
  }

  /** Adds a node whose inputs are all known, or says why it cannot be. */
  layer(node: FlatNode, type: RowType, params: CheckedParams, feeds: readonly KnownFeed[]): void {
    const spec = layerSpec(type);
    const inputTypes = feeds.map((f) => f.type);
    const inputShapes = inputTypes.map((t) => t.shape);
    const answer = answerOf(spec, params, inputTypes);
    if (!answer.ok) {
      const { code, args, field } = answer.error;
      this.report(code, node, args as never, field);
      return;
    }
    const bypassed = node.node.bypassed === true;
    const { types, arithmetic } = answer.value;
    if (bypassed && (types.length !== 1 || !types[0] || !inputTypes[0] || !sameValue(types[0], inputTypes[0]))) {
      this.report('graph.bypass-shape', node, { input: said(inputTypes[0]), output: types.map(said).join(' and ') });
      return;
    }
    const shape = types[0]?.shape ?? [];
    const weights = bypassed ? [] : spec.weights(params, inputShapes, this.following(node.id)).map((w) => ({ ...w, fullName: `${node.id}.${w.name}` }));
    const seen = seenOf(spec, params, inputShapes, shape, feeds.map((f) => f.known.seen), bypassed);
    this.known.set(node.id, {
      seen,
      layer: {
        id: node.id, name: node.name, type, params, inputs: feeds.map((f) => f.known.layer.id), ...(feeds.some((f) => f.output > 0) ? { inputPorts: feeds.map((f) => f.output) } : {}),
        inputShapes, shape, types, arithmetic, weights,
        parameters: weights.filter((w) => w.role === 'trained').reduce((n, w) => n + elementCount(w.shape), 0),
        parameterArithmetic: spec.parameterArithmetic(params, inputShapes),
        macs: bypassed ? 0 : spec.macs(params, inputShapes, shape),
        receptiveField: seen.shown,
        frozen: node.frozen,
        bypassed,
      },
    });
  }
}
