/** Gradual unfreezing: which frozen layers train from which epoch on (Howard and Ruder 2018). */
import { cutsOf } from './cuts.ts';
import type { Network, NetworkLayer } from './network.ts';

export interface Unfreezing {
  /** Epochs between two blocks. */
  readonly every: number;
  /** Blocks that join in all. */
  readonly blocks: number;
  /** Each block's rate as a share of the one before it. */
  readonly rate: number;
}

const hasKernel = (l: NetworkLayer): boolean => l.weights.some((w) => w.role === 'trained' && w.shape.length > 1);
const groupOf = (id: string): string | null => (id.includes('/') ? (id.split('/')[0] as string) : null);

/**
 * Frozen layers in the blocks in which they thaw, the last first. What is drawn in one group of the root is one block (each copy
 * of a repeated one); elsewhere a block begins with a kernel behind a value that all passes through, so that a residual branch
 * stays whole and a norm goes with the convolution before it.
 */
export function frozenBlocks(network: Network): readonly (readonly string[])[] {
  const cuts = new Set(cutsOf(network).map((l) => l.id));
  const blocks: NetworkLayer[][] = [];
  let group: string | null = null;
  let passed = true;
  for (const l of network.layers) {
    const mine = groupOf(l.id);
    const begins = hasKernel(l) && (mine === null || mine !== group) && (passed || mine !== group);
    if (begins || blocks.length === 0) {
      blocks.push([]);
      passed = false;
    }
    if (begins || mine !== null) group = mine;
    blocks.at(-1)?.push(l);
    if (cuts.has(l.id)) passed = true;
  }
  const frozen = blocks.map((b) => b.filter((l) => l.frozen)).filter((b) => b.some((l) => l.parameters > 0));
  return frozen.reverse().map((b) => b.map((l) => l.id));
}

/** How many blocks have joined in an epoch (from 0). */
export const stageOf = ({ every, blocks }: Unfreezing, there: number, epoch: number): number => Math.min(blocks, there, Math.floor(epoch / every));

/**
 * The network as it trains when so many blocks have joined, and the factors of its rates. `joined` answers the step of the
 * optimiser at which the k-th block (from 1) began.
 */
export function stagedNetwork(network: Network, blocks: readonly (readonly string[])[], stage: number, { rate }: Unfreezing, layerRates: Readonly<Record<string, number>>, joined: (k: number) => number): { readonly network: Network; readonly layerRates: Readonly<Record<string, number>> } {
  const place = new Map(blocks.slice(0, stage).flatMap((block, i) => block.map((id) => [id, i + 1] as const)));
  const layers = network.layers.map((l) => {
    const k = place.get(l.id);
    return k === undefined ? l : { ...l, frozen: false, trainsFrom: joined(k) };
  });
  const rates = [...place].map(([id, k]) => [id, (layerRates[id] ?? 1) * rate ** k] as const);
  return { network: { ...network, layers }, layerRates: { ...layerRates, ...Object.fromEntries(rates) } };
}
