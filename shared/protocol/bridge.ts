/** The Bridge: the one thing the interface knows of the outside, whichever transport carries it. */
import type { EventData, EventName } from './events.ts';
import type { Answer, Method, Params } from './requests.ts';

export interface Bridge {
  /** Rejects with a NetloomError that carries the engine's diagnostic. */
  request<M extends Method>(method: M, params: Params<M>): Promise<Answer<M>>;
  /** Returns the unsubscriber. */
  on<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void;
  /** 'open' once requests can be answered; 'closed' while the engine cannot be reached (it reconnects by itself). */
  onConnection(listener: (state: 'open' | 'closed') => void): () => void;
  readonly shell: Shell;
}

/** What the desktop has and a browser has not. */
export interface Shell {
  readonly kind: 'desktop' | 'browser';
  /** Native dialogs; null in a browser, where the interface shows its own folder dialog. */
  readonly dialogs: { openFolder(): Promise<string | null>; openNet(): Promise<string | null>; saveFolder(name: string): Promise<string | null>; saveFile(name: string): Promise<string | null> } | null;
  /** Path of a file that was dropped into the window; null in a browser, which has none, and for what is no file. */
  pathOf(file: unknown): string | null;
  /** Commands chosen in the native menu, by command id. */
  onMenu(listener: (commandId: string) => void): () => void;
}
