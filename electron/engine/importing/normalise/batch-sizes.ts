/** Lists of sizes of which the batch is a part, computed at run time from the shape of an input. */
import { int, type Node } from '../../../../shared/onnx/ir.ts';
import { int64Tensor } from '../../../../shared/onnx/fold/numbers.ts';
import type { Sizes } from './free-batch.ts';
import { batchRole, type Known, type Lane } from './state.ts';
import type { Values } from './values.ts';

const lanesOf = (values: (batch: number) => readonly number[]): readonly Lane[] => [1, 2].map((n) => int64Tensor(values(n))).map((t): Lane => ({ type: t, constant: t }));

export class BatchSizes {
  readonly #values: Values;
  readonly #emit: (node: Node, outputs: readonly Known[]) => void;
  /** The value that holds the size of the batch, once one is wanted. */
  #size: Known | null = null;

  constructor(values: Values, emit: (node: Node, outputs: readonly Known[]) => void) {
    this.#values = values;
    this.#emit = emit;
  }

  /** The name in the new graph of a list of sizes: a constant, or one of which the batch is a part. */
  sizes(name: string, sizes: Sizes): string {
    return this.#known(name, sizes).name;
  }

  #known(name: string, { values, open }: Sizes): Known {
    if (open === null) return this.#constant(name, values);
    const size = this.#batchSize();
    if (values.length === 1) return size;
    const parts = [values.slice(0, open), values.slice(open + 1)].map((list, i) => (list.length > 0 ? [this.#constant(`${name} ${i === 0 ? 'before' : 'after'}`, list).name] : []));
    return this.#make(name, { op: 'Concat', inputs: [...(parts[0] ?? []), size.name, ...(parts[1] ?? [])], attributes: { axis: int(0) } }, lanesOf((n) => values.with(open, n)));
  }

  #constant(hint: string, list: readonly number[]): Known {
    return this.#values.known(this.#values.constant(this.#values.fresh(hint), int64Tensor(list), false));
  }

  #make(name: string, node: Pick<Node, 'op' | 'inputs' | 'attributes'>, lanes: readonly Lane[]): Known {
    const own = this.#values.fresh(name);
    this.#emit({ ...node, name, domain: '', outputs: [own] }, [{ name: own, lanes, learned: false, fixed: false, varying: false }]);
    return this.#values.known(own);
  }

  /** From the shape of the first input that has it. */
  #batchSize(): Known {
    const input = [...this.#values.all()].find(([, k]) => batchRole(k) === 'batched')?.[1] as Known;
    this.#size ??= this.#make('batch size', { op: 'Shape', inputs: [input.name], attributes: { start: int(0), end: int(1) } }, lanesOf((n) => [n]));
    return this.#size;
  }
}
