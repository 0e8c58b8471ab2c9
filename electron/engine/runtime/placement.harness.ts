/** Test harness: which provider the runtime gives each node of a model to, read from the log of a session loaded in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const loader = `
  import * as ort from 'onnxruntime-node';
  import { readFileSync } from 'node:fs';
  await ort.InferenceSession.create(readFileSync(process.argv[1]), { executionProviders: ['webgpu', 'cpu'], logSeverityLevel: 0, logVerbosityLevel: 1 });
`;

/** Operators by provider ("CPUExecutionProvider", "WebGpuExecutionProvider"), one entry a node. Throws with the log's end when the model does not load. */
export async function placements(model: Uint8Array): Promise<Map<string, string[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'netloom-placement-'));
  const file = join(folder, 'model.onnx');
  await writeFile(file, model);
  try {
    const child = spawn(process.execPath, ['--input-type=module', '-e', loader, file], { stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (log += text));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const found = new Map<string, string[]>();
    let provider: string[] | undefined;
    for (const line of log.split('\n').filter((l) => l.includes('VerifyEachNodeIsAssignedToAnEp'))) {
      const heading = /placed on \[(\w+)\]/.exec(line)?.[1];
      // One provider for all nodes is said without naming them.
      if (heading) found.set(heading, (provider = found.get(heading) ?? []));
      else {
        const op = /\]\s+(\w+) \(/.exec(line.slice(line.indexOf('AnEp')))?.[1];
        if (op) provider?.push(op);
      }
    }
    if (code !== 0 || found.size === 0) throw new Error(`The session did not load (${code}): ${log.slice(-2000)}`);
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}
