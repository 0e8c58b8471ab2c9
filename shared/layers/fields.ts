/** Parameter fields as data: the inspector draws them, files are checked against them, layers get their values typed. */

interface FieldBase<T> {
  readonly label: string;
  readonly help: string;
  readonly default: T;
  readonly unit?: string;
  /** Hides the field when the other values make it meaningless. */
  readonly visible?: (values: Readonly<Record<string, unknown>>) => boolean;
}
export interface IntField extends FieldBase<number> { readonly kind: 'int'; readonly min: number; readonly max: number }
export interface NumberField extends FieldBase<number> { readonly kind: 'number'; readonly min: number; readonly max: number; readonly step: number }
/** Height × width. Written "5 × 5", or "5" for both. */
export interface PairField extends FieldBase<readonly [number, number]> { readonly kind: 'pair'; readonly min: number; readonly max: number }
/** Top, right, bottom, left. */
export interface EdgesField extends FieldBase<readonly [number, number, number, number]> { readonly kind: 'edges'; readonly min: number; readonly max: number }
export interface BoolField extends FieldBase<boolean> { readonly kind: 'bool' }
export interface ChoiceField<C extends string = string> extends FieldBase<C> { readonly kind: 'choice'; readonly options: readonly { readonly value: C; readonly label: string }[] }

export type Field = IntField | NumberField | PairField | EdgesField | BoolField | ChoiceField;
export type Fields = Readonly<Record<string, Field>>;

export type ValueOf<F extends Field> =
  F extends ChoiceField<infer C> ? C : F extends BoolField ? boolean : F extends PairField ? readonly [number, number]
  : F extends EdgesField ? readonly [number, number, number, number] : number;
export type ParamsOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };
