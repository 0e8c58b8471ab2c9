/** The nets of the catalogue that are fetched: each once, with what came of it told as it comes. */
import { readFile, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { diagnostic, NetloomError, problem, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import { CatalogueSchema, type CatalogueEntry, type DownloadState } from '../../../shared/protocol/hub-requests.ts';
import { download, hashOf, partialPath, sizeOf, storedPath, type DownloadOptions } from './download.ts';

/** Reads a catalogue. Throws hub.catalogue for one that is none. */
export async function readCatalogue(path: string): Promise<readonly CatalogueEntry[]> {
  const place = { label: basename(path), file: path };
  try {
    const parsed = CatalogueSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (parsed.success) return parsed.data.models;
    const issue = parsed.error.issues[0];
    throw problem('hub.catalogue', { ...place, field: issue?.path.join('.') ?? '' }, { expected: 'a catalogue of nets with address, size and SHA-256', got: issue?.message ?? 'something else' });
  } catch (cause) {
    if (cause instanceof NetloomError) throw cause;
    throw problem('hub.catalogue', place, { expected: 'a catalogue of nets', got: (cause as Error).message });
  }
}

/** A speed is that of the last seconds; milliseconds. */
const WINDOW = 5000;
/** Between two events of one download; milliseconds. */
const EVERY = 100;

interface Running {
  readonly control: AbortController;
  readonly done: Promise<void>;
  /** What was here at which time, oldest first. */
  readonly marks: { time: number; received: number }[];
  received: number;
  checking: boolean;
  told: number;
}

export interface HubOptions {
  readonly folder: string;
  catalogue(): Promise<readonly CatalogueEntry[]>;
  emit(state: DownloadState): void;
  readonly patience?: DownloadOptions['patience'];
  readonly backoff?: DownloadOptions['backoff'];
}

export class Hub {
  readonly #options: HubOptions;
  readonly #running = new Map<string, Running>();
  readonly #errors = new Map<string, Diagnostic>();

  constructor(options: HubOptions) {
    this.#options = options;
  }

  async list(): Promise<{ card: CatalogueEntry; download: DownloadState }[]> {
    return Promise.all((await this.#options.catalogue()).map(async (card) => ({ card, download: await this.#state(card) })));
  }

  /** Begins, or goes on; one that is under way is not begun twice. Throws hub.unknown. */
  async download(id: string): Promise<DownloadState> {
    const entry = await this.#entry(id);
    if (!this.#running.has(id)) this.#begin(entry);
    return this.#state(entry);
  }

  /** Holds; what has come stays. */
  async cancel(id: string): Promise<DownloadState> {
    const entry = await this.#entry(id);
    const running = this.#running.get(id);
    running?.control.abort();
    await running?.done;
    return this.#state(entry);
  }

  /** Takes it off the disk, also what has come so far. */
  async remove(id: string): Promise<DownloadState> {
    const entry = await this.#entry(id);
    await this.cancel(id);
    this.#errors.delete(id);
    await Promise.all([storedPath, partialPath].map((path) => rm(path(this.#options.folder, entry.sha256), { force: true })));
    return this.#state(entry);
  }

  /** Resolves when the download under way has ended in whatever way. */
  async settled(id: string): Promise<void> {
    await this.#running.get(id)?.done;
  }

  /** The file, looked through once more before it is used. Throws hub.absent and hub.hash; a file that changed is deleted. */
  async fileOf(id: string): Promise<{ readonly entry: CatalogueEntry; readonly path: string }> {
    const entry = await this.#entry(id);
    const path = storedPath(this.#options.folder, entry.sha256);
    if ((await sizeOf(path)) === 0) throw problem('hub.absent', { label: entry.title }, {});
    const got = await hashOf(path);
    if (got === entry.sha256) return { entry, path };
    await rm(path, { force: true });
    throw problem('hub.hash', { label: entry.title }, { expected: entry.sha256, got });
  }

  async #entry(id: string): Promise<CatalogueEntry> {
    const found = (await this.#options.catalogue()).find((e) => e.id === id);
    if (!found) throw problem('hub.unknown', { label: 'Model hub' }, { id });
    return found;
  }

  #begin(entry: CatalogueEntry): void {
    const control = new AbortController();
    const { folder, patience, backoff } = this.#options;
    this.#errors.delete(entry.id);
    const fetching = download(entry, {
      folder, signal: control.signal, progress: (received, checking) => this.#progress(entry, received, checking),
      ...(patience === undefined ? {} : { patience }), ...(backoff === undefined ? {} : { backoff }),
    });
    const done = fetching.then(() => undefined, (cause: unknown) => {
      if (control.signal.aborted) return;
      this.#errors.set(entry.id, cause instanceof NetloomError ? cause.diagnostic : diagnostic('engine.internal', { label: entry.title }, { message: String(cause) }));
    }).then(async () => {
      this.#running.delete(entry.id);
      this.#options.emit(await this.#state(entry));
    });
    this.#running.set(entry.id, { control, done, marks: [], received: 0, checking: false, told: 0 });
  }

  #progress(entry: CatalogueEntry, received: number, checking: boolean): void {
    const running = this.#running.get(entry.id);
    if (!running) return;
    const time = performance.now();
    running.received = received;
    running.checking = checking;
    if (!checking && time - running.told < EVERY) return;
    running.told = time;
    running.marks.push({ time, received });
    while (running.marks.length > 2 && time - (running.marks[0]?.time ?? time) > WINDOW) running.marks.shift();
    this.#options.emit(this.#underWay(entry, running));
  }

  #underWay(entry: CatalogueEntry, { marks, received, checking }: Running): DownloadState {
    const [first, last] = [marks[0], marks.at(-1)];
    const seconds = first && last ? (last.time - first.time) / 1000 : 0;
    const speed = first && last && seconds > 0.2 && last.received > first.received ? (last.received - first.received) / seconds : null;
    return { id: entry.id, state: checking ? 'checking' : 'downloading', received, speed, remaining: speed === null ? null : (entry.bytes - received) / speed, error: null };
  }

  async #state(entry: CatalogueEntry): Promise<DownloadState> {
    const running = this.#running.get(entry.id);
    const { folder } = this.#options;
    const part = await sizeOf(partialPath(folder, entry.sha256));
    if (running) return this.#underWay(entry, { ...running, received: Math.max(running.received, part) });
    const stored = (await sizeOf(storedPath(folder, entry.sha256))) === entry.bytes;
    return { id: entry.id, state: stored ? 'stored' : part > 0 ? 'partial' : 'absent', received: stored ? entry.bytes : part, speed: null, remaining: null, error: this.#errors.get(entry.id) ?? null };
  }
}
