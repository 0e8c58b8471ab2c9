/** The compute thread: everything that blocks lives here. */
import { parentPort } from 'node:worker_threads';
import { required } from '../../../shared/util/assert.ts';
import { Compute } from './compute.ts';
import { openFileSink } from './file-sink.ts';
import { engineOf } from './engines.ts';
import type { ToCompute } from './messages.ts';

const port = required(parentPort, 'the thread that started this one');
const compute = new Compute({ engine: engineOf, sink: openFileSink }, (message, transfer) => port.postMessage(message, transfer));
port.on('message', (message: ToCompute) => compute.receive(message));
