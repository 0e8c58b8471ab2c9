/** Gradient rules of normalisations. */
import type { Rule } from '../rule.ts';

export const normaliseRules: Readonly<Record<string, Rule>> = {
  /**
   * y = γ·(x − μ)/√(σ² + ε) + β with all five as inputs. With r = 1/√(σ² + ε) and x̂ = (x − μ)·r, per channel:
   * dx = dy·γ·r, dγ = Σ dy·x̂, dβ = Σ dy, dμ = −γ·r·Σ dy, dσ² = −½·γ·r²·Σ dy·x̂.
   * What μ and σ² owe to x is their own nodes' business.
   */
  BatchNormalization: (c) => {
    const shape = c.x(0).type.shape;
    const axes = shape.flatMap((_, i) => (i === 1 ? [] : [i]));
    const wide = shape.map((d, i) => (i === 1 ? d : 1));
    const r = c.b.op('Reciprocal', [c.b.sqrt(c.b.add(c.x(4), c.b.scalar(c.float('epsilon', 1e-5))))]);
    const gr = c.b.mul(c.x(1), r);
    const dx = c.b.mul(c.dy, c.b.reshape(gr, wide));
    if (![1, 2, 3, 4].some(c.wants)) return [dx, null, null, null, null];
    const sum = c.b.sum(c.dy, axes, false);
    const normal = c.b.mul(c.b.sub(c.x(0), c.b.reshape(c.x(3), wide)), c.b.reshape(r, wide));
    const along = c.b.sum(c.b.mul(c.dy, normal), axes, false);
    return [
      dx,
      along,
      sum,
      c.wants(3) ? c.b.neg(c.b.mul(gr, sum)) : null,
      c.wants(4) ? c.b.mul(c.b.scalar(-0.5), c.b.mul(c.b.mul(gr, r), along)) : null,
    ];
  },
};
