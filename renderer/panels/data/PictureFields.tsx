/** To what size and colours the pictures of a folder are brought. */
import { Button, Select } from '@mantine/core';
import { attempt, openData, refreshMaps } from '../../state/engine.ts';
import { useDocument } from '../../state/document.ts';
import { sizeForNet, sizeLabel, type PictureData } from './picture-size.ts';

const sides = [28, 32, 48, 64, 96, 128, 160, 224];

export function PictureFields({ data, shape }: { readonly data: PictureData; readonly shape: readonly number[] }) {
  const [channels, side] = shape;
  const reopen = (change: Partial<typeof data>) => attempt(async () => { await openData({ ...data, ...change }); await refreshMaps(); });
  const network = useDocument((s) => s.compiled.network);
  const wanted = sizeForNet(network);
  const fits = !wanted || (wanted.side === side && (wanted.colour === 'grey') === (channels === 1));
  const known = [...new Set([...sides, side ?? 64])].sort((a, b) => a - b);
  return (
    <>
      {!fits && <Button variant="light" title="As the net’s Input takes them" onClick={() => reopen(wanted)}>{sizeLabel(wanted)}</Button>}
      <Select size="xs" w={116} aria-label="Size of the pictures" allowDeselect={false} value={String(side)} data={known.map((s) => ({ value: String(s), label: `${s} × ${s}` }))} onChange={(v) => v && reopen({ side: Number(v) })} />
      <Select size="xs" w={92} aria-label="Colours of the pictures" allowDeselect={false} value={channels === 1 ? 'grey' : 'rgb'} data={[{ value: 'rgb', label: 'Colour' }, { value: 'grey', label: 'Grey' }]} onChange={(v) => v && reopen({ colour: v as 'rgb' | 'grey' })} />
    </>
  );
}
