/** What a handler is: a function from checked parameters to the answer. */
import type { Answer, Method, ParsedParams } from '../../../shared/protocol/requests.ts';
import type { Workspace } from './workspace.ts';

export type Handler<M extends Method> = (workspace: Workspace, params: ParsedParams<M>) => Answer<M> | Promise<Answer<M>>;
export type Handlers<Prefix extends string> = { readonly [M in Extract<Method, `${Prefix}.${string}`>]: Handler<M> };
