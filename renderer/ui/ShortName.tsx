/** A name on one line: where there is no room its middle goes, so that the number at its end still tells it from others. */
import { nameParts } from './name-parts.ts';
import './short-name.css';

export function ShortName({ text }: { readonly text: string }) {
  const [head, tail] = nameParts(text);
  return <span className="short-name" title={text}><span className="head-part">{head}</span>{tail !== '' && <span className="tail-part">{tail}</span>}</span>;
}
