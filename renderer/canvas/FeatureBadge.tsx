/** On the layer behind which a run trains: that its features are kept, how much they take, how many were there already. */
import { Tooltip } from '@mantine/core';
import { IconDatabase } from '@tabler/icons-react';
import { featureLine, featureMark } from '../state/features.ts';
import { placeOf } from '../state/lookup.ts';
import { useSession } from '../state/session.ts';

/** `place`: ids that lead to the node. A group has the mark of the layer inside. */
export function FeatureBadge({ place }: { readonly place: string }) {
  const features = useSession((s) => {
    const at = s.features && placeOf(s.features.layer);
    return at !== null && (at === place || at.startsWith(`${place}/`)) ? s.features : null;
  });
  if (!features) return null;
  return <Tooltip label={featureLine(features)}><span className="features mono" role="img" aria-label={featureLine(features)}><IconDatabase size={11} aria-hidden />{featureMark(features)}</span></Tooltip>;
}
