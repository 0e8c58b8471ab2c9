/** Chooses a path without a native dialog: type it, or walk the folders of this machine. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useCallback, useEffect, useRef, useState } from 'react';
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import type { Answer } from '../../../shared/protocol/requests.ts';
import { bridge } from '../../state/engine.ts';

export interface PathDialogProps {
  readonly opened: boolean;
  readonly title: string;
  readonly hint: string;
  readonly action: string;
  /** What a click in the list takes: a project, a file, a file or the folder that is shown, or that folder with a new name. */
  readonly pick: 'project' | 'file' | 'data' | 'new';
  /** For "new": the name proposed inside the folder. */
  readonly name?: string;
  readonly onClose: () => void;
  readonly onChoose: (path: string) => Promise<void>;
}

const join = (folder: string, name: string): string => `${folder.replace(/[/\\]$/, '')}${folder.includes('\\') ? '\\' : '/'}${name}`;

export function PathDialog({ opened, title, hint, action, pick, name, onClose, onChoose }: PathDialogProps) {
  const [folder, setFolder] = useState<Answer<'system.folder'> | null>(null);
  const [path, setPath] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const say = (e: unknown) => setError(e instanceof NetloomError ? render(e.diagnostic).sentence : String(e));
  // A folder that comes late takes nobody's words away.
  const asked = useRef(0);
  const typed = useRef(false);
  const go = useCallback((to: string | null) => {
    const mine = ++asked.current;
    typed.current = false;
    bridge.request('system.folder', { path: to }).then((f) => {
      if (mine !== asked.current) return;
      setFolder(f);
      if (typed.current) return;
      setError(null);
      setPath(pick === 'new' ? join(f.path, name ?? 'untitled') : f.path);
    }, (e: unknown) => { if (mine === asked.current) say(e); });
  }, [pick, name]);
  const type = (text: string) => {
    typed.current = true;
    setPath(text);
  };
  useEffect(() => {
    if (!opened) return;
    setPath('');
    go(null);
  }, [opened, go]);
  const choose = (chosen: string) => {
    setBusy(true);
    setError(null);
    onChoose(chosen).then(onClose, say).finally(() => setBusy(false));
  };
  const entries = folder?.entries.filter((e) => e.kind !== 'file' || pick === 'file' || pick === 'data') ?? [];
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={520}>
      <form onSubmit={(e) => { e.preventDefault(); choose(path); }} style={{ display: 'grid', gap: 10 }}>
        <p className="dim" style={{ margin: 0 }}>{hint}</p>
        <TextInput size="xs" label={{ file: 'File', data: 'File or folder', project: 'Folder', new: 'Folder' }[pick]} value={path} onChange={(e) => type(e.currentTarget.value)} error={error} data-autofocus classNames={{ input: 'mono' }} />
        <div role="list" aria-label="Folders" style={{ height: 220, overflow: 'auto', border: '1px solid var(--line)', borderRadius: 6, padding: 4 }}>
          {folder?.parent && <button type="button" className="palette-item" style={{ cursor: 'pointer' }} onClick={() => go(folder.parent)}>↑ Up</button>}
          {entries.map((e) => (
            <button type="button" key={e.name} className="palette-item" style={{ cursor: 'pointer' }} onClick={() => { const p = join(folder?.path ?? '', e.name); if (e.kind === 'folder' || (e.kind === 'project' && (pick === 'file' || pick === 'data'))) go(p); else type(p); }}>
              <span aria-hidden>{{ folder: '▸', project: '◆', file: '·' }[e.kind]}</span>{e.name}{e.kind === 'project' && <span className="dim">project</span>}
            </button>
          ))}
          {entries.length === 0 && <p className="dim" style={{ margin: 8 }}>Nothing to choose here.</p>}
        </div>
        <div style={{ display: 'flex', justifyContent: 'end', gap: 8 }}><Button variant="default" onClick={onClose}>Cancel</Button><Button type="submit" loading={busy} disabled={path.trim() === ''}>{action}</Button></div>
      </form>
    </Modal>
  );
}
