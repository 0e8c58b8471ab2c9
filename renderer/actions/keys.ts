/** Keyboard events to actions. A single letter never fires while somebody types. */
import { isTyping } from '../ui/focus.ts';
import { actions, type Action } from './actions.ts';

/** The event in the table's notation: "Mod+Shift+L". */
export function chordOf(e: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  // With Shift a digit's or a full stop's key gives another character; the code says which key it was.
  const digit = /^Digit(\d)$/.exec(e.code)?.[1];
  const letter = /^Key([A-Z])$/.exec(e.code)?.[1];
  // With Alt a letter may give another character; without, the letter that is written on the key counts, wherever it lies.
  const key = digit && (e.shiftKey || e.ctrlKey || e.metaKey) ? digit : letter && e.altKey ? letter : e.code === 'Period' && !e.shiftKey ? '.' : e.code === 'Period' && (e.ctrlKey || e.metaKey) ? '.' : e.key.length === 1 ? e.key.toUpperCase() : e.key;
  const shift = e.shiftKey && key !== '?' && key !== '/' ? 'Shift+' : '';
  return `${e.ctrlKey || e.metaKey ? 'Mod+' : ''}${e.altKey ? 'Alt+' : ''}${shift}${key}`;
}

/** The action of a chord in a situation; undefined leaves the key to whatever has the focus. */
export function actionFor(chord: string, typing: boolean): Action | undefined {
  const action = actions.find((a) => a.keys.includes(chord));
  // The browser's own copy, cut and paste events follow; clipboard.ts hears them.
  if (!action || action.native === true) return undefined;
  // A field keeps its own editing keys; only commands of the whole window pass.
  if (typing && (action.group === 'Edit' || !chord.startsWith('Mod+'))) return undefined;
  return action;
}

/** Enter belongs to a button or a list that has the focus. */
const pressesIt = (e: KeyboardEvent): boolean => e.key === 'Enter' && !e.ctrlKey && !e.metaKey && e.target instanceof Element && e.target.closest('button, a, summary, [role=button], [role=tab], [role=option], [role=listbox], [role=combobox], [role=row], [role=switch], [role=radio]') !== null;

/** A dialog, or the button of an open menu: what keeps the keys to itself. A menu that was left still fades when the next key comes, its button is closed at once. */
const IN_FRONT = '[role=dialog], [aria-haspopup=menu][aria-expanded=true]';

export function listenForKeys(): () => void {
  const listener = (e: KeyboardEvent) => {
    const action = actionFor(chordOf(e), isTyping(e.target));
    if (!action || e.defaultPrevented || pressesIt(e)) return;
    if (document.querySelector(IN_FRONT) && action.group !== 'Train') return;
    if (!action.enabled()) return;
    e.preventDefault();
    action.run();
  };
  window.addEventListener('keydown', listener);
  return () => window.removeEventListener('keydown', listener);
}
