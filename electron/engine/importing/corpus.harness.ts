/** Cases of the ONNX project and of others through the whole import. Not part of the product. */
import type { Tensor } from '../../../shared/onnx/ir.ts';
import { NetloomError } from '../../../shared/diagnostics/diagnostic.ts';
import { ForeignSession } from '../runtime/foreign.ts';
import { importOnnx } from './import.ts';
import { difference, readSet, type CorpusCase } from './normalise/corpus.harness.ts';
import { compareWithFile } from './proof.ts';

export type Verdict =
  /** ONNX Runtime itself does not load it, run it, or answer as the case says. */
  | { readonly kind: 'not for the runtime'; readonly detail: string }
  | { readonly kind: 'equal'; readonly relative: number }
  | { readonly kind: 'differs'; readonly relative: number }
  /** With a sentence for people. */
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'broken'; readonly detail: string };

const TOLERANCE = 1e-4;

/** What the original answers to the case's inputs, where it answers what the case says. */
async function original(test: CorpusCase): Promise<{ readonly feeds: Map<string, Tensor>; readonly sizes: Record<string, number> } | string> {
  const session = await ForeignSession.open(test.model, { plain: true }).catch((e: unknown) => e as Error);
  if (session instanceof Error) return session.message;
  try {
    const data = test.sets[0] ? readSet(test.sets[0]) : { inputs: [], outputs: [] };
    const feeds = new Map(session.inputs.flatMap((v, i) => { const t = data.inputs[i]; return t ? [[v.name, t] as const] : []; }));
    if (feeds.size < session.inputs.length) return 'inputs that are no tensors of numbers';
    const answers = await session.run(feeds);
    for (const [i, v] of session.outputs.entries()) {
      const [wanted, got] = [data.outputs[i], answers.get(v.name)];
      if (wanted && (!got || !(difference(got, wanted) < 1e-3))) return `another answer than the case's: ${got ? difference(got, wanted) : 'none'}`;
    }
    const sizes = Object.fromEntries(session.inputs.flatMap((v) => (feeds.get(v.name)?.shape ?? []).map((d, axis) => [`${v.name}[${axis}]`, d] as const)));
    return { feeds, sizes };
  } catch (e) {
    return (e as Error).message;
  } finally {
    await session.dispose();
  }
}

/** A case, or a file alone, imported and compared with ONNX Runtime on its own inputs, or on noise where it has none, with `sizes` for what it leaves open. */
export async function verdictOf(test: CorpusCase, sizes: Readonly<Record<string, number>> = {}): Promise<Verdict> {
  const truth = test.sets.length > 0 ? await original(test) : null;
  if (typeof truth === 'string') return { kind: 'not for the runtime', detail: truth };
  try {
    const { subject } = await importOnnx(test.model, { sizes: truth?.sizes ?? sizes });
    const { relative } = await compareWithFile(test.model, subject, truth ? [truth.feeds] : [], truth ? 0 : 2);
    return relative <= TOLERANCE ? { kind: 'equal', relative } : { kind: 'differs', relative };
  } catch (e) {
    if (e instanceof NetloomError && e.diagnostic.code === 'onnx.original') return { kind: 'not for the runtime', detail: e.message };
    return { kind: e instanceof NetloomError && !e.diagnostic.code.startsWith('engine.') ? 'refused' : 'broken', detail: e instanceof NetloomError ? e.message : ((e as Error).stack ?? String(e)).slice(0, 400) };
  }
}
