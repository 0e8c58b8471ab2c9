/** Copy, cut and paste of layers as text: by the browser's own events, which need no permission, and by command. */
import { isTyping } from '../ui/focus.ts';
import { pasteText, removeSelection, selectionText } from './edits.ts';

/** What was last copied here: stands in where the system's clipboard may not be read. */
let held = '';

const keep = (text: string): string => (held = text);

export async function copySelection(): Promise<void> {
  const text = selectionText();
  // Without permission the text is still held for this window.
  if (text !== null) await navigator.clipboard.writeText(keep(text)).catch(() => undefined);
}

export async function cutSelection(): Promise<void> {
  await copySelection();
  removeSelection();
}

export const pasteClipboard = async (): Promise<void> => pasteText(await navigator.clipboard.readText().catch(() => held));

/** Whether the event is about text: somebody types, or has marked words on the page. */
const isText = (e: ClipboardEvent): boolean => isTyping(e.target) || (getSelection()?.toString() ?? '') !== '';

export function listenForClipboard(): () => void {
  const take = (e: ClipboardEvent): boolean => {
    const text = isText(e) ? null : selectionText();
    if (text === null) return false;
    e.clipboardData?.setData('text/plain', keep(text));
    e.preventDefault();
    return true;
  };
  const onCopy = (e: ClipboardEvent) => void take(e);
  const onCut = (e: ClipboardEvent) => { if (take(e)) removeSelection(); };
  const onPaste = (e: ClipboardEvent) => { if (!isTyping(e.target)) pasteText(e.clipboardData?.getData('text/plain') ?? held); };
  window.addEventListener('copy', onCopy);
  window.addEventListener('cut', onCut);
  window.addEventListener('paste', onPaste);
  return () => {
    window.removeEventListener('copy', onCopy);
    window.removeEventListener('cut', onCut);
    window.removeEventListener('paste', onPaste);
  };
}
