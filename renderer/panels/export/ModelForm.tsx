/** Keeps the net with its weights in the person's own gallery. */
import { Button, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import { currentDocument } from '../../state/document.ts';
import { bridge } from '../../state/engine.ts';
import { useSession } from '../../state/session.ts';
import { KeptModels } from './KeptModels.tsx';

export function ModelForm({ trained, onClose }: { readonly trained: boolean; readonly onClose: () => void }) {
  const [name, setName] = useState(() => currentDocument().name);
  const [description, setDescription] = useState('');
  const [licence, setLicence] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    const { data, config } = useSession.getState();
    setBusy(true);
    setError(null);
    try {
      await bridge.request('models.save', { document: currentDocument(), data, training: config, name, licence, description });
      notifications.show({ title: 'Kept in My models', message: `${name.trim()} can be opened from there, with its weights and classes.`, color: 'green', withBorder: true });
      onClose();
    } catch (e) {
      setError(e instanceof NetloomError ? render(e.diagnostic).sentence : String(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form className="model-form" onSubmit={(e) => { e.preventDefault(); void save(); }}>
      <div className="scroll">
        <p className="dim">A copy of the net as it is now, with its weights, classes and settings, for a new project or for fine-tuning. It stays on this machine.</p>
        <TextInput size="xs" label="Name" required maxLength={200} value={name} onChange={(e) => setName(e.currentTarget.value)} data-autofocus />
        <Textarea size="xs" label="About this net" placeholder="What it tells apart, and how it was trained" autosize minRows={3} maxRows={8} maxLength={20000} value={description} onChange={(e) => setDescription(e.currentTarget.value)} />
        <TextInput size="xs" label="Licence" placeholder="None given" maxLength={20000} value={licence} onChange={(e) => setLicence(e.currentTarget.value)} />
        {!trained && <p className="warn">Only a net with trained weights can be kept: train it first.</p>}
        {error && <p className="wrong" role="alert">{error}</p>}
        <KeptModels onOpened={onClose} />
      </div>
      <footer><span className="grow" /><Button variant="default" onClick={onClose}>Cancel</Button><Button type="submit" loading={busy} disabled={!trained || name.trim() === ''}>Keep in My models</Button></footer>
    </form>
  );
}
