/** Features that the run trains on, as words; and those on disk. */
import type { FeatureState } from '../../shared/protocol/finetune-requests.ts';
import { bytes, whole } from '../ui/format.ts';

/** Share of the samples that were on disk before: "hits 100 %". */
export const hitRate = ({ found, samples }: FeatureState): string => `hits ${Math.round((100 * found) / Math.max(1, samples))} %`;

/** A line for the Train panel. */
export const featureLine = (f: FeatureState): string => (f.computing ? `Computing features ${whole(f.done)} of ${whole(f.samples)}` : `Trains on features of ${f.name.split(' / ').at(-1) ?? f.name}: ${whole(f.samples)} samples, ${bytes(f.bytes)}, ${hitRate(f)}`);

/** A mark on the canvas. */
export const featureMark = (f: FeatureState): string => (f.computing ? `${Math.floor((100 * f.done) / Math.max(1, f.samples))} %` : `${bytes(f.bytes)} · ${hitRate(f)}`);
