/** Events are handed on together and in their order, before a frame and before every answer. */
import { expect, it } from 'vitest';
import { Client } from './client.ts';

const log = (text: string) => ({ kind: 'event', event: 'log', data: { time: '', level: 'info', text } });

function setUp() {
  const frames: (() => void)[] = [];
  const heard: string[] = [];
  const client = new Client({ kind: 'browser', dialogs: null, pathOf: () => null, onMenu: () => () => undefined }, (deliver) => frames.push(deliver));
  const sent: { id: number }[] = [];
  client.opened((m) => sent.push(m as { id: number }));
  client.on('log', ({ text }) => heard.push(text));
  return { client, frames, heard, answer: (value: unknown) => client.received({ kind: 'answer', id: sent.shift()?.id, ok: true, value }) };
}

it('waits for one frame however many events come, and for another behind it', () => {
  const { client, frames, heard } = setUp();
  for (let i = 0; i < 100; i++) client.received(log(`${i}`));
  expect([heard, frames.length]).toEqual([[], 1]);
  frames.shift()?.();
  expect(heard).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  client.received(log('more'));
  expect(frames.length).toBe(1);
  frames.shift()?.();
  expect(heard.at(-1)).toBe('more');
});

it('hands on what came before an answer before the answer, and nothing twice', async () => {
  const { client, frames, heard, answer } = setUp();
  const asked = client.request('training.wantMaps', {}).then(() => { heard.push('answer'); });
  client.received(log('before'));
  answer({});
  client.received(log('after'));
  await asked;
  expect(heard).toEqual(['before', 'answer']);
  for (const deliver of frames) deliver();
  expect(heard).toEqual(['before', 'answer', 'after']);
});

it('hands on what came before the engine went away, then says so', async () => {
  const { client, heard } = setUp();
  const asked = client.request('training.stop', {}).catch((e: Error) => { heard.push(e.message.split(':')[0] ?? ''); });
  client.onConnection((state) => heard.push(state));
  client.received(log('last'));
  client.abandoned(true);
  await asked;
  expect(heard).toEqual(['open', 'last', 'closed', 'Engine']);
});
