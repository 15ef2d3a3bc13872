import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  AuthenticateRequest,
  AuthenticateResponse,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  MemberListRequest,
  MemberListResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchRequest,
  WatchResponse,
} from './rpc.generated.ts';

/** One method of etcd's API: its path, and how its messages become bytes and back. */
export type Method<Request, Response> = {
  readonly path: string;
  readonly serialize: (request: Request) => Buffer;
  readonly deserialize: (bytes: Buffer) => Response;
};

export const methods = {
  range: method('KV/Range', RangeRequest, RangeResponse),
  txn: method('KV/Txn', TxnRequest, TxnResponse),
  watch: method('Watch/Watch', WatchRequest, WatchResponse),
  leaseGrant: method('Lease/LeaseGrant', LeaseGrantRequest, LeaseGrantResponse),
  leaseKeepAlive: method('Lease/LeaseKeepAlive', LeaseKeepAliveRequest, LeaseKeepAliveResponse),
  memberList: method('Cluster/MemberList', MemberListRequest, MemberListResponse),
  authenticate: method('Auth/Authenticate', AuthenticateRequest, AuthenticateResponse),
} as const;

function method<Request, Response>(
  name: string,
  request: { encode(message: Request, writer?: BinaryWriter): BinaryWriter },
  response: { decode(input: BinaryReader | Uint8Array): Response },
): Method<Request, Response> {
  return {
    path: `/etcdserverpb.${name}`,
    serialize: (message) => {
      const bytes = request.encode(message).finish();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    deserialize: (bytes) => response.decode(bytes),
  };
}
