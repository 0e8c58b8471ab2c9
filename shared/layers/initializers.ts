/** How kernels begin: the choice a person has, and what "auto" means for an activation. */
import type { Initializer } from './spec.ts';

const kinds = {
  auto: 'Automatic', 'he-normal': 'He normal', 'he-uniform': 'He uniform', 'glorot-normal': 'Glorot normal', 'glorot-uniform': 'Glorot uniform',
  'lecun-normal': 'LeCun normal', orthogonal: 'Orthogonal', 'truncated-normal': 'Truncated normal', constant: 'Constant', zeros: 'Zeros',
} as const;
export type InitializerChoice = keyof typeof kinds;

const initializer = {
  kind: 'choice', label: 'Start', help: 'How the kernel’s numbers are drawn before training. Automatic takes He after rectifiers, LeCun before SELU, Glorot otherwise.', default: 'auto' as InitializerChoice,
  options: (Object.keys(kinds) as InitializerChoice[]).map((value) => ({ value, label: kinds[value] })),
} as const;

/** The fields of a layer with a kernel. */
export const initializerFields = {
  initializer,
  initializerValue: { kind: 'number', label: 'Value', help: 'What every number of the kernel is before training.', default: 0.01, min: -1000, max: 1000, step: 0.01, visible: (v: Readonly<Record<string, unknown>>) => v.initializer === 'constant' },
} as const;

/** Activations whose outputs keep their variance with He's start. */
const rectifiers: ReadonlySet<string> = new Set(['relu', 'leaky-relu', 'relu6', 'elu', 'gelu', 'silu', 'hard-swish', 'mish']);
/** Bounded ones, for which Glorot and Bengio derived theirs. */
const bounded: ReadonlySet<string> = new Set(['sigmoid', 'hard-sigmoid', 'tanh', 'softmax']);

interface Choices { readonly initializer: InitializerChoice; readonly initializerValue: number; readonly activation?: string }

/** The initializer that a layer's fields mean. Automatic goes by the layer's own activation, else by the one that follows; `linear` is what it takes before neither. */
export function initializerOf(p: Choices, following: string | undefined, fans: { readonly fanIn: number; readonly fanOut: number }, linear: 'he-normal' | 'glorot-uniform'): Initializer {
  switch (p.initializer) {
    case 'auto': {
      const activation = p.activation === undefined || p.activation === 'none' ? (following ?? 'none') : p.activation;
      return { kind: activation === 'selu' ? 'lecun-normal' : rectifiers.has(activation) ? 'he-normal' : bounded.has(activation) ? 'glorot-uniform' : linear, ...fans };
    }
    case 'zeros': return { kind: 'constant', value: 0 };
    case 'constant': return { kind: 'constant', value: p.initializerValue };
    case 'truncated-normal': return { kind: 'truncated-normal', deviation: 0.02 };
    default: return { kind: p.initializer, ...fans };
  }
}
