/** A name on one line: where there is no room its middle goes, so that the number at its end still tells it from others. */
import { nameParts } from './name-parts.ts';
import './short-name.css';

/** `title`: what a pointer at rest is told; the name itself unless given. */
export function ShortName({ text, title = text }: { readonly text: string; readonly title?: string }) {
  const [head, tail] = nameParts(text);
  return <span className="short-name" title={title}><span className="head-part">{head}</span>{tail !== '' && <span className="tail-part">{tail}</span>}</span>;
}
