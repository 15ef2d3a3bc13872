/** How often a command does what it does: once, or until it is interrupted. */
export type Repeat = { readonly kind: 'once' } | { readonly kind: 'every'; readonly milliseconds: number };
