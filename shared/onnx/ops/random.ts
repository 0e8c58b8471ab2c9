/** Operators that draw random numbers: the same question may have another answer. */
export const randomOperators: ReadonlySet<string> = new Set(['RandomNormal', 'RandomUniform', 'RandomNormalLike', 'RandomUniformLike', 'Bernoulli', 'Multinomial']);
