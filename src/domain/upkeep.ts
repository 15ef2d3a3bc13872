import type { FailsafeMembers } from './failsafe.ts';
import type { SlotChange } from './slot-change.ts';
import type { StoreWrite } from './store-write.ts';

/** Work beside the decision: publishing and tidying, each piece independent and one of a name at a time. */
export type Upkeep = { readonly name: UpkeepName } & (
  | { readonly kind: 'write'; readonly write: StoreWrite }
  /** `members`: whom it lists, once it may be in the store. */
  | { readonly kind: 'write-failsafe'; readonly write: StoreWrite; readonly members: FailsafeMembers }
  | { readonly kind: 'manage-slots'; readonly change: SlotChange }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'ask-own-history' }
);

export type UpkeepName =
  | 'member'
  | 'status'
  | 'history'
  | 'initialize'
  | 'config'
  | 'sync'
  | 'failsafe'
  | 'slots'
  | 'logical-slots'
  | 'checkpoint'
  | 'own-history';
