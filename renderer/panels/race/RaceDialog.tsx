/** "Which is fastest here?": some seconds of the person's own training on every device, side by side. */
import { Button, Modal } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useDocument } from '../../state/document.ts';
import { RACE_SECONDS } from '../../../shared/protocol/race-requests.ts';
import { cancelRace, startRace, useRace, whyNoRace } from '../../state/race.ts';
import { useSession } from '../../state/session.ts';
import { setUi, useUi } from '../../state/ui.ts';
import { focusDevices } from '../../ui/focus.ts';
import { whole } from '../../ui/format.ts';
import { fastest, leftOut, verdict, winner } from './race-words.ts';
import { RaceRow } from './RaceRow.tsx';
import './race.css';

function close(): void {
  cancelRace();
  setUi({ dialog: null });
}

/** What the devices are timed on. */
function Asked() {
  const { batchSize, precision } = useSession((s) => s.config);
  const data = useDocument((s) => s.dataInfo?.name ?? 'the data');
  const name = useDocument((s) => s.history.document.name);
  return <p className="dim asked">Each device trains “{name}” on {data} for {RACE_SECONDS} seconds, one after another, as the training settings say: batches of {whole(batchSize)}, {precision === 'mixed' ? 'mixed precision' : '32-bit numbers'}. The weights stay as they are.</p>;
}

function Outcome() {
  const { running, rows, error } = useRace();
  const sentence = verdict(rows);
  if (error !== null) return <p className="outcome" role="alert" data-state="failed"><IconAlertTriangle size={18} stroke={1.8} aria-hidden /><span>{error}</span></p>;
  if (running) return null;
  if (sentence !== null) return <p className="outcome" role="status"><IconCircleCheck size={18} stroke={1.8} aria-hidden /><strong>{sentence}</strong></p>;
  return <p className="outcome" role="status" data-state="none"><span>{rows.some((r) => r.pace) ? 'No device could train this net as it is configured.' : 'Cancelled before a device was timed.'}</span></p>;
}

/** Devices that are not there, each with its reason. */
function Others() {
  const others = useSession((s) => s.devices).filter((d) => !d.available);
  if (others.length === 0) return null;
  return (
    <section aria-label="Not available">
      <h2 className="section">Not available here</h2>
      <ul className="others">{others.map((d) => <li key={d.id}><span>{d.name}</span><span className="dim">{d.detail}</span></li>)}</ul>
    </section>
  );
}

function Race() {
  const { running, rows } = useRace();
  const chosen = useSession((s) => s.config.device);
  const unfreezing = useSession((s) => s.config.unfreezing !== null);
  const best = fastest(rows);
  const without = best ? leftOut(rows, unfreezing) : '';
  const why = running ? null : whyNoRace();
  return (
    <div className="race">
      <div className="scroll">
        <Asked />
        <Outcome />
        <ul className="rows" aria-label="Devices">{rows.map((row) => <RaceRow key={row.device} row={row} fastest={!running && winner(rows) === row.device} most={best?.samplesPerSecond ?? 1} chosen={chosen === row.device} />)}</ul>
        {without !== '' && <p className="dim left-out">{without}</p>}
        <Others />
      </div>
      <footer>
        <span className="grow" />
        <Button data-autofocus variant="default" disabled={why !== null} title={why ?? undefined} onClick={running ? cancelRace : startRace}>{running ? 'Cancel' : 'Measure again'}</Button>
        {!running && <Button variant="default" onClick={close}>Close</Button>}
      </footer>
    </div>
  );
}

export function RaceDialog() {
  const opened = useUi((s) => s.dialog === 'race');
  return <Modal opened={opened} onClose={close} returnFocus={false} onExitTransitionEnd={focusDevices} title="Which is fastest here?" size="min(620px, 94vw)" padding={0} classNames={{ header: 'race-header', body: 'race-body', content: 'race-content' }}><Race /></Modal>;
}
