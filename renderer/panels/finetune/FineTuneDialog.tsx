/** Replace the head: what is kept of the net, what comes in its place, and how both train; one step that can be undone. */
import { Button, Modal, NumberInput, SegmentedControl, Select, Switch } from '@mantine/core';
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { NetloomError, render } from '../../../shared/diagnostics/diagnostic.ts';
import type { Document } from '../../../shared/graph/document.ts';
import type { DataInfo } from '../../../shared/protocol/values.ts';
import { formatShape, sameShape } from '../../../shared/shapes/shape.ts';
import { useDocument } from '../../state/document.ts';
import { attempt, openData, startTraining } from '../../state/engine.ts';
import { applyHead } from '../../state/finetune.ts';
import { useSession } from '../../state/session.ts';
import { setUi, useUi } from '../../state/ui.ts';
import { percent, whole } from '../../ui/format.ts';
import { configOf, firstChoices, freezeChoices, headCuts, headOf, withCut, withFrozen, type Choices } from './choices.ts';
import { PathDialog } from '../dialogs/PathDialog.tsx';
import { OPEN_DATA, openDataAt } from '../data/open-data.ts';
import { sizeFor, sizeLabel } from '../data/picture-size.ts';
import { CutList } from './CutList.tsx';
import './finetune.css';

const close = () => setUi({ dialog: null });

function Row({ label, help, children }: { readonly label: string; readonly help?: string; readonly children: ReactNode }) {
  return <div className="field"><span title={help} className="dim">{label}</span><span style={{ flex: 1 }} />{children}</div>;
}

/** The data the head is for; where its pictures have another size than the net takes, the way to the net's. */
function DataCard({ data, input, onOther }: { readonly data: DataInfo; readonly input: readonly number[] | undefined; readonly onOther: () => void }) {
  const ref = useSession((s) => s.data);
  const size = ref.kind === 'pictures' && input ? sizeFor(input) : null;
  return (
    <div className="card classes">
      <div className="row"><strong className="ellipsis">{data.name}</strong><span className="dim" style={{ flex: 1, whiteSpace: 'nowrap' }}>{whole(data.samples)} samples · {data.classes.length} classes</span><Button size="compact-xs" variant="default" onClick={onOther}>Other data …</Button></div>
      <p className="names">{data.classes.slice(0, 24).map((c) => <span key={c} className="tag">{c}</span>)}{data.classes.length > 24 && <span className="dim"> and {data.classes.length - 24} more</span>}</p>
      {input && !sameShape(data.shape, input) && (
        <p className="wrong" role="alert">
          Its samples are {formatShape(data.shape)}, the net takes {formatShape(input)}.{' '}
          {ref.kind === 'pictures' && size ? <Button size="compact-xs" variant="default" onClick={() => attempt(() => openData({ ...ref, ...size }))}>{sizeLabel(size)}</Button> : 'Choose data of that size, or pictures, which are brought to it.'}
        </p>
      )}
    </div>
  );
}

function Form({ document, data, first, onOther }: { readonly document: Document; readonly data: DataInfo; readonly first: Choices; readonly onOther: () => void }) {
  const [choices, setChoices] = useState(first);
  const set = (change: Partial<Choices>) => setChoices((c) => ({ ...c, ...change }));
  const cuts = useMemo(() => headCuts(document), [document]);
  const input = useDocument((s) => s.compiled.network.layers.find((l) => l.inputs.length === 0)?.shape);
  const asked = useDeferredValue(choices);
  const made = useMemo(() => {
    try {
      return { ok: true as const, head: headOf(document, asked, data.classes) };
    } catch (e) {
      return { ok: false as const, why: e instanceof NetloomError ? render(e.diagnostic).sentence : String(e) };
    }
  }, [document, asked, data]);
  const frozenTo = freezeChoices(cuts, choices.cut);
  const keptTrain = choices.freeze !== 'cut';
  const hasNorms = useDocument((s) => s.compiled.network.layers.some((l) => l.weights.some((w) => w.role === 'statistic')));
  const share = made.ok ? made.head.trainable / Math.max(1, made.head.parameters) : 0;
  const apply = (train: boolean) => {
    if (!made.ok) return;
    const head = headOf(document, choices, data.classes);
    applyHead(head, configOf(useSession.getState().config, choices, head));
    close();
    if (train) attempt(() => startTraining('current'));
  };
  const fits = !input || sameShape(data.shape, input);
  return (
    <form className="finetune" onSubmit={(e) => { e.preventDefault(); apply(true); }}>
      <div className="scroll">
        <section>
          <h2 className="section">Keep everything up to</h2>
          <CutList cuts={cuts} chosen={choices.cut} onChoose={(cut) => setChoices((c) => withCut(c, cuts, cut))} />
          <p className="dim hint">What comes behind is taken out. The proposed layer gives the last features before the old classifier.</p>
        </section>
        <section>
          <h2 className="section">New head</h2>
          <SegmentedControl fullWidth size="xs" aria-label="New head" value={choices.head} onChange={(v) => set({ head: v as Choices['head'] })} data={[{ value: 'linear', label: 'Linear' }, { value: 'pool-dropout-dense', label: 'Pool, dropout, dense' }]} />
          <p className="dim hint">{choices.head === 'linear' ? 'One dense layer on every number of the features.' : 'The mean of each map, dropout, then a dense layer: fewer weights, bears few pictures.'}</p>
          {choices.head !== 'linear' && <Row label="Dropout"><NumberInput size="xs" w={112} aria-label="Dropout" value={choices.dropout} min={0} max={0.95} step={0.05} decimalScale={3} onChange={(v) => typeof v === 'number' && v >= 0 && v <= 0.95 && set({ dropout: v })} /></Row>}
          <Row label="Normalise the features" help="A layer norm before the dense layer: features of another task may be far smaller than one, and would be learned slowly."><Switch size="xs" aria-label="Normalise the features" checked={choices.normalise} onChange={(e) => set({ normalise: e.currentTarget.checked })} /></Row>
          <DataCard data={data} input={input} onOther={onOther} />

          <h2 className="section">What trains</h2>
          <Row label="Freeze"><Select size="xs" w={220} aria-label="Freeze" allowDeselect={false} searchable value={choices.freeze ?? ''} onChange={(v) => v !== null && setChoices((c) => withFrozen(c, v === '' ? null : v))}
            data={[{ value: 'cut', label: 'Everything that is kept' }, { value: '', label: 'Nothing' }, ...(frozenTo.length > 0 ? [{ group: 'Up to and with', items: [...frozenTo].reverse().map((c) => ({ value: c.layer, label: c.name })) }] : [])]} /></Row>
          {choices.freeze !== null && <Row label="Thaw a block every" help="Frozen blocks begin to train one after another, from the last to the first."><span className="pair"><Switch size="xs" aria-label="Thaw block by block" checked={choices.every !== null} onChange={(e) => set({ every: e.currentTarget.checked ? 3 : null })} /><NumberInput size="xs" w={112} aria-label="Epochs between blocks" disabled={choices.every === null} value={choices.every ?? 3} min={1} max={1000} suffix=" epochs" onChange={(v) => typeof v === 'number' && v >= 1 && choices.every !== null && set({ every: Math.round(v) })} /></span></Row>}
          {choices.freeze !== null && choices.every !== null && <Row label="Each block’s rate, times" help="Of the rate of what joined before it: the head first, then block by block."><NumberInput size="xs" w={112} aria-label="Rate of each block" value={choices.blockRate} min={0.01} max={1} step={0.1} decimalScale={3} onChange={(v) => typeof v === 'number' && v > 0 && v <= 1 && set({ blockRate: v })} /></Row>}
          <Row label="Learning rate" help="A head that trains alone comes to this rate from a small one, and leaves it again; the training settings show how."><NumberInput size="xs" w={112} aria-label="Learning rate" value={choices.learningRate} min={1e-9} max={100} step={0.001} onChange={(v) => typeof v === 'number' && v > 0 && v <= 100 && set({ learningRate: v })} /></Row>
          {keptTrain && <Row label="Kept layers, times" help="Factor of the learning rate for layers that were learned before."><NumberInput size="xs" w={112} aria-label="Rate of kept layers" value={choices.trunkRate} min={0.0001} max={1} step={0.05} decimalScale={4} onChange={(v) => typeof v === 'number' && v > 0 && v <= 1 && set({ trunkRate: v })} /></Row>}
          {hasNorms && (keptTrain || choices.every !== null) && <Row label="Keep the batch norms’ statistics" help="Norms go by the means they learned before, which a small batch would spoil."><Switch size="xs" aria-label="Keep the batch norms’ statistics" checked={choices.keepStatistics} onChange={(e) => set({ keepStatistics: e.currentTarget.checked })} /></Row>}
        </section>
      </div>
      <footer>
        {made.ok ? (
          <div className="trainable" role="status">
            <span className="track"><span style={{ width: `${Math.max(share * 100, 0.6)}%` }} /></span>
            <span><strong data-testid="trainable">{whole(made.head.trainable)}</strong> of {whole(made.head.parameters)} parameters train <span className="dim">({percent(share)})</span></span>
          </div>
        ) : <p className="wrong" role="alert">{made.why}</p>}
        <Button variant="default" onClick={close}>Cancel</Button>
        <Button variant="default" disabled={!made.ok} onClick={() => apply(false)}>Replace</Button>
        <Button type="submit" disabled={!made.ok || !fits} data-autofocus>Replace and train</Button>
      </footer>
    </form>
  );
}

function Content({ onOther }: { readonly onOther: () => void }) {
  const document = useDocument((s) => s.history.document);
  const data = useDocument((s) => s.dataInfo);
  const [shown] = useState(document);
  const first = useMemo(() => firstChoices(headCuts(shown)), [shown]);
  if (!first) return <p className="empty">This net cannot be cut: mend its problems first, or draw a way from its Input to its Output.</p>;
  if (!data) return <p className="empty">The classes come from the data. Load a data set first.</p>;
  return <Form document={shown} data={data} first={first} onOther={onOther} />;
}

export function FineTuneDialog() {
  const opened = useUi((s) => s.dialog === 'finetune');
  const [choosing, setChoosing] = useState(false);
  return (
    <>
      <Modal opened={opened} onClose={close} title="Replace the head" size="min(860px, 94vw)" classNames={{ body: 'finetune-body', content: 'finetune-content', header: 'gallery-header' }}><Content onOther={() => setChoosing(true)} /></Modal>
      {/* Beside, not inside: what is sent in one form would be sent in the other. */}
      <PathDialog {...OPEN_DATA} opened={opened && choosing} onClose={() => setChoosing(false)} onChoose={openDataAt} />
    </>
  );
}
