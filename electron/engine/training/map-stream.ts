/** Frames of activation maps beside the training: on credit, and never at more than a small share of its time. */
import type { Network } from '../../../shared/compile/network.ts';
import type { MapsFrame } from '../../../shared/protocol/values.ts';
import type { Dataset } from '../datasets/dataset.ts';
import { probeFrame, STREAMED_CHANNELS } from '../insight/maps.ts';
import type { Control } from './control.ts';
import type { TrainingSession } from './engine.ts';

/** Milliseconds between frames, at least; and how many times its own cost a frame must wait: watching stays under 2 %. */
const GAP_MS = 100;
const COST = 50;

export class MapStream {
  readonly #source: { readonly network: Network; readonly dataset: Dataset };
  readonly #control: Control;
  readonly #now: () => number;
  #nextAt = -Infinity;

  constructor(source: { readonly network: Network; readonly dataset: Dataset }, control: Control, now: () => number) {
    this.#source = source;
    this.#control = control;
    this.#now = now;
  }

  /** A frame if one is wanted and due. A pause has time for every frame. */
  async next(session: TrainingSession, step: number, paused: boolean): Promise<MapsFrame | null> {
    if (!this.#control.mapsWanted || this.#now() < this.#nextAt) return null;
    const began = this.#now();
    this.#control.takeMaps();
    const { network, dataset } = this.#source;
    const frame = await probeFrame(session, { network, dataset, sample: this.#control.probe, step, limit: STREAMED_CHANNELS });
    const ended = this.#now();
    this.#nextAt = ended + (paused ? GAP_MS : Math.max(GAP_MS, COST * (ended - began)));
    return frame;
  }
}
