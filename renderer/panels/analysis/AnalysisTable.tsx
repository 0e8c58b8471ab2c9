/** The table: only the rows on screen are drawn, so that a thousand layers scroll as lightly as ten. */
import { IconArrowDown, IconArrowUp, IconChevronRight } from '@tabler/icons-react';
import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Analysis } from '../../../shared/analysis/analyse.ts';
import type { Amounts, AnalysisRow } from '../../../shared/analysis/tree.ts';
import { families, layerSpec, type RowType } from '../../../shared/layers/table.ts';
import { GROUP_GLYPH } from '../../canvas/describe.ts';
import { percent } from '../../ui/format.ts';
import { familyColor } from '../../ui/theme.ts';
import { columnsFor, leastWidth, type Column } from './columns.tsx';
import { barValue, nextSorting, shareOf, type ShownRow, type Sorting } from './rows.ts';

const ROW = 27;
const OVERSCAN = 6;

interface TableProps {
  readonly analysis: Analysis;
  readonly rows: readonly ShownRow[];
  readonly sorting: Sorting | null;
  /** Drawn path of the selected node. */
  readonly selected: string | null;
  onSort(sorting: Sorting | null): void;
  onToggle(key: string): void;
  onChoose(row: AnalysisRow): void;
}

function Glyph({ row }: { row: AnalysisRow }) {
  const family = row.kind === 'layer' ? layerSpec(row.type as RowType).family : 'io';
  return <span className="glyph" style={{ background: familyColor[family] }} aria-hidden>{row.kind === 'group' ? GROUP_GLYPH : families[family].glyph}</span>;
}

function Bar({ row, column, totals }: { row: Amounts; column: Column; totals: Amounts }) {
  const value = barValue(row, column.id);
  if (value === null) return null;
  return <span className="analysis-bar" aria-hidden><span style={{ width: `${(100 * shareOf(value, barValue(totals, column.id))).toFixed(2)}%` }} /></span>;
}

const shareText = (row: Amounts, column: Column, totals: Amounts): string | undefined => {
  const value = barValue(row, column.id);
  return value === null ? undefined : `${percent(shareOf(value, barValue(totals, column.id)))} of the total`;
};

interface LineProps { readonly shown: ShownRow; readonly columns: readonly Column[]; readonly totals: Amounts; readonly index: number; readonly selected: boolean; readonly active: boolean; readonly template: string; /** Room for the arrows of groups. */ readonly indent: boolean; onToggle(key: string): void; onChoose(row: AnalysisRow): void }

const Line = memo(function Line({ shown, columns, totals, index, selected, active, template, indent, onToggle, onChoose }: LineProps) {
  const { row, key, depth, open } = shown;
  return (
    <div className="analysis-row" role="row" id={`analysis-${key}`} aria-level={depth + 1} aria-rowindex={index + 2} aria-expanded={row.kind === 'group' ? open : undefined} aria-selected={selected} data-active={active} style={{ gridTemplateColumns: template, top: index * ROW }} onClick={() => onChoose(row)}>
      {columns.map((c, i) => i === 0 ? (
        <span key={c.id} role="gridcell" className="analysis-name" style={{ paddingLeft: 8 + depth * 16 }} title={row.id}>
          {row.kind === 'group'
            ? <button className="icon-button" tabIndex={-1} aria-label={`${open ? 'Close' : 'Open'} ${row.name}`} onClick={(e) => { e.stopPropagation(); onToggle(key); }}><IconChevronRight size={13} style={{ transform: open ? 'rotate(90deg)' : 'none', transition: 'transform 120ms' }} /></button>
            : indent && <span style={{ width: 22, flex: 'none' }} />}
          <Glyph row={row} />
          <span className="ellipsis">{c.cell(row)}</span>
          {row.kind === 'group' && (row.copies > 1 ? <span className="dim" style={{ flex: 'none' }}>× {row.copies}</span> : depth < 2 && <span className="dim ellipsis analysis-count">{row.layers} {row.layers === 1 ? 'layer' : 'layers'}</span>)}
          {row.kind === 'layer' && row.frozen && row.parameters > 0 && <span className="dim" style={{ flex: 'none' }}>frozen</span>}
        </span>
      ) : <span key={c.id} role="gridcell" className="mono analysis-number" title={shareText(row, c, totals)}>{c.cell(row)}<Bar row={row} column={c} totals={totals} /></span>)}
    </div>
  );
});

export function AnalysisTable({ analysis, rows, sorting, selected, onSort, onToggle, onChoose }: TableProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 300 });
  const [active, setActive] = useState(0);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setView((v) => ({ ...v, height: element.clientHeight })));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const columns = columnsFor(analysis.totals);
  const template = columns.map((c) => c.width).join(' ');
  const minWidth = leastWidth(columns);
  const from = Math.max(0, Math.floor(view.top / ROW) - OVERSCAN);
  const to = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW) + OVERSCAN);
  const at = Math.min(active, rows.length - 1);
  const grouped = analysis.tree.some((r) => r.kind === 'group');

  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setActive(next);
    const element = box.current;
    if (!element) return;
    // Head and totals stay in sight and take a row's height each.
    if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
    else if ((next + 3) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (next + 3) * ROW - element.clientHeight;
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const shown = rows[at];
    if (!shown || e.target !== e.currentTarget) return;
    const page = Math.max(1, Math.floor(view.height / ROW) - 3);
    const group = shown.row.kind === 'group';
    const parent = rows.slice(0, at).findLastIndex((r) => r.depth < shown.depth);
    const steps: Readonly<Record<string, () => void>> = {
      ArrowDown: () => go(at + 1), ArrowUp: () => go(at - 1), PageDown: () => go(at + page), PageUp: () => go(at - page), Home: () => go(0), End: () => go(rows.length - 1),
      ArrowRight: () => { if (group && !shown.open) onToggle(shown.key); else go(at + 1); },
      ArrowLeft: () => { if (group && shown.open) onToggle(shown.key); else if (parent >= 0) go(parent); },
      Enter: () => onChoose(shown.row),
    };
    const step = steps[e.key];
    if (!step || e.ctrlKey || e.metaKey || e.altKey) return;
    e.preventDefault();
    e.stopPropagation();
    step();
  };

  return (
    <div ref={box} className="analysis-table" role="treegrid" tabIndex={0} aria-label="Layers and what they cost" aria-rowcount={rows.length + 2} aria-activedescendant={rows[at] && `analysis-${rows[at].key}`} onKeyDown={onKeyDown} onScroll={(e) => { const { scrollTop } = e.currentTarget; setView((v) => (Math.abs(v.top - scrollTop) < ROW ? v : { ...v, top: scrollTop })); }}>
      <div className="analysis-head" role="row" style={{ gridTemplateColumns: template, minWidth }}>
        {columns.map((c) => {
          const falling = sorting?.column === c.id ? sorting.falling : null;
          return (
            <span key={c.id} role="columnheader" aria-sort={falling === null ? 'none' : falling ? 'descending' : 'ascending'} title={c.help}>
              <button onClick={() => onSort(nextSorting(sorting, c.id))}>{falling !== null && (falling ? <IconArrowDown size={12} aria-hidden /> : <IconArrowUp size={12} aria-hidden />)}{c.label}</button>
            </span>
          );
        })}
      </div>
      <div style={{ position: 'relative', height: rows.length * ROW, minWidth }}>
        {rows.slice(from, to).map((shown, i) => <Line key={shown.key} shown={shown} columns={columns} totals={analysis.totals} index={from + i} selected={shown.row.path === selected} active={from + i === at} template={template} indent={grouped} onToggle={onToggle} onChoose={onChoose} />)}
      </div>
      <div className="analysis-total" role="row" style={{ gridTemplateColumns: template, minWidth }}>
        {columns.map((c, i) => <span key={c.id} role="gridcell" className={i === 0 ? 'analysis-name' : 'mono analysis-number'} data-testid={`analysis-total-${c.id}`}>{c.total(analysis.totals)}</span>)}
      </div>
    </div>
  );
}
