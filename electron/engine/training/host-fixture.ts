/** A compute thread for the host's tests: the real one with the toy engine, whose steps can be long and whose thread can die. */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { required } from '../../../shared/util/assert.ts';
import { Compute } from './compute.ts';
import { MemorySink } from './run-sink.ts';
import { toyEngine } from './toy-engine.ts';
import type { ToCompute } from './messages.ts';

const port = required(parentPort, 'the thread that started this one');
const stepMs = Number(process.env.NETLOOM_TEST_STEP_MS ?? 0);

/** Blocks the whole thread, as a native step does. */
const block = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
/** A path: the first step makes a file ".begun" there, and ends once there is one of this name. */
const gate = process.env.NETLOOM_TEST_GATE;

function beforeStep(step: number): void {
  if (stepMs > 0) block(stepMs);
  if (step === 1 && gate !== undefined) {
    writeFileSync(`${gate}.begun`, '');
    while (!existsSync(gate)) block(2);
  }
  const death = process.env.NETLOOM_TEST_DEATH;
  if (step === 3 && death === 'exit') process.exit(9);
  if (step === 3 && death === 'throw') setTimeout(() => { throw new Error('out of luck'); });
}

const compute = new Compute({ engine: () => toyEngine({ beforeStep }), sink: () => new MemorySink() }, (message) => port.postMessage(message));
port.on('message', (message: ToCompute) => compute.receive(message));
