/** Open, save, new, settings, shortcuts, and where the larger dialogs hang: native dialogs on the desktop, our own in a browser. */
import { Modal, SegmentedControl, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { useEffect } from 'react';
import { actions, keyLabel } from '../../actions/actions.ts';
import { attempt, bridge, newProject, openProject, saveProject } from '../../state/engine.ts';
import { currentDocument, hasUnsavedEdits, useDocument } from '../../state/document.ts';
import { chooseImport } from '../../state/importing.ts';
import { setUi, useUi } from '../../state/ui.ts';
import { ExportDialog } from '../export/ExportDialog.tsx';
import { FineTuneDialog } from '../finetune/FineTuneDialog.tsx';
import { GalleryDialog } from '../gallery/GalleryDialog.tsx';
import { ImportDialogs } from '../import/ImportDialogs.tsx';
import { HubDialog } from '../hub/HubDialog.tsx';
import { RaceDialog } from '../race/RaceDialog.tsx';
import { Settings } from '../train/Settings.tsx';
import { PathDialog } from './PathDialog.tsx';

const close = () => setUi({ dialog: null });
const fileName = () => `${currentDocument().name.replaceAll(/[^\w-]+/g, '-') || 'network'}`;

/** On the desktop the system's own dialogs take the place of ours. */
function useNativeDialogs(): boolean {
  const dialog = useUi((s) => s.dialog);
  const native = bridge.shell.dialogs;
  useEffect(() => {
    if (!native || (dialog !== 'open' && dialog !== 'save')) return;
    close();
    attempt(async () => {
      const path = dialog === 'open' ? await native.openFolder() : await native.saveFolder(fileName());
      if (path === null) return;
      await (dialog === 'open' ? openProject(path) : saveProject(path));
    });
  }, [dialog, native]);
  return native !== null;
}

/** The gallery over what is open: its data says the size, its edits what would be lost. */
function NewDialog({ opened }: { readonly opened: boolean }) {
  const unsaved = useDocument(hasUnsavedEdits);
  const data = useDocument((s) => s.dataInfo);
  const origin = useDocument((s) => s.history.document.origin);
  return <GalleryDialog opened={opened} onClose={close} data={data} origin={origin} unsaved={unsaved} onPretrained={() => setUi({ dialog: 'hub' })} onImport={() => { close(); chooseImport(); }} onOpen={(document, config) => { close(); attempt(() => newProject(document, config)); }} />;
}

function ShortcutSheet() {
  return (
    <div style={{ columns: 2, columnGap: 28 }}>
      {(['Project', 'Edit', 'View', 'Train'] as const).map((group) => (
        <section key={group} style={{ breakInside: 'avoid' }}>
          <h2 className="section">{group}</h2>
          {actions.filter((a) => a.group === group && a.keys.length > 0).map((a) => <div key={a.id} className="row"><span>{a.label}</span><kbd className="mono dim">{a.keys.map(keyLabel).join(' or ')}</kbd></div>)}
        </section>
      ))}
    </div>
  );
}

function SettingsDialog() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <div style={{ display: 'grid', gap: 14 }}>
      <div className="row" style={{ alignItems: 'center' }}><span>Appearance</span><SegmentedControl size="xs" aria-label="Appearance" value={colorScheme} onChange={(v) => setColorScheme(v as MantineColorScheme)} data={[{ value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }, { value: 'auto', label: 'System' }]} /></div>
      <p className="dim" style={{ margin: 0, lineHeight: 1.5 }}>Motion follows your system’s setting. Netloom sends nothing anywhere: projects, data and runs stay on this machine. Only a pretrained net that you choose is fetched. MIT licence; the digits are by E. Alpaydin and C. Kaynak, CC BY 4.0.</p>
    </div>
  );
}

export function Dialogs() {
  const dialog = useUi((s) => s.dialog);
  const native = useNativeDialogs();
  const is = (d: typeof dialog) => dialog === d && !native;
  return (
    <>
      <PathDialog opened={is('open')} title="Open a project" hint="A project is a folder with a network.json in it." action="Open" pick="project" onClose={close} onChoose={openProject} />
      <PathDialog opened={is('save')} title="Save the project" hint="A new folder is made for it; nothing else is touched." action="Save" pick="new" name={fileName()} onClose={close} onChoose={saveProject} />
      <ExportDialog />
      <ImportDialogs />
      <NewDialog opened={dialog === 'new'} />
      <FineTuneDialog />
      <HubDialog />
      <RaceDialog />
      <Settings opened={dialog === 'training'} onClose={close} />
      <Modal opened={dialog === 'shortcuts'} onClose={close} title="Keyboard shortcuts" size={820}><ShortcutSheet /></Modal>
      <Modal opened={dialog === 'settings'} onClose={close} title="Settings" size={420}><SettingsDialog /></Modal>
    </>
  );
}
