/** Keeps an engine process alive: starts it, passes messages, starts it again when it dies. Shared by server and desktop. */

export interface EngineProcess {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  onExit(listener: (reason: string) => void): void;
  kill(): void;
}

export interface EngineHostEvents {
  message(message: unknown): void;
  restarted(reason: string): void;
}

/** Deaths this close together wait before the next start, so that a broken engine does not spin. */
const QUICK_MS = 2000;
const BACKOFF_MS = 1000;

export class EngineHost {
  readonly #spawn: () => EngineProcess;
  readonly #events: EngineHostEvents;
  #process: EngineProcess | null = null;
  #closing = false;

  constructor(spawn: () => EngineProcess, events: EngineHostEvents) {
    this.#spawn = spawn;
    this.#events = events;
    this.#start();
  }

  /** The process that runs now, for handing it a port; null between death and restart. */
  get process(): EngineProcess | null {
    return this.#process;
  }

  send(message: unknown): void {
    this.#process?.send(message);
  }

  close(): void {
    this.#closing = true;
    this.#process?.kill();
  }

  #start(): void {
    const started = Date.now();
    const engine = this.#spawn();
    this.#process = engine;
    engine.onMessage((m) => this.#events.message(m));
    engine.onExit((reason) => {
      if (this.#closing || this.#process !== engine) return;
      this.#process = null;
      const again = () => {
        if (this.#closing) return;
        this.#start();
        this.#events.restarted(reason);
      };
      if (Date.now() - started < QUICK_MS) setTimeout(again, BACKOFF_MS);
      else again();
    });
  }
}
