/** Whether a loss is drawn on a logarithmic axis. */
import { Checkbox } from '@mantine/core';

export function LogScale({ log, onChange }: { readonly log: boolean; readonly onChange: (log: boolean) => void }) {
  return <Checkbox size="xs" label="Log scale" checked={log} onChange={(e) => onChange(e.currentTarget.checked)} styles={{ label: { fontSize: 11, color: 'var(--dim)', paddingInlineStart: 6 } }} />;
}
