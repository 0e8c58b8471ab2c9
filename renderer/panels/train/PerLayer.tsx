/** Settings that are lists: rates by layer, weights by class. */
import { useDocument } from '../../state/document.ts';
import type { TrainingConfig } from '../../../shared/training/config.ts';
import type { Field } from '../../../shared/layers/fields.ts';
import { FieldRow } from '../inspector/FieldRow.tsx';
import { CONTROL_WIDTH } from './settings-rows.ts';

type Set = (change: Partial<TrainingConfig>) => void;

/** Beyond this many classes a list is no help; a project's training.json takes any. */
const MOST_CLASSES = 100;

export function LayerRates({ config, set }: { config: TrainingConfig; set: Set }) {
  const layers = useDocument((s) => s.compiled.network.layers).filter((l) => l.parameters > 0);
  if (layers.length === 0) return <p className="dim" style={{ margin: 0 }}>No layer of this network has weights.</p>;
  return (
    <>
      <p className="dim" style={{ margin: '0 0 8px' }}>Factors of the learning rate: 0.1 to train a layer gently, 0 to leave it as it is.</p>
      {layers.map((l) => {
        const field: Field = { kind: 'number', label: l.name, help: l.frozen ? 'Frozen on the canvas: its weights stay as they are.' : `Factor of the learning rate for ${l.name}.`, default: 1, min: 0, max: 1000, step: 0.1 };
        const { [l.id]: rate = 1, ...others } = config.layerRates;
        return <FieldRow escapeKeeps width={CONTROL_WIDTH} key={l.id} field={field} value={rate} onChange={(v) => set({ layerRates: v === 1 ? others : { ...config.layerRates, [l.id]: Number(v) } })} />;
      })}
    </>
  );
}

const kinds: Field = {
  kind: 'choice', label: 'Class weights', default: 'none', help: 'How much a sample of each class counts. Balanced: rare classes count more, so that all classes have the same say.',
  options: [{ value: 'none', label: 'Equal' }, { value: 'balanced', label: 'Balanced' }, { value: 'own', label: 'By hand' }],
};

export function ClassWeights({ config, set }: { config: TrainingConfig; set: Set }) {
  const classes = useDocument((s) => s.dataInfo?.classes) ?? [];
  const { loss } = config;
  if (loss.kind !== 'cross-entropy') return null;
  const { classWeights } = loss;
  const change = (weights: typeof classWeights) => set({ loss: { ...loss, classWeights: weights } });
  const kind = classWeights === null ? 'none' : classWeights === 'balanced' ? 'balanced' : 'own';
  const field = classes.length > MOST_CLASSES && kinds.kind === 'choice' ? { ...kinds, options: kinds.options.slice(0, 2) } : kinds;
  return (
    <>
      <FieldRow escapeKeeps width={CONTROL_WIDTH} field={field} value={kind} onChange={(v) => change(v === 'none' ? null : v === 'balanced' ? 'balanced' : classes.map(() => 1))} />
      {Array.isArray(classWeights) && classes.map((name, i) => (
        <FieldRow escapeKeeps width={CONTROL_WIDTH} key={name} field={{ kind: 'number', label: `Class ${name}`, help: `How much a sample of ${name} counts.`, default: 1, min: 0, max: 1000, step: 0.1 }} value={classWeights[i] ?? 1}
          onChange={(v) => change(classes.map((_, k) => (k === i ? Number(v) : (classWeights[k] ?? 1))))} />
      ))}
    </>
  );
}
