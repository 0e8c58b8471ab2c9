/** Arranges a graph beside the interface's thread: one graph in, positions out. */
import type { DrawnGraph } from '../../shared/graph/document.ts';
import { arrange } from '../../shared/graph/layout.ts';

self.onmessage = (e: MessageEvent<DrawnGraph>) => self.postMessage(arrange(e.data));
