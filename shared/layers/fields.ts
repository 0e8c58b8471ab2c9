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

/** A list of numbers, "0.485, 0.456, 0.406"; the layer's own rule says how many it needs. */
export interface NumbersField extends FieldBase<readonly number[]> { readonly kind: 'numbers'; readonly min: number; readonly max: number; readonly step: number; readonly most: number; readonly whole?: true }

export type Field = IntField | NumberField | PairField | EdgesField | NumbersField | BoolField | ChoiceField;
export type Fields = Readonly<Record<string, Field>>;

export type ValueOf<F extends Field> =
  F extends { kind: 'choice'; options: readonly { value: infer C }[] } ? C : F extends { kind: 'bool' } ? boolean : F extends { kind: 'pair' } ? readonly [number, number]
  : F extends { kind: 'edges' } ? readonly [number, number, number, number] : F extends { kind: 'numbers' } ? readonly number[] : number;
export type ParamsOf<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

const isInt = (v: unknown, min: number, max: number): boolean => Number.isInteger(v) && (v as number) >= min && (v as number) <= max;

const isNumber = (v: unknown, min: number, max: number): boolean => typeof v === 'number' && Number.isFinite(v) && v >= min && v <= max;

/** What a field accepts, in words. */
export function describeField(field: Field): string {
  switch (field.kind) {
    case 'int': return `a whole number from ${field.min} to ${field.max}`;
    case 'number': return `a number from ${field.min} to ${field.max}`;
    case 'pair': return `two whole numbers from ${field.min} to ${field.max}`;
    case 'edges': return `four whole numbers from ${field.min} to ${field.max}`;
    case 'numbers': return `up to ${field.most} ${field.whole ? 'whole ' : ''}numbers from ${field.min} to ${field.max}`;
    case 'bool': return 'yes or no';
    case 'choice': return `one of ${field.options.map((o) => o.value).join(', ')}`;
  }
}

/** Whether a value is one the field accepts. */
export function acceptsValue(field: Field, value: unknown): boolean {
  switch (field.kind) {
    case 'int': return isInt(value, field.min, field.max);
    case 'number': return isNumber(value, field.min, field.max);
    case 'pair': return Array.isArray(value) && value.length === 2 && value.every((v) => isInt(v, field.min, field.max));
    case 'edges': return Array.isArray(value) && value.length === 4 && value.every((v) => isInt(v, field.min, field.max));
    case 'numbers': return Array.isArray(value) && value.length <= field.most && value.every((v) => (field.whole ? isInt(v, field.min, field.max) : isNumber(v, field.min, field.max)));
    case 'bool': return typeof value === 'boolean';
    case 'choice': return field.options.some((o) => o.value === value);
  }
}
