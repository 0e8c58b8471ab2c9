/** What a card tells of a template at its own size, computed once, one after another, so that the dialog opens at once. */
import { useEffect, useState } from 'react';
import { compile } from '../../../shared/compile/compile.ts';
import type { DrawnGraph } from '../../../shared/graph/document.ts';
import type { Template } from '../../../shared/templates/template.ts';

export interface Facts { readonly graph: DrawnGraph; readonly parameters: number; readonly macs: number }

const known = new Map<string, Facts>();
const waiting = new Map<Template, Set<(f: Facts) => void>>();
let timer: ReturnType<typeof setTimeout> | undefined;

function compute(t: Template): Facts {
  const document = t.build();
  const { network } = compile(document);
  return { graph: document.graph, parameters: network.parameters, macs: network.macs };
}

/** One template a turn: the window stays free between two. */
function work(): void {
  timer = undefined;
  const [next] = waiting;
  if (!next) return;
  const [template, listeners] = next;
  waiting.delete(template);
  const facts = compute(template);
  known.set(template.id, facts);
  for (const listener of listeners) listener(facts);
  if (waiting.size > 0) timer = setTimeout(work);
}

/** Null until they are computed. */
export function useFacts(template: Template): Facts | null {
  const [facts, setFacts] = useState(known.get(template.id) ?? null);
  useEffect(() => {
    const ready = known.get(template.id) ?? null;
    setFacts(ready);
    if (ready) return;
    const listeners = waiting.get(template) ?? new Set();
    waiting.set(template, listeners.add(setFacts));
    timer ??= setTimeout(work);
    return () => {
      listeners.delete(setFacts);
      if (listeners.size === 0) waiting.delete(template);
    };
  }, [template]);
  return facts;
}
