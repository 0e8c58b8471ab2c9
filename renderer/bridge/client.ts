/** The Bridge over any pair of "send a message" and "a message came". */
import { NetloomError, problem } from '../../shared/diagnostics/diagnostic.ts';
import type { Bridge, Shell } from '../../shared/protocol/bridge.ts';
import { events, type EventData, type EventName } from '../../shared/protocol/events.ts';
import { AnswerMessageSchema, EventMessageSchema } from '../../shared/protocol/messages.ts';
import { requests, type Answer, type Method, type Params } from '../../shared/protocol/requests.ts';

interface Waiting { readonly method: Method; readonly resolve: (value: unknown) => void; readonly reject: (e: Error) => void }

interface Told { readonly name: EventName; readonly data: never }

/** A window that is not seen draws no frames. */
const UNSEEN_MS = 250;

/** Calls back before the next frame is drawn, or after a while where none is. */
function beforeFrame(call: () => void): void {
  let due = true;
  const once = (): void => {
    if (due) call();
    due = false;
  };
  requestAnimationFrame(once);
  setTimeout(once, UNSEEN_MS);
}

const unreachable = () => problem('engine.unreachable', { label: 'Engine' }, {});

export class Client implements Bridge {
  readonly shell: Shell;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  readonly #connection = new Set<(state: 'open' | 'closed') => void>();
  #send: ((message: unknown) => void) | null = null;
  #next = 1;
  /** Events that came since the last frame, in their order. */
  #told: Told[] = [];
  readonly #soon: (deliver: () => void) => void;

  /**
   * Events are handed on together, before a frame or an answer, so that however fast a net trains and however slow this computer
   * draws, they are drawn at once and never queue. `soon` calls back when it is time.
   */
  constructor(shell: Shell, soon: (deliver: () => void) => void = beforeFrame) {
    this.shell = shell;
    this.#soon = soon;
  }

  /** The transport is up: requests go through `send`. */
  opened(send: (message: unknown) => void): void {
    this.#send = send;
    for (const l of this.#connection) l('open');
  }

  /** The transport is down, or the engine behind it began anew: nobody will answer what was asked. */
  abandoned(closed: boolean): void {
    this.#deliver();
    if (closed) this.#send = null;
    for (const w of this.#waiting.values()) w.reject(unreachable());
    this.#waiting.clear();
    if (closed) for (const l of this.#connection) l('closed');
  }

  received(message: unknown): void {
    const answer = AnswerMessageSchema.safeParse(message);
    if (answer.success) {
      this.#deliver();
      const waiting = this.#waiting.get(answer.data.id);
      this.#waiting.delete(answer.data.id);
      if (!waiting) return;
      if (!answer.data.ok) waiting.reject(new NetloomError(answer.data.error));
      else {
        const value = requests[waiting.method].answer.safeParse(answer.data.value);
        if (value.success) waiting.resolve(value.data);
        else waiting.reject(problem('engine.internal', { label: waiting.method }, { message: `an answer that does not fit the protocol: ${value.error.issues[0]?.message ?? ''}` }));
      }
      return;
    }
    const event = EventMessageSchema.safeParse(message);
    if (!event.success || !Object.hasOwn(events, event.data.event)) return;
    const name = event.data.event as EventName;
    const data = events[name].safeParse(event.data.data);
    if (!data.success) return;
    if (name === 'engine.restarted') this.abandoned(false);
    if (this.#told.length === 0) this.#soon(() => this.#deliver());
    this.#told.push({ name, data: data.data as never });
  }

  #deliver(): void {
    const told = this.#told;
    this.#told = [];
    for (const { name, data } of told) for (const listener of this.#listeners.get(name) ?? []) listener(data);
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<Answer<M>> {
    const send = this.#send;
    if (!send) return Promise.reject(unreachable());
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { method, resolve: resolve as (value: unknown) => void, reject });
      send({ kind: 'request', id, method, params });
    });
  }

  on<E extends EventName>(event: E, listener: (data: EventData<E>) => void): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    set.add(listener as (data: never) => void);
    return () => set.delete(listener as (data: never) => void);
  }

  onConnection(listener: (state: 'open' | 'closed') => void): () => void {
    this.#connection.add(listener);
    listener(this.#send ? 'open' : 'closed');
    return () => this.#connection.delete(listener);
  }
}
