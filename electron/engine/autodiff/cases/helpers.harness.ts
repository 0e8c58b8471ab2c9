/** What several lists of cases build and sample with. */
import type { GraphBuilder, Value } from '../../../../shared/onnx/builder.ts';
import type { Attribute, ElementType } from '../../../../shared/onnx/ir.ts';

export type Build = (b: GraphBuilder, x: Value[]) => Value;
/** One operator over all inputs. */
export const op = (name: string, attributes: Record<string, Attribute> = {}): Build => (b, x) => b.op(name, x, attributes);
/** One operator whose further inputs are constant whole numbers; null leaves one out. */
export const withInts = (name: string, ...rest: (readonly number[] | null)[]) => (attributes: Record<string, Attribute> = {}): Build => (b, [x]) => b.op(name, [x as Value, ...rest.map((r) => r && b.int64(r))], attributes);
export const floats = (b: GraphBuilder, values: readonly number[], shape: readonly number[] = [values.length], element: ElementType = 'float32'): Value => b.constant({ element, shape, data: Float32Array.from(values) });
export const text = (value: string): Attribute => ({ kind: 'string', value });
export const positive = (n: number): number => 0.5 + Math.abs(n);
/** Away from 0, so that no kink lies within the step. */
export const apart = (n: number): number => n + Math.sign(n) * 0.1;
/** All different by more than the step, so that no maximum changes. */
export const distinct = (_n: number, i: number): number => ((i * 7919) % 101) / 10 - 5;
