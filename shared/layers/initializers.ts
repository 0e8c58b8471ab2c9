/** How kernels begin: the choice a person has, and what "auto" means for an activation. */
import type { Initializer } from './spec.ts';

const kinds = {
  auto: 'Automatic', 'he-normal': 'He normal', 'he-uniform': 'He uniform', 'glorot-normal': 'Glorot normal', 'glorot-uniform': 'Glorot uniform',
  'lecun-normal': 'LeCun normal', orthogonal: 'Orthogonal', 'truncated-normal': 'Truncated normal', zeros: 'Zeros',
} as const;
export type InitializerChoice = keyof typeof kinds;

export const initializerField = {
  kind: 'choice', label: 'Start', help: 'How the kernel’s numbers are drawn before training. Automatic takes He after rectifiers, LeCun before SELU, Glorot otherwise.', default: 'auto' as InitializerChoice,
  options: (Object.keys(kinds) as InitializerChoice[]).map((value) => ({ value, label: kinds[value] })),
} as const;

/** Activations whose outputs keep their variance with He's start. */
const rectifiers: ReadonlySet<string> = new Set(['relu', 'leaky-relu', 'relu6', 'elu', 'gelu', 'silu', 'hard-swish', 'mish']);
/** Bounded ones, for which Glorot and Bengio derived theirs. */
const bounded: ReadonlySet<string> = new Set(['sigmoid', 'tanh', 'softmax']);

/** The initializer a choice means. `linear` is what automatic takes without an activation. */
export function initializerOf(choice: InitializerChoice, activation: string, fans: { readonly fanIn: number; readonly fanOut: number }, linear: 'he-normal' | 'glorot-uniform'): Initializer {
  switch (choice) {
    case 'auto': {
      const kind = activation === 'selu' ? 'lecun-normal' : rectifiers.has(activation) ? 'he-normal' : bounded.has(activation) ? 'glorot-uniform' : linear;
      return { kind, ...fans };
    }
    case 'zeros': return { kind: 'constant', value: 0 };
    case 'truncated-normal': return { kind: 'truncated-normal', deviation: 0.02 };
    default: return { kind: choice, ...fans };
  }
}
