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

/** My name on the key, another lease below it: put mine there, if it is still that creation. */
export function takeOverLock({
  self,
  lease,
  createRevision,
}: {
  readonly self: MemberName;
  readonly lease: LeaseId;
  readonly createRevision: Revision;
}): StoreWrite {
  return { ...createLock({ self, lease }), when: isMine(self, createRevision) };
}

export function deleteLock({
  self,
  createRevision,
}: {
  readonly self: MemberName;
  readonly createRevision: Revision;
}): StoreWrite {
  return { key: LOCK_KEY, action: { kind: 'delete' }, when: isMine(self, createRevision) };
}

function isMine(self: MemberName, createRevision: Revision): StoreWrite['when'] {
  return [
    { kind: 'value-is', key: LOCK_KEY, value: self },
    { kind: 'create-revision-is', key: LOCK_KEY, revision: createRevision },
  ];
}
