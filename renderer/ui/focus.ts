/** Where the focus is, and places that commands put it on. */

export const LAYER_SEARCH_ID = 'layer-search';

/** After the palette has been drawn, should it have been hidden. */
export const focusLayerSearch = (): void => void requestAnimationFrame(() => document.getElementById(LAYER_SEARCH_ID)?.focus());

const TEXTLESS = /^(?:radio|checkbox|button|range|submit|reset)$/;

/** Whether a key would be written into something. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !TEXTLESS.test(target.type);
  return target.isContentEditable || /^(?:textarea|select)$/i.test(target.tagName);
}
