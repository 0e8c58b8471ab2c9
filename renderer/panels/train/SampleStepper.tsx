/** Which sample is followed through the net, and the way to another. */
import { ActionIcon } from '@mantine/core';
import { IconArrowsShuffle } from '@tabler/icons-react';
import { useDocument } from '../../state/document.ts';
import { attempt, setProbe } from '../../state/engine.ts';
import { useSession } from '../../state/session.ts';

export function SampleStepper() {
  const probe = useSession((s) => s.probe);
  const samples = useDocument((s) => s.dataInfo?.samples ?? 1);
  const show = (sample: number) => attempt(() => setProbe((sample + samples) % samples));
  const button = { size: 'sm', variant: 'subtle', color: 'gray', style: { flex: 'none' } } as const;
  return (
    <>
      <strong style={{ whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis' }}>Sample {probe}</strong>
      <ActionIcon {...button} aria-label="Previous sample" onClick={() => show(probe - 1)}>‹</ActionIcon>
      <ActionIcon {...button} aria-label="Next sample" onClick={() => show(probe + 1)}>›</ActionIcon>
      <ActionIcon {...button} aria-label="Random sample" onClick={() => show(Math.floor(Math.random() * samples))}><IconArrowsShuffle size={14} stroke={1.7} /></ActionIcon>
    </>
  );
}
