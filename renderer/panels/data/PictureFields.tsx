/** To what size and colours the pictures of a folder are brought. */
import { Select } from '@mantine/core';
import { attempt, openData, refreshMaps } from '../../state/engine.ts';
import type { DataRef } from '../../state/types.ts';

const sides = [28, 32, 48, 64, 96, 128, 160, 224];

export function PictureFields({ data, shape }: { readonly data: Extract<DataRef, { kind: 'pictures' }>; readonly shape: readonly number[] }) {
  const [channels, side] = shape;
  const reopen = (change: Partial<typeof data>) => attempt(async () => { await openData({ ...data, ...change }); await refreshMaps(); });
  const known = [...new Set([...sides, side ?? 64])].sort((a, b) => a - b);
  return (
    <>
      <Select size="xs" w={104} aria-label="Size of the pictures" allowDeselect={false} value={String(side)} data={known.map((s) => ({ value: String(s), label: `${s} × ${s}` }))} onChange={(v) => v && reopen({ side: Number(v) })} />
      <Select size="xs" w={92} aria-label="Colours of the pictures" allowDeselect={false} value={channels === 1 ? 'grey' : 'rgb'} data={[{ value: 'rgb', label: 'Colour' }, { value: 'grey', label: 'Grey' }]} onChange={(v) => v && reopen({ colour: v as 'rgb' | 'grey' })} />
    </>
  );
}
