/** Opens sessions for the part of a net that trains in an epoch: all of it, or with gradual unfreezing what has joined by then. */
import { frozenBlocks, stagedNetwork, stageOf } from '../../../shared/compile/stages.ts';
import { encodingOf } from './batches.ts';
import { resolveLoss } from './class-weights.ts';
import type { TrainingEngine, TrainingSession, Weights } from './engine.ts';
import type { LoopOptions } from './run-options.ts';

export interface Pace { readonly batchSize: number; readonly stepsPerEpoch: number }

export class Stages {
  readonly #engine: TrainingEngine;
  readonly #options: LoopOptions;
  readonly #pace: Pace;
  readonly #blocks: readonly (readonly string[])[];
  /** Blocks that had joined when the last session was opened. */
  #opened = 0;

  constructor(engine: TrainingEngine, options: LoopOptions, pace: Pace) {
    this.#engine = engine;
    this.#options = options;
    this.#pace = pace;
    this.#blocks = options.config.unfreezing ? frozenBlocks(options.network) : [];
  }

  /** Blocks that have joined in an epoch (from 0). */
  at(epoch: number): number {
    const { unfreezing } = this.#options.config;
    return unfreezing && epoch >= 0 ? stageOf(unfreezing, this.#blocks.length, epoch) : 0;
  }

  /** Whether blocks join as this epoch begins. */
  begins = (epoch: number): boolean => this.at(epoch) !== this.at(epoch - 1);

  open(epoch: number, weights: Weights): Promise<TrainingSession> {
    const { network, dataset, split } = this.#options;
    const { batchSize, stepsPerEpoch } = this.#pace;
    const config = { ...this.#options.config, batchSize, loss: resolveLoss(this.#options.config.loss, dataset, split.train) };
    const { unfreezing, accumulation } = config;
    this.#opened = this.at(epoch);
    if (!unfreezing) return this.#engine.open(network, config, weights, encodingOf(dataset));
    const joined = (k: number): number => Math.floor((k * unfreezing.every * stepsPerEpoch) / accumulation);
    const staged = stagedNetwork(network, this.#blocks, this.#opened, unfreezing, config.layerRates, joined);
    return this.#engine.open(staged.network, { ...config, layerRates: staged.layerRates }, weights, encodingOf(dataset));
  }

  /** The session for an epoch: another one where blocks join, with the weights and the optimiser's state of what goes on. */
  async enter(session: TrainingSession, epoch: number): Promise<TrainingSession> {
    if (this.at(epoch) === this.#opened) return session;
    const snapshot = await session.snapshot();
    await session.dispose();
    const next = await this.open(epoch, snapshot.weights);
    await next.restore(snapshot, { joining: true });
    return next;
  }
}
