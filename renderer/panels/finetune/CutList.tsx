/** The layers behind which a net may be cut, the last first, with what each hands on. */
import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { HeadCut } from '../../../shared/compile/head.ts';
import { formatShape } from '../../../shared/shapes/shape.ts';
import { short } from '../../ui/format.ts';

interface Props { readonly cuts: readonly HeadCut[]; readonly chosen: string; readonly onChoose: (layer: string) => void }

export function CutList({ cuts, chosen, onChoose }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const rows = [...cuts].reverse();
  useEffect(() => { list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' }); }, [chosen]);
  const move = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    const next = rows[rows.findIndex((c) => c.layer === chosen) + by];
    if (by === 0 || !next) return;
    e.preventDefault();
    onChoose(next.layer);
    requestAnimationFrame(() => list.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus());
  };
  return (
    <div ref={list} className="cuts" role="listbox" aria-label="Keep everything up to" onKeyDown={move}>
      {rows.map((c) => (
        <button key={c.layer} type="button" role="option" aria-selected={c.layer === chosen} tabIndex={c.layer === chosen ? 0 : -1} data-layer={c.layer} onClick={() => onChoose(c.layer)}>
          <span className="what"><span className="name" title={c.name}>{c.name}</span>{c.proposed && <span className="tag">proposed</span>}</span>
          <span className="mono dim">{formatShape(c.shape)}</span>
          <span className="dim kind">{c.label}</span>
          <span className="mono dim">{c.parameters === 0 ? '–' : short(c.parameters)}</span>
        </button>
      ))}
    </div>
  );
}
