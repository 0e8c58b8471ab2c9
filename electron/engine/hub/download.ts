/** Fetches one file whose content is known beforehand: goes on where it was cut, and believes no server. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NetloomError, problem } from '../../../shared/diagnostics/diagnostic.ts';
import { writeProblem } from '../projects/atomic.ts';

export interface Wanted {
  readonly title: string;
  readonly address: string;
  readonly bytes: number;
  /** Of the whole file, in hexadecimal digits. */
  readonly sha256: string;
}

export interface DownloadOptions {
  /** Where it is kept, under its hash. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Bytes that are here; "checking" once all are. */
  progress?(received: number, checking: boolean): void;
  /** Milliseconds without a byte after which a connection is given up. */
  readonly patience?: number;
  /** Milliseconds before the first new attempt; doubled for each further one. */
  readonly backoff?: number;
}

/** Attempts in a row that bring next to nothing. */
const VAIN = 4;
const nextToNothing = (bytes: number): number => Math.min(2 ** 16, bytes / 20);
const REDIRECTS = 5;
/** Beyond the file itself, so that a disk is not filled to the brim. */
const SPARE = 2 ** 24;

export const storedPath = (folder: string, sha256: string): string => join(folder, `${sha256}.onnx`);
export const partialPath = (folder: string, sha256: string): string => join(folder, `${sha256}.part`);

export const sizeOf = (path: string): Promise<number> => stat(path).then((s) => s.size, () => 0);

/** SHA-256 of a file, read piece by piece. */
export async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** A passing trouble: worth another attempt. */
class Passing extends Error {
  readonly final: NetloomError;
  constructor(final: NetloomError) {
    super(final.message);
    this.final = final;
  }
}

const loopback = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/** Only what cannot be read or changed on the way; except from this very machine. */
function checked(address: string, from: string, title: string): URL {
  const url = new URL(address, from);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback.test(url.hostname))) throw problem('hub.address', { label: title }, { address: url.href });
  return url;
}

/** The answer to a request for what lies behind `from` bytes, forwarded as often as it takes. */
async function ask({ title, address }: Wanted, from: number, signal: AbortSignal): Promise<Response> {
  let url = checked(address, address, title);
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    let answer: Response;
    try {
      // Packed content would have another length than the file.
      answer = await fetch(url, { redirect: 'manual', signal, headers: { 'accept-encoding': 'identity', ...(from > 0 ? { range: `bytes=${from}-` } : {}) } });
    } catch (cause) {
      signal.throwIfAborted();
      const { code } = ((cause as Error).cause ?? {}) as { code?: string };
      throw new Passing(problem('hub.offline', { label: title }, { host: url.host, reason: code ?? 'no connection' }));
    }
    const next = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : null;
    if (next === null) return answer;
    await answer.body?.cancel();
    url = checked(next, url.href, title);
  }
  throw problem('hub.redirects', { label: title }, { most: REDIRECTS });
}

/** Where in the file an answer begins; throws for one that is no file. */
function startOf(answer: Response, from: number, { title, address, bytes }: Wanted): number {
  if (answer.status === 200) return 0;
  if (answer.status === 206) {
    const [, begin, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '') ?? [];
    return Number(begin ?? from) === from && (total === undefined || total === '*' || Number(total) === bytes) ? from : -1;
  }
  // What is here does not go with what is there.
  if (answer.status === 416) return -1;
  const refusal = problem('hub.server', { label: title }, { host: new URL(address).host, status: answer.status });
  throw answer.status >= 500 || answer.status === 429 || answer.status === 408 ? new Passing(refusal) : refusal;
}

async function keep(answer: Response, file: FileHandle, start: number, wanted: Wanted, options: DownloadOptions, alive: () => void): Promise<void> {
  let at = start;
  for await (const piece of answer.body ?? []) {
    alive();
    at += piece.length;
    if (at > wanted.bytes) throw problem('hub.size', { label: wanted.title }, { bytes: wanted.bytes });
    await file.write(piece).catch((cause: unknown) => { throw writeProblem(partialPath(options.folder, wanted.sha256), cause); });
    options.progress?.(at, false);
  }
}

/** One connection: what it brings is behind what is here. */
async function attempt(wanted: Wanted, options: DownloadOptions): Promise<void> {
  const path = partialPath(options.folder, wanted.sha256);
  const here = await sizeOf(path);
  const silence = new AbortController();
  const signal = AbortSignal.any([options.signal, silence.signal]);
  const { patience = 30_000 } = options;
  let timer = setTimeout(() => silence.abort(), patience);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), patience);
  };
  try {
    const answer = await ask(wanted, here, signal);
    alive();
    const start = startOf(answer, here, wanted);
    if (start < 0) {
      await answer.body?.cancel();
      await rm(path, { force: true });
      throw new Passing(problem('hub.cut', { label: wanted.title }, { received: 0, bytes: wanted.bytes }));
    }
    const file = await open(path, start === 0 ? 'w' : 'a').catch((cause: unknown) => { throw writeProblem(path, cause); });
    try {
      await keep(answer, file, start, wanted, options, alive);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof NetloomError || cause instanceof Passing) throw cause;
    throw new Passing(problem('hub.cut', { label: wanted.title }, { received: await sizeOf(path), bytes: wanted.bytes }));
  } finally {
    clearTimeout(timer);
  }
}

async function checkSpace({ title, bytes }: Wanted, folder: string, here: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const [need, free] = [bytes - here + SPARE, bavail * bsize];
  if (free < need) throw problem('hub.space', { label: title }, { need, free });
}

/**
 * The path of the file, fetched where it is not here. What came of it stays for the next time when the connection ends, the
 * disk is full or somebody cancels (then the signal's reason is thrown); what is not the wanted file is deleted. Throws hub.* and project.write.
 */
export async function download(wanted: Wanted, options: DownloadOptions): Promise<string> {
  const { folder, signal, backoff = 500 } = options;
  const [stored, partial] = [storedPath(folder, wanted.sha256), partialPath(folder, wanted.sha256)];
  if ((await sizeOf(stored)) === wanted.bytes) return stored;
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => { throw writeProblem(folder, cause); });
  if ((await sizeOf(partial)) > wanted.bytes) await rm(partial);
  const resumed = (await sizeOf(partial)) > 0;
  await checkSpace(wanted, folder, await sizeOf(partial));
  for (let vain = 0; ;) {
    const before = await sizeOf(partial);
    if (before === wanted.bytes) break;
    let last: NetloomError | null = null;
    try {
      await attempt(wanted, options);
    } catch (cause) {
      if (cause instanceof NetloomError && cause.diagnostic.code === 'hub.size') await rm(partial, { force: true });
      if (!(cause instanceof Passing)) throw cause;
      last = cause.final;
    }
    const after = await sizeOf(partial);
    vain = after - before > nextToNothing(wanted.bytes) ? 0 : vain + 1;
    if (vain >= VAIN) throw last ?? problem('hub.cut', { label: wanted.title }, { received: after, bytes: wanted.bytes });
    if (after < wanted.bytes) await sleep(backoff * 2 ** vain, undefined, { signal });
  }
  options.progress?.(wanted.bytes, true);
  const got = await hashOf(partial);
  if (got !== wanted.sha256) {
    await rm(partial, { force: true });
    // The file there may have changed since the first part came: whole, it may be the right one.
    if (resumed) return download(wanted, options);
    throw problem('hub.hash', { label: wanted.title }, { expected: wanted.sha256, got });
  }
  signal.throwIfAborted();
  await rename(partial, stored).catch((cause: unknown) => { throw writeProblem(stored, cause); });
  return stored;
}
