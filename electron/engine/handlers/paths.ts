/** Paths as people write them. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** An absolute path; "~/nets" means the person's own folder. */
export const absolutePath = (path: string): string => resolve(path.startsWith('~') ? join(homedir(), path.slice(1)) : path);
