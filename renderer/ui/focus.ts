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

/** Class of the button that opens the device menu; its id is the menu's own. */
export const DEVICE_CHIP = 'device-chip';

/** Where the keyboard goes on when a dialog about devices has closed: what opened it, an entry of the menu, is gone. Unless it is elsewhere already. */
export const focusDevices = (): void => void requestAnimationFrame(() => {
  if (document.activeElement === document.body) document.querySelector<HTMLElement>(`.${DEVICE_CHIP}`)?.focus();
});
