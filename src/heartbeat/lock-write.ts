import type { LeaseId, MemberName, Revision } from '../domain/names.ts';
import { storeKey } from '../domain/names.ts';
import type { StoreWrite } from '../domain/store-write.ts';

/** The lock: its value is the holder's name (spec/dcs.md 1.5). */
export const LOCK_KEY = storeKey('leader');

export function createLock({ self, lease }: { readonly self: MemberName; readonly lease: LeaseId }): StoreWrite {
  return {
    key: LOCK_KEY,
    action: { kind: 'put', value: { kind: 'text', text: self }, lease },
    when: [{ kind: 'absent', key: LOCK_KEY }],
  };
}

/** My name on the key, another lease below it: put mine there, if it is still as it was seen. */
export function takeOverLock({ self, lease, ...seen }: SeenLock & { readonly lease: LeaseId }): StoreWrite {
  return { ...createLock({ self, lease }), when: isAsSeen({ self, ...seen }) };
}

export function deleteLock(seen: SeenLock): StoreWrite {
  return { key: LOCK_KEY, action: { kind: 'delete' }, when: isAsSeen(seen) };
}

type SeenLock = { readonly self: MemberName; readonly createRevision: Revision; readonly modRevision: Revision };

/**
 * Mine, and not written to since. A write that was given up may reach the store much later, even when this process or the
 * next one has put another lease on the same creation: then it must do nothing.
 */
function isAsSeen({ self, createRevision, modRevision }: SeenLock): StoreWrite['when'] {
  return [
    { kind: 'value-is', key: LOCK_KEY, value: self },
    { kind: 'create-revision-is', key: LOCK_KEY, revision: createRevision },
    { kind: 'mod-revision-is', key: LOCK_KEY, revision: modRevision },
  ];
}
