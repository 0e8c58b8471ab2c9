/** What commands elsewhere may ask of the canvas; it fills this in while it is on screen. */

interface CanvasView {
  fit(): void;
  /** Fits again what was fitted, once it is drawn; a view that the person has chosen stays. */
  refit(): void;
  /** Frames the selected layers. */
  frame(): void;
  actualSize(): void;
  centre(id: string): void;
  quickAdd(): void;
  /** Whether the overview in the corner is on screen. */
  hasOverview(): boolean;
  /** The next change of positions is drawn as motion. */
  animate(): void;
}

const idle: CanvasView = { fit: () => undefined, refit: () => undefined, frame: () => undefined, animate: () => undefined, actualSize: () => undefined, centre: () => undefined, quickAdd: () => undefined, hasOverview: () => false };

export const canvas: CanvasView = { ...idle };

export const setCanvasView = (view: CanvasView): (() => void) => {
  Object.assign(canvas, view);
  return () => Object.assign(canvas, idle);
};

/** Larger nets show an overview when part of them is out of sight, unless told otherwise. */
export const LARGE = 14;
