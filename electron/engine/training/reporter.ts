/** What a run tells the outside, held back so that nobody gets more than 20 messages a second of a kind. */
import type { Diagnostic } from '../../../shared/diagnostics/diagnostic.ts';
import type { FeatureState } from '../../../shared/protocol/finetune-requests.ts';
import type { CurvePoint, MapsFrame, Progress } from '../../../shared/protocol/values.ts';
import type { LayerNorms, Weights } from './engine.ts';
import type { RunSink } from './run-sink.ts';

export type LoopEvent =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'points'; readonly points: readonly CurvePoint[] }
  | { readonly kind: 'maps'; readonly frame: MapsFrame }
  /** The newest gradient's norm by layer. */
  | { readonly kind: 'gradients'; readonly step: number; readonly gradients: LayerNorms }
  /** Features that are being computed, or are there; null where none are used. */
  | { readonly kind: 'features'; readonly features: FeatureState | null }
  /** Something to know about a run that goes on all the same. */
  | { readonly kind: 'note'; readonly note: Diagnostic }
  /** The weights as they are now (after every validation), and whether they are the best so far. */
  | { readonly kind: 'weights'; readonly weights: Weights; readonly best: boolean };

const EVENT_GAP_MS = 60;
const FILE_GAP_MS = 1000;
/** Norms are for the eye: four times a second. */
const GRADIENTS_GAP_MS = 250;

export class Reporter {
  #unsent: CurvePoint[] = [];
  #unwritten: CurvePoint[] = [];
  #sentAt = -Infinity;
  #writtenAt = -Infinity;
  #gradientsAt = -Infinity;
  #gradients: { readonly step: number; readonly gradients: LayerNorms } | null = null;
  readonly #emit: (event: LoopEvent) => void;
  readonly #sink: RunSink;
  readonly #now: () => number;

  constructor(emit: (event: LoopEvent) => void, sink: RunSink, now: () => number) {
    this.#emit = emit;
    this.#sink = sink;
    this.#now = now;
  }

  point(point: CurvePoint | null): void {
    if (!point) return;
    this.#unsent.push(point);
    this.#unwritten.push(point);
  }

  /** Keeps the newest for the next message. */
  gradients(step: number, gradients: LayerNorms): void {
    this.#gradients = { step, gradients };
  }

  /** Sends what has gathered when it is time. */
  async tick(progress: () => Progress): Promise<void> {
    const now = this.#now();
    if (now - this.#sentAt >= EVENT_GAP_MS) this.send(progress());
    if (now - this.#writtenAt >= FILE_GAP_MS) await this.write();
  }

  /** Sends at once: for changes of state. */
  send(progress: Progress): void {
    this.#sentAt = this.#now();
    if (this.#unsent.length > 0) this.#emit({ kind: 'points', points: this.#unsent });
    this.#unsent = [];
    if (this.#gradients && this.#sentAt - this.#gradientsAt >= GRADIENTS_GAP_MS) {
      this.#emit({ kind: 'gradients', ...this.#gradients });
      this.#gradientsAt = this.#sentAt;
      this.#gradients = null;
    }
    this.#emit({ kind: 'progress', progress });
  }

  /** Appends the points to the run's metrics. */
  async write(): Promise<void> {
    this.#writtenAt = this.#now();
    const points = this.#unwritten;
    this.#unwritten = [];
    if (points.length > 0) await this.#sink.metrics(points);
  }

  emit(event: LoopEvent): void {
    this.#emit(event);
  }
}
