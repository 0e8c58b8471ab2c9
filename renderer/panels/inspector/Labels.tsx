/** Names of the classes that an Output tells apart: the data's own, or those that the net brought along. */
import { useDocument } from '../../state/document.ts';
import { whole } from '../../ui/format.ts';

/** Names shown; the rest is counted. */
const SHOWN = 12;

/** `count`: how many numbers the Output gives, where that is known. */
export function Labels({ count }: { count: number | null }) {
  const brought = useDocument((s) => s.history.document.labels);
  const data = useDocument((s) => s.dataInfo);
  const names = data && data.classes.length === count ? data.classes : (brought ?? []);
  // Digits are called by their own numbers: nothing to tell.
  if (names.every((n, i) => n === String(i)) || (count !== null && names.length !== count)) return null;
  const source = names === brought ? 'as the net brought them along' : `of ${data?.name ?? 'the data'}`;
  return (
    <div className="card" data-testid="labels">
      <strong>{whole(names.length)} classes</strong> <span className="dim">{source}</span>
      <ol className="labels mono">{names.slice(0, SHOWN).map((n, i) => <li key={i} className="ellipsis" title={n}><span className="dim">{i}</span> {n}</li>)}</ol>
      {names.length > SHOWN && <div className="dim">and {whole(names.length - SHOWN)} more</div>}
    </div>
  );
}
