/** What a notice of an error says, with the way round it where there is one. */
import { Button } from '@mantine/core';

export interface WayRound { readonly label: string; readonly take: () => void }

export function ErrorNotice({ text, round }: { readonly text: string; readonly round: WayRound | null }) {
  return (
    <>
      {text}
      {round && <Button display="block" variant="default" size="compact-sm" mt={8} onClick={round.take}>{round.label}</Button>}
    </>
  );
}
