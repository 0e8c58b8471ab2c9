/** netloom devices: what can train here, and which of them is fastest for a project. */
import { problem, render } from '../../shared/diagnostics/diagnostic.ts';
import { RACE_SECONDS, type DevicePace } from '../../shared/protocol/race-requests.ts';
import type { Device } from '../../shared/protocol/values.ts';
import { raceHandlers } from '../engine/handlers/race.ts';
import { trainingDevices } from '../engine/training/devices.ts';
import { numberFlag, type ParsedCommand } from './args.ts';
import { open, withEngine, type Outcome } from './opened.ts';
import { table } from './table.ts';

const digits = (n: number): string => (n >= 100 ? Math.round(n).toLocaleString('en-US') : n.toPrecision(3));

interface Ranked { readonly id: string; readonly name: string; readonly samplesPerSecond: number | null; readonly stepMs: number | null; readonly epochSeconds: number | null; readonly reason: string | null; readonly notes: readonly string[] }

function ranked({ id, name, detail }: Device, pace: DevicePace | null): Ranked {
  if (pace?.ok) return { id, name, samplesPerSecond: pace.samplesPerSecond, stepMs: pace.stepMs, epochSeconds: pace.epochSeconds, reason: null, notes: [...pace.notes.map((n) => render(n).sentence), ...(pace.features === null ? [] : [`times of steps on kept features of the frozen layers up to ${pace.features}; computing these, once before a run, is not in them`])] };
  return { id, name, samplesPerSecond: null, stepMs: null, epochSeconds: null, reason: pace ? render(pace.error).sentence : detail, notes: [] };
}

/** Fastest first, then those that cannot. */
const order = (a: Ranked, b: Ranked): number => (b.samplesPerSecond ?? -1) - (a.samplesPerSecond ?? -1);

async function race(p: ParsedCommand, project: string): Promise<Outcome> {
  const opened = await open(project, p.flags);
  const { document, training } = opened.project;
  const seconds = numberFlag(p.flags, 'seconds', { min: 0.01, max: 60 }) ?? RACE_SECONDS;
  const config = { ...training, batchSize: numberFlag(p.flags, 'batch', { min: 1, max: 65536, whole: true }) ?? training.batchSize };
  return withEngine(opened, async (w) => {
    let interrupted = false;
    const stop = () => {
      interrupted = true;
      void raceHandlers['race.cancel'](w, {});
    };
    process.on('SIGINT', stop);
    const rows: Ranked[] = [];
    try {
      for (const device of await trainingDevices()) {
        if (interrupted) break;
        if (device.available) process.stderr.write(`Timing ${device.name} …\n`);
        rows.push(ranked(device, device.available ? await raceHandlers['race.device'](w, { document, config, data: opened.data, device: device.id, seconds }) : null));
      }
    } finally {
      process.off('SIGINT', stop);
    }
    if (interrupted) return { data: null, text: 'Cancelled.', code: 130 };
    rows.sort(order);
    const [best] = rows;
    const fastest = best && best.samplesPerSecond !== null ? best.id : null;
    const timed = rows.flatMap((r) => (r.samplesPerSecond === null || r.stepMs === null || r.epochSeconds === null ? [] : [[digits(r.samplesPerSecond), digits(r.stepMs), digits(r.epochSeconds), r.id, r.name]]));
    const text = [
      ...(timed.length > 0 ? [table([['samples/s', 'ms a step', 's an epoch', 'device', ''], ...timed])] : []),
      ...rows.flatMap((r) => (r.reason === null ? [] : [`– ${r.id}: ${r.reason}`])),
      ...rows.flatMap((r) => r.notes.map((n) => `  ${r.id}: ${n}`)),
      fastest === null ? 'No device could train it.' : `Fastest: ${fastest} (netloom train ${project} --device ${fastest})`,
    ].join('\n');
    return { data: { fastest, batch: config.batchSize, seconds, devices: rows }, text, ...(fastest === null ? { code: 1 } : {}) };
  });
}

const INDENT = ' '.repeat(13);

const described = (d: Device): string => [`${d.available ? '✓' : '–'} ${d.id.padEnd(10)} ${d.name}`, `${INDENT}${d.detail}`, ...(d.commands ?? []).flatMap((c) => [`${INDENT}${c.does}:`, `${INDENT}  ${c.command}`])].join('\n');

/** The list, or with --race the speed of each. */
export async function devicesOf(p: ParsedCommand): Promise<Outcome> {
  if (typeof p.flags.race === 'string') return race(p, p.flags.race);
  const stray = ['seconds', 'batch', 'data'].find((name) => p.flags[name] !== undefined);
  if (stray !== undefined) throw problem('request.usage', { label: 'netloom' }, { expected: `--race <project> with --${stray}`, got: `--${stray} alone` });
  const devices = await trainingDevices();
  return { data: devices, text: devices.map(described).join('\n') };
}
