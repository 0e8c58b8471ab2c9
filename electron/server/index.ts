/** The server as a program: serves the built interface and prints its address. */
import { fileURLToPath } from 'node:url';
import { startServer } from './server.ts';

const wanted = process.argv.indexOf('--port');
const port = wanted > 0 ? Number(process.argv[wanted + 1]) : 0;
try {
  const server = await startServer({
    port,
    rendererDir: fileURLToPath(new URL('../renderer', import.meta.url)),
    engineScript: fileURLToPath(new URL('../engine/index.mjs', import.meta.url)),
  });
  console.log(`Netloom: ${server.address}`);
  console.log('Press Ctrl+C to stop.');
  const stop = () => void server.close().then(() => process.exit(0));
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
} catch (cause) {
  console.error(`Server: expected to listen on port ${port}, got ${(cause as Error).message}. Choose another port with --port.`);
  process.exit(1);
}
