/** TensorFlow's own Keras in a process of its own: the same net, weights and batches. */
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Network, NetworkLayer } from '../../shared/compile/network.ts';
import { required } from '../../shared/util/assert.ts';
import { kerasOf } from '../../electron/engine/tensorflow/keras/makers.ts';
import type { Weights } from '../../electron/engine/training/engine.ts';

export interface KerasJob {
  readonly layers: readonly unknown[];
  /** [channels, height, width] of a picture. */
  readonly shape: readonly number[];
  /** Files: uint8 pictures, int32 labels, int32 positions in the order of training. */
  readonly pictures: string;
  readonly labels: string;
  readonly order: string;
  readonly batch: number;
  readonly optimizer: unknown;
  readonly rate: number;
}

/** Keras' layers of one of ours: explicit padding is a layer of its own there, and Flatten folds channels first with us. */
function chained(layer: NetworkLayer, weights: Weights): unknown[] {
  const { class_name, config } = required(kerasOf(layer), `Keras' ${layer.type}`);
  if (class_name === 'InputLayer' || class_name === 'Identity') return [];
  const before: unknown[] = class_name === 'Flatten' ? [{ class_name: 'Permute', config: { dims: [3, 1, 2] }, weights: [] }] : [];
  const { padding, edges } = layer.params as { padding?: string; edges?: readonly number[] };
  const [top = 0, right = 0, bottom = 0, left = 0] = edges ?? [];
  if (padding === 'explicit') before.push({ class_name: 'ZeroPadding2D', config: { padding: [[top, bottom], [left, right]] }, weights: [] });
  // The loss takes logits.
  const own = { ...config, ...(padding === 'explicit' ? { padding: 'valid' } : {}), ...(config.activation === 'softmax' ? { activation: 'linear' } : {}) };
  return [...before, { class_name, config: own, weights: layer.weights.map((w) => ({ shape: w.shape, data: [...required(weights.get(w.fullName), w.fullName).data] })) }];
}

/** The net as Keras' layers, one behind another. Throws for a net that branches or has a layer Keras lacks. */
export function kerasLayers(network: Network, weights: Weights): unknown[] {
  const chain = network.layers.every((l, i) => l.inputs.length === (i === 0 ? 0 : 1) && (i === 0 || l.inputs[0] === network.layers[i - 1]?.id));
  if (!chain) throw new Error(`${network.name}: the comparison with Keras knows chains of layers only`);
  return network.layers.flatMap((l) => chained(l, weights));
}

/** Whether this Python has TensorFlow and its Keras. */
export const hasKeras = (python: string): boolean => spawnSync(python, ['-c', 'import tensorflow, keras, numpy'], { stdio: 'ignore' }).status === 0;

export class KerasReference {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly versions: Promise<{ keras: string; tensorflow: string }>;

  constructor(python: string) {
    this.#child = spawn(python, [join(process.cwd(), 'e2e', 'checks', 'keras_reference.py')], { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-2000); });
    this.#child.on('exit', (code) => { if (code !== 0 && code !== null) console.error(said); });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.versions = this.#next() as Promise<{ keras: string; tensorflow: string }>;
  }

  async open(job: KerasJob): Promise<void> {
    await this.#ask({ open: job });
  }

  /** One call a batch, as our engines are asked. */
  async steps(count: number): Promise<{ losses: readonly number[]; seconds: number }> {
    return await this.#ask({ steps: count }) as { losses: readonly number[]; seconds: number };
  }

  /** All batches in one call. */
  async fit(count: number): Promise<{ seconds: number }> {
    return await this.#ask({ fit: count }) as { seconds: number };
  }

  async accuracy(files: { readonly pictures: string; readonly labels: string }): Promise<number> {
    return await this.#ask({ accuracy: files }) as number;
  }

  end(): void {
    this.#child.stdin.end();
  }

  #ask(command: unknown): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    return this.#next();
  }

  async #next(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done) throw new Error('Keras ended before it answered');
    return JSON.parse(line.value) as unknown;
  }
}
