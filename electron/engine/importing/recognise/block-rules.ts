/** Blocks of known nets by the words that their nodes spell (see letters.ts), and what they are called. */

/** What is known of a part between branches parting and meeting. */
export interface Facts {
  /** The longest way through, the meeting included. */
  readonly spine: string;
  /** All of it, inner blocks as one letter. */
  readonly letters: string;
  readonly branches: number;
  /** One branch is a wire alone. */
  readonly direct: boolean;
  /** What lies before the parting, where nothing else reads it. */
  readonly before: string;
  /** The chain behind the meeting. */
  readonly behind: string;
}

export interface BlockRule {
  readonly name: string;
  /** As a part of larger blocks. */
  readonly letter: string;
  readonly spine: RegExp;
  readonly holds?: (f: Facts) => boolean;
  /** The start of the chain behind that belongs to it. */
  readonly takes?: RegExp;
  /** The node before the parting belongs to it. */
  readonly leads?: true;
  /** Chains inside may be blocks of their own. */
  readonly parts?: true;
}

const branched: Pick<BlockRule, 'takes'> = { takes: /^a/ };

export const blockRules: readonly BlockRule[] = [
  // Hu, Shen and Sun (2018).
  { name: 'squeeze-excite', letter: 'S', spine: /^g[fpabt]*x$/, holds: (f) => f.direct },
  // Vaswani et al. (2017): two products around a softmax.
  { name: 'attention', letter: 'T', spine: /M[^M]*s[^M]*M$/, takes: /^t*[pf]b?/ },
  { name: 'self-attention', letter: 'A', spine: /^[^+]*[sT][^+]*\+$/ },
  // Liu et al. (2022).
  { name: 'convnext', letter: 'N', spine: /^dt?n[fpb]*a[fpb]*l?t?\.?\+$/ },
  // Sandler et al. (2018); with a gate MnasNet's.
  { name: 'mbconv', letter: 'B', spine: /^(pn?a?)?dn?a?Spn?\.?\+$/ },
  { name: 'inverted residual', letter: 'I', spine: /^(pn?a?)?dn?a?pn?\.?\+$/ },
  { name: 'feed-forward', letter: 'F', spine: /^n?[pf]b?a\.?[pf]b?l?\.?\+$/, holds: (f) => f.direct },
  // He et al. (2016), both orders.
  { name: 'bottleneck', letter: 'R', spine: /^n?a?pn?a?cn?a?S?pn?S?\.?\+$/, ...branched },
  { name: 'residual', letter: 'R', spine: /^[nacS.]*c[nacS.]*\+$/, holds: (f) => f.letters.length <= 16, ...branched },
  // Ma et al. (2018).
  { name: 'shuffle unit', letter: 'W', spine: /^z?[pdncab]+o$/, holds: (f) => f.behind.startsWith('w'), takes: /^w/ },
  // Iandola et al. (2016).
  { name: 'fire', letter: 'E', spine: /^[pc]n?a?o$/, holds: (f) => f.branches === 2 && /^pa?$/.test(f.before), leads: true },
  // Huang et al. (2017): one layer, or all whose maps meet once.
  { name: 'dense layer', letter: 'D', spine: /^(n?a?[pc]n?a?\.?){1,2}o$/, holds: (f) => f.direct && f.branches === 2 },
  { name: 'dense block', letter: 'K', spine: /o.*o$/, holds: (f) => /^[nacpo.]+$/.test(f.letters), parts: true },
  // Szegedy et al. (2015).
  { name: 'inception', letter: 'G', spine: /^[pcnaq.]+o$/, holds: (f) => f.branches >= 3 },
];

/** Blocks that are a chain. */
export interface ChainRule {
  readonly name: string;
  readonly letter: string;
  readonly word: RegExp;
  /** Only directly in a block of this name. */
  readonly within?: string;
  /** Only where the net has blocks of the name already. */
  readonly beside?: true;
}
export const chainRules: readonly ChainRule[] = [
  { name: 'transformer', letter: 'X', word: /AF/g },
  { name: 'mbconv', letter: 'B', word: /(pn?a?)?dn?a?Spn?/g },
  { name: 'inverted residual', letter: 'I', word: /pn?a?dn?a?pn?(?![na])/g },
  { name: 'inverted residual', letter: 'I', word: /dn?a?pn?(?![na])/g, beside: true },
  // Howard et al. (2017).
  { name: 'depthwise separable', letter: 'P', word: /dn?a?pn?a?/g },
  { name: 'dense layer', letter: 'D', word: /na?(pn?a?)?c\.?/g, within: 'dense block' },
];
