/** Training settings in a drawer: what matters for every run first, the rest in sections that open. */
import { Accordion, Button, Drawer, Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { defaultTrainingConfig, TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { deviceName } from '../../../shared/util/device-names.ts';
import { useDocument } from '../../state/document.ts';
import { attempt, bridge, openData } from '../../state/engine.ts';
import { isTraining, setSession, useSession } from '../../state/session.ts';
import { FieldRow } from '../inspector/FieldRow.tsx';
import { FeatureCache } from './FeatureCache.tsx';
import { ClassWeights, LayerRates } from './PerLayer.tsx';
import { Refused } from './Refused.tsx';
import { RatePreview } from './RatePreview.tsx';
import { changedIn, CONTROL_WIDTH, fieldOf, readSetting, rowsOf, sections, withSetting, type SectionId } from './settings-rows.ts';

/** Takes valid settings over, and tells the engine what cannot wait. */
function take(next: TrainingConfig | null): void {
  const { config, data, progress } = useSession.getState();
  if (!next) return;
  setSession({ config: next });
  if (next.learningRate !== config.learningRate && isTraining(progress)) attempt(() => bridge.request('training.setLearningRate', { learningRate: next.learningRate }));
  if (next.validationSplit !== config.validationSplit || next.seed !== config.seed) attempt(() => openData(data));
}

const set = (change: Partial<TrainingConfig>): void => {
  const parsed = TrainingConfigSchema.safeParse({ ...useSession.getState().config, ...change });
  if (parsed.success) take(parsed.data);
};

function Rows({ section }: { section: SectionId }) {
  const config = useSession((s) => s.config);
  return rowsOf(config, section).map((row) => (
    <FieldRow escapeKeeps width={CONTROL_WIDTH} key={`${row.path.join('.')} ${row.field.default}`} field={fieldOf(config, row)} value={readSetting(config, row)} onChange={(v) => take(withSetting(useSession.getState().config, row, v))} />
  ));
}

function Section({ id, count, children }: { id: SectionId; count: number; children: ReactNode }) {
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>{sections.find((s) => s.id === id)?.label}{count > 0 && <span className="dim"> · {count} changed</span>}</Accordion.Control>
      <Accordion.Panel>{children}</Accordion.Panel>
    </Accordion.Item>
  );
}

function DeviceRow() {
  const device = useSession((s) => s.config.device);
  const devices = useSession((s) => s.devices);
  // A project may come from another system.
  const strange = device === 'auto' || devices.some((d) => d.id === device) ? [] : [{ id: device, name: deviceName(device), available: false }];
  return (
    <div className="field">
      <span className="dim">Device</span>
      <span style={{ flex: 1 }} />
      <Select size="xs" w={CONTROL_WIDTH} aria-label="Device" value={device} allowDeselect={false} onChange={(v) => v !== null && set({ device: v })}
        data={[{ value: 'auto', label: 'Automatic' }, ...[...devices, ...strange].map((d) => ({ value: d.id, label: d.available ? d.name : `${d.name}, not available`, disabled: !d.available }))]}
        comboboxProps={{ width: 'max-content', position: 'bottom-end' }} />
    </div>
  );
}

export function Settings({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const config = useSession((s) => s.config);
  const training = useSession((s) => isTraining(s.progress));
  const trainSamples = useDocument((s) => s.dataInfo?.trainSamples) ?? 1000;
  const extra: Partial<Record<SectionId, ReactNode>> = {
    schedule: <RatePreview config={config} trainSamples={trainSamples} />,
    regularisation: <ClassWeights config={config} set={set} />,
    finetune: <FeatureCache />,
    layers: <LayerRates config={config} set={set} />,
  };
  const changed = (id: SectionId): number => changedIn(config, id) + (id === 'layers' ? Object.keys(config.layerRates).length : id === 'regularisation' && config.loss.kind === 'cross-entropy' && config.loss.classWeights !== null ? 1 : 0);
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={460} title="Training settings" overlayProps={{ backgroundOpacity: 0.25 }}>
      {training && <p className="dim" style={{ margin: '0 0 10px' }}>A run is under way: only the learning rate changes it; the rest is for the next one.</p>}
      <Rows section="basics" />
      <DeviceRow />
      <Refused />
      <Accordion multiple chevronPosition="left" variant="default" mt={8} styles={{ control: { padding: '0 2px' }, label: { fontSize: 13, fontWeight: 550, padding: '8px 0' }, content: { padding: '2px 2px 10px' }, chevron: { marginInlineEnd: 6 } }}>
        {sections.filter((s) => s.id !== 'basics' && (rowsOf(config, s.id).length > 0 || extra[s.id] !== undefined)).map((s) => (
          <Section key={s.id} id={s.id} count={changed(s.id)}><Rows section={s.id} />{extra[s.id]}</Section>
        ))}
      </Accordion>
      <Button variant="default" fullWidth mt={14} onClick={() => take(defaultTrainingConfig())}>Reset all to the defaults</Button>
    </Drawer>
  );
}
