/** Training settings in a drawer. */
import { Button, Drawer, NumberInput, Select, Switch } from '@mantine/core';
import { defaultTrainingConfig, LossSchema, OptimizerSchema, TrainingConfigSchema, type TrainingConfig } from '../../../shared/training/config.ts';
import { attempt, bridge, openData } from '../../state/engine.ts';
import { isTraining, setSession, useSession } from '../../state/session.ts';
import { losses, numberRows, optimizers } from './settings-rows.ts';

export function Settings({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const config = useSession((s) => s.config);
  const devices = useSession((s) => s.devices);
  const training = useSession((s) => isTraining(s.progress));
  const set = (change: Partial<TrainingConfig>) => {
    const parsed = TrainingConfigSchema.safeParse({ ...config, ...change });
    if (!parsed.success) return;
    setSession({ config: parsed.data });
    if (change.learningRate !== undefined && training) attempt(() => bridge.request('training.setLearningRate', { learningRate: parsed.data.learningRate }));
    if (change.validationSplit !== undefined || change.seed !== undefined) attempt(() => openData(useSession.getState().data));
  };
  const { optimizer } = config;
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size={320} title="Training settings" overlayProps={{ backgroundOpacity: 0.25 }}>
      <div style={{ display: 'grid', gap: 12 }}>
        {training && <p className="dim" style={{ margin: 0 }}>A run is under way: only the learning rate changes it; the rest is for the next one.</p>}
        <Select size="xs" label="Device" description="Where the training runs." value={config.device} allowDeselect={false} onChange={(v) => v !== null && set({ device: v })}
          data={[{ value: 'auto', label: 'Automatic' }, ...devices.filter((d) => d.id !== 'cuda').map((d) => ({ value: d.id, label: d.name, disabled: !d.available }))]} />
        <Select size="xs" label="Loss" description="What training makes small." value={config.loss.kind} allowDeselect={false} data={[...losses]} onChange={(v) => v !== null && set({ loss: LossSchema.parse(v) })} />
        <Select size="xs" label="Optimiser" description="How the gradient becomes a step." value={optimizer.kind} allowDeselect={false} data={[...optimizers]} onChange={(v) => v !== null && set({ optimizer: OptimizerSchema.parse(v === 'sgd' ? { kind: v, momentum: 0.9 } : { kind: v }) })} />
        {optimizer.kind === 'sgd' && <NumberInput size="xs" label="Momentum" value={optimizer.momentum} min={0} max={0.999} step={0.05} onChange={(v) => set({ optimizer: { ...optimizer, momentum: Number(v) } })} />}
        {optimizer.kind === 'sgd' && <Switch size="xs" label="Nesterov" checked={optimizer.nesterov} onChange={(e) => set({ optimizer: { ...optimizer, nesterov: e.currentTarget.checked } })} />}
        {numberRows.map((r) => (
          <NumberInput key={r.field} size="xs" label={r.label} description={r.help} value={config[r.field] as number} min={r.min} max={r.max} step={r.step} decimalScale={r.decimals} onChange={(v) => v !== '' && set({ [r.field]: Number(v) })} />
        ))}
        <Button variant="default" onClick={() => setSession({ config: defaultTrainingConfig() })}>Reset all to the defaults</Button>
      </div>
    </Drawer>
  );
}
