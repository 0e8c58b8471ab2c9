/** Keyboard events to actions. A single letter never fires while somebody types. */
import { actions } from './actions.ts';

/** The event in the table's notation: "Mod+Shift+L". */
export function chordOf(e: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  // With Shift a digit's or a full stop's key gives another character; the code says which key it was.
  const digit = /^Digit(\d)$/.exec(e.code)?.[1];
  const key = digit && (e.shiftKey || e.ctrlKey || e.metaKey) ? digit : e.code === 'Period' ? '.' : e.key.length === 1 ? e.key.toUpperCase() : e.key;
  const shift = e.shiftKey && key !== '?' ? 'Shift+' : '';
  return `${e.ctrlKey || e.metaKey ? 'Mod+' : ''}${e.altKey ? 'Alt+' : ''}${shift}${key}`.replace('Mod+Shift+Alt', 'Mod+Alt+Shift');
}

const isTyping = (target: EventTarget | null): boolean => target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

export function listenForKeys(): () => void {
  const listener = (e: KeyboardEvent) => {
    const chord = chordOf(e);
    const action = actions.find((a) => a.keys.includes(chord));
    if (!action) return;
    // A field keeps its own editing keys; only commands of the whole window pass.
    if (isTyping(e.target) && (action.group === 'Edit' || !chord.startsWith('Mod+'))) return;
    if (document.querySelector('[role=dialog]') && action.group !== 'Train') return;
    if (!action.enabled()) return;
    e.preventDefault();
    action.run();
  };
  window.addEventListener('keydown', listener);
  return () => window.removeEventListener('keydown', listener);
}
