/** Folders of pictures are read in any size: they can follow the net as well as the net them. Pure. */
import type { Network } from '../../../shared/compile/network.ts';
import { inputsOf } from '../../../shared/compile/trainable.ts';
import type { DataRef } from '../../state/types.ts';

export type PictureData = Extract<DataRef, { kind: 'pictures' }>;

/** Sides that a folder of pictures can be read in. */
const SMALLEST_SIDE = 4;
const LARGEST_SIDE = 1024;

/** The size and colours that an Input of this shape takes; null where no folder can be read so. */
export function sizeFor(shape: readonly number[]): Required<Pick<PictureData, 'side' | 'colour'>> | null {
  const [channels, height, width] = shape;
  if (shape.length !== 3 || height === undefined || height !== width || height < SMALLEST_SIDE || height > LARGEST_SIDE || (channels !== 1 && channels !== 3)) return null;
  return { side: height, colour: channels === 1 ? 'grey' : 'rgb' };
}

/** The same for the Input of a net. */
export const sizeForNet = (network: Network): ReturnType<typeof sizeFor> => sizeFor(inputsOf(network)[0]?.shape ?? []);

export const sizeLabel = ({ side, colour }: NonNullable<ReturnType<typeof sizeFor>>): string => `Bring the pictures to ${side}×${side}${colour === 'grey' ? ', grey' : ''}`;

/** A folder just chosen for a net with weights of its own is read in the size they know, where it does not say another. */
export function followNet(data: DataRef, network: Network, pretrained: boolean): DataRef {
  const size = sizeForNet(network);
  return data.kind === 'pictures' && data.side === undefined && pretrained && size ? { ...data, ...size } : data;
}
