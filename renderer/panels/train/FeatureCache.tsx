/** What features take on disk, of all projects, and the way to be rid of them. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Answer } from '../../../shared/protocol/requests.ts';
import { attempt, bridge } from '../../state/engine.ts';
import { isTraining, useSession } from '../../state/session.ts';
import { bytes } from '../../ui/format.ts';

export function FeatureCache() {
  const [kept, setKept] = useState<Answer<'features.info'> | null>(null);
  const training = useSession((s) => isTraining(s.progress));
  const ask = (method: 'features.info' | 'features.clear') => attempt(async () => setKept(await bridge.request(method, {})));
  useEffect(() => ask('features.info'), [training]);
  return (
    <div className="field" title={kept?.folder}>
      <span className="dim">On disk</span><span style={{ flex: 1 }} />
      <span data-testid="features-kept" style={{ lineHeight: '26px', marginRight: 10, fontVariantNumeric: 'tabular-nums' }}>{kept ? kept.files === 0 ? 'nothing' : `${bytes(kept.bytes)} of at most ${bytes(kept.limit)}` : '…'}</span>
      <Button size="compact-sm" variant="default" disabled={!kept || kept.files === 0 || training} onClick={() => ask('features.clear')}>Clear</Button>
    </div>
  );
}
