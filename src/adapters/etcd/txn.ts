import type { StoreCondition, StoredValue, StoreWrite } from '../../domain/store-write.ts';
import { renderJson } from '../../wire/json.ts';
import { prefixRange, singleKey } from './pairs.ts';
import { type Compare, Compare_CompareTarget, type RequestOp, type TxnRequest } from './rpc.generated.ts';

/** One write as etcd's transaction: all conditions, then the action. A failed condition does nothing. */
export function txnOf(write: StoreWrite, prefix: string): TxnRequest {
  return {
    compare: write.when.map((condition) => compareOf(condition, prefix)),
    success: [operationOf(write, prefix)],
  };
}

/** Everything below the prefix goes, whatever it is. */
export function removalOf(prefix: string): TxnRequest {
  return { compare: [], success: [{ request: { $case: 'requestDeleteRange', value: prefixRange(prefix) } }] };
}

function operationOf(write: StoreWrite, prefix: string): RequestOp {
  const key = Buffer.from(prefix + write.key);
  switch (write.action.kind) {
    case 'put': {
      const { value, lease } = write.action;
      const put = { key, value: Buffer.from(rendered(value)), lease: lease === null ? 0n : BigInt(lease) };
      return { request: { $case: 'requestPut', value: put } };
    }
    case 'delete':
      return { request: { $case: 'requestDeleteRange', value: singleKey(prefix + write.key) } };
  }
}

function compareOf(condition: StoreCondition, prefix: string): Compare {
  const key = Buffer.from(prefix + condition.key);
  switch (condition.kind) {
    case 'absent':
      return { key, target: Compare_CompareTarget.CREATE, targetUnion: { $case: 'createRevision', value: 0n } };
    case 'value-is':
      return {
        key,
        target: Compare_CompareTarget.VALUE,
        targetUnion: { $case: 'value', value: Buffer.from(condition.value) },
      };
    case 'mod-revision-is':
      return {
        key,
        target: Compare_CompareTarget.MOD,
        targetUnion: { $case: 'modRevision', value: condition.revision },
      };
    case 'create-revision-is':
      return {
        key,
        target: Compare_CompareTarget.CREATE,
        targetUnion: { $case: 'createRevision', value: condition.revision },
      };
  }
}

function rendered(value: StoredValue): string {
  switch (value.kind) {
    case 'text':
      return value.text;
    case 'json':
      return renderJson(value.json);
  }
}
