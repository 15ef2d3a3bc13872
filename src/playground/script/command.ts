import type { NodeName } from '../names.ts';

/** What can be done to a playground, by a key or by a script. */
export type Command = Action | Wait;

export type Action =
  | { readonly kind: TargetedKind; readonly target: Target }
  | { readonly kind: 'bring-back'; readonly target: Target | 'all' }
  | { readonly kind: 'switchover' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' };

export type Wait =
  | { readonly kind: 'wait-healed'; readonly withinMs: number }
  | { readonly kind: 'wait'; readonly ms: number };

export type TargetedKind = (typeof targetedKinds)[number];

/** `leader`, `replica`: whoever that is when its turn comes. */
export type Target = NodeName | 'leader' | 'replica';

export const targetedKinds = ['kill-postgres', 'kill-node', 'freeze', 'cut'] as const;
