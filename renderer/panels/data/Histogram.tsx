/** How many samples each class has: a bar and a name each. */
import { whole } from '../../ui/format.ts';

/** Classes that have a bar; of more, the rest is counted below. */
const MOST = 40;
const BAR_HEIGHT = 64;

export function Histogram({ classes, counts }: { readonly classes: readonly string[]; readonly counts: readonly number[] }) {
  const most = Math.max(...counts, 1);
  const shown = classes.slice(0, MOST);
  return (
    <>
      <div role="img" aria-label="Class histogram" style={{ display: 'grid', gridTemplateColumns: `repeat(${shown.length}, minmax(0, 60px))`, columnGap: 8, textAlign: 'center' }}>
        {shown.map((c, i) => (
          <div key={c} style={{ gridRow: 1, alignSelf: 'end' }}>
            <div className="mono dim">{whole(counts[i] ?? 0)}</div>
            <div style={{ height: ((counts[i] ?? 0) / most) * BAR_HEIGHT, background: 'var(--accent)', borderRadius: '4px 4px 0 0', opacity: 0.85 }} />
          </div>
        ))}
        {shown.map((c) => <div key={c} title={c} style={{ gridRow: 2, paddingTop: 4, overflow: 'hidden', textOverflow: 'ellipsis', overflowWrap: shown.length > 16 ? 'normal' : 'anywhere', maxHeight: '3em', lineHeight: 1.35 }}>{c}</div>)}
      </div>
      {classes.length > MOST && <p className="dim" style={{ margin: '8px 0 0' }}>and {whole(classes.length - MOST)} more classes</p>}
    </>
  );
}
