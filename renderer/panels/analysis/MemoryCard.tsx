/** Memory of a training step by what it is for, beside what the device has. */
import { useMemory } from '../../state/analysis.ts';
import { useTold } from '../../state/told.ts';
import { bytes, percent } from '../../ui/format.ts';

const parts = [
  { key: 'weights', label: 'Weights', help: 'Every weight once, as 32-bit numbers.', colour: 'var(--accent)' },
  { key: 'gradients', label: 'Gradients', help: 'One number for each weight that is trained.', colour: '#4cc38a' },
  { key: 'optimizer', label: 'Optimiser', help: 'What the optimiser remembers of each trained weight, by the training settings.', colour: '#b392f0' },
  { key: 'activations', label: 'Activations', help: 'Outputs that the backward pass reads again, for one batch.', colour: '#f0a35e' },
] as const;
/** Beyond this part of the device's memory there is little room for the kernels' own. */
const TIGHT = 0.8;

export function MemoryCard({ batchSize }: { batchSize: number }) {
  const memory = useMemory(batchSize);
  const { device } = useTold();
  const name = device?.id === 'cpu' ? 'this computer' : (device?.name ?? 'the device');
  const share = device?.memory === undefined ? null : memory.total / device.memory;
  const state = share === null ? 'unknown' : share > 1 ? 'over' : share > TIGHT ? 'tight' : 'fits';
  const colour = { unknown: 'var(--dim)', over: 'var(--error)', tight: 'var(--warning)', fits: 'var(--ok)' }[state];
  const words = device?.memory === undefined ? `How much memory ${name} has is not known.`
    : state === 'over' ? `More than the ${bytes(device.memory)} of ${name}. Make the batch smaller.`
      : `${state === 'tight' ? 'Tight: ' : ''}${share !== null && share < 0.001 ? 'Less than 0.1 %' : percent(share ?? 0)} of the ${bytes(device.memory)} of ${name}.`;
  return (
    <section className="analysis-memory" aria-label="Memory to train">
      <div className="row"><strong>To train at batch {batchSize}</strong><strong className="mono" data-testid="memory-total">{bytes(memory.total)}</strong></div>
      <div className="analysis-stack" aria-hidden>{parts.map((p) => <span key={p.key} style={{ flexGrow: memory[p.key], background: p.colour }} />)}</div>
      {parts.map((p) => (
        <div className="row" key={p.key} title={p.help}>
          <span className="dim"><span className="analysis-dot" style={{ background: p.colour }} />{p.label}</span>
          <span className="mono">{bytes(memory[p.key])}</span>
        </div>
      ))}
      <p style={{ margin: '8px 0 0', color: colour, lineHeight: 1.45 }} data-testid="memory-device">{words}</p>
      <p className="dim" style={{ margin: '4px 0 0', lineHeight: 1.45 }}>The kernels’ own space comes on top: on the CPU several times the activations. Measuring the time measures it too.</p>
    </section>
  );
}
