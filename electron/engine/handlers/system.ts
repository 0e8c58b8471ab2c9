/** What machine this is, and its folders. */
import { readdir } from 'node:fs/promises';
import { homedir, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { problem } from '../../../shared/diagnostics/diagnostic.ts';
import { isProject } from '../projects/project.ts';
import { trainingDevices } from '../training/devices.ts';
import { knownGradients } from '../training/known-gradients.ts';
import type { Handlers } from './handler.ts';

export const VERSION = '0.1.0';

export const systemHandlers: Handlers<'system'> = {
  'system.info': (w) => ({ version: VERSION, platform: platform(), home: homedir(), cores: w.cores }),
  'system.devices': () => trainingDevices(),
  'system.gradients': () => ({ passed: [...knownGradients.passed], zero: [...knownGradients.zero] }),
  'system.folder': async (_w, { path }) => {
    const folder = resolve(path ?? homedir());
    const entries = await readdir(folder, { withFileTypes: true }).catch((cause: Error) => {
      throw problem('request.invalid', { label: folder }, { expected: 'a folder that can be read', got: cause.message });
    });
    const visible = entries.filter((e) => !e.name.startsWith('.')).sort((a, b) => a.name.localeCompare(b.name));
    const listed = await Promise.all(visible.slice(0, 1000).map(async (e) => {
      if (!e.isDirectory()) return { name: e.name, kind: 'file' as const };
      return { name: e.name, kind: (await isProject(join(folder, e.name))) ? ('project' as const) : ('folder' as const) };
    }));
    const parent = dirname(folder);
    return { path: folder, parent: parent === folder ? null : parent, entries: listed };
  },
};
