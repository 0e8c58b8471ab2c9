/** The engine as a function of messages: knows no process and no transport. */
import { diagnostic, NetloomError, type Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { EngineMessage } from '../../../shared/protocol/messages.ts';
import { RequestMessageSchema, type AnswerMessage } from '../../../shared/protocol/messages.ts';
import { requests, type Method } from '../../../shared/protocol/requests.ts';
import { handlers } from './table.ts';
import { Workspace, type WorkspaceOptions } from './workspace.ts';

export interface Engine {
  readonly workspace: Workspace;
  handle(message: unknown): Promise<AnswerMessage>;
  onEvent(listener: (message: EngineMessage) => void): () => void;
  dispose(): Promise<void>;
}

function diagnosticOf(e: unknown): Diagnostic {
  if (e instanceof NetloomError) return e.diagnostic;
  return diagnostic('engine.internal', { label: 'Engine' }, { message: e instanceof Error ? e.message : String(e) });
}

export function createEngine(options: WorkspaceOptions): Engine {
  const workspace = new Workspace(options);
  async function call(method: string, params: unknown): Promise<unknown> {
    if (!Object.hasOwn(requests, method)) throw new NetloomError(diagnostic('request.invalid', { label: 'Request' }, { expected: 'a method of the protocol', got: method }));
    const name = method as Method;
    const parsed = requests[name].params.safeParse(params);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new NetloomError(diagnostic('request.invalid', { label: method, field: issue?.path.join('.') || 'parameters' }, { expected: 'what the protocol says', got: issue?.message ?? 'something else' }));
    }
    return (handlers[name] as (w: Workspace, p: unknown) => unknown)(workspace, parsed.data);
  }
  return {
    workspace,
    handle: async (message) => {
      const parsed = RequestMessageSchema.safeParse(message);
      const id = parsed.success ? parsed.data.id : -1;
      try {
        if (!parsed.success) throw new NetloomError(diagnostic('request.invalid', { label: 'Message' }, { expected: 'a request', got: 'something else' }));
        return { kind: 'answer', id, ok: true, value: await call(parsed.data.method, parsed.data.params) };
      } catch (e) {
        return { kind: 'answer', id, ok: false, error: diagnosticOf(e) };
      }
    },
    onEvent: (listener) => workspace.onEvent((event, data) => listener({ kind: 'event', event, data })),
    dispose: () => workspace.host.dispose(),
  };
}
