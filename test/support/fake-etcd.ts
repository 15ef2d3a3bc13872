import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import {
  AuthenticateRequest,
  AuthenticateResponse,
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
} from '../../src/adapters/etcd/rpc.generated.ts';

type Failure = { readonly error: { readonly code: number; readonly details: string } };

/** A unary call's fate. `silence`: it is never answered. */
export type Reply<Response> = Response | Failure | 'silence';

export type Streamed<Response> = {
  send(response: Response): void;
  fail(error: { readonly code: number; readonly details: string }): void;
};

/** What a fake member does; whatever is not given is UNIMPLEMENTED. */
export type FakeBehaviour = {
  readonly memberList?: (request: MemberListRequest) => Reply<MemberListResponse>;
  readonly authenticate?: (request: AuthenticateRequest) => Reply<AuthenticateResponse>;
  readonly range?: (request: RangeRequest) => Reply<RangeResponse> | Promise<Reply<RangeResponse>>;
  readonly txn?: (request: TxnRequest) => Reply<TxnResponse>;
  readonly keepAlive?: (request: LeaseKeepAliveRequest, stream: Streamed<LeaseKeepAliveResponse>) => void;
  readonly watch?: (request: WatchRequest, stream: Streamed<WatchResponse>) => void;
};

/** A member of etcd that misbehaves as told: what a real one does once in a year is done here on demand. */
export class FakeEtcd {
  readonly address: string;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(behaviour: FakeBehaviour): Promise<FakeEtcd> {
    const server = new Server();
    const { memberList, authenticate, range, txn, keepAlive, watch } = behaviour;
    if (memberList !== undefined)
      unary(server, 'Cluster/MemberList', MemberListRequest, MemberListResponse, memberList);
    if (authenticate !== undefined)
      unary(server, 'Auth/Authenticate', AuthenticateRequest, AuthenticateResponse, authenticate);
    if (range !== undefined) unary(server, 'KV/Range', RangeRequest, RangeResponse, range);
    if (txn !== undefined) unary(server, 'KV/Txn', TxnRequest, TxnResponse, txn);
    if (keepAlive !== undefined)
      bidi(server, 'Lease/LeaseKeepAlive', LeaseKeepAliveRequest, LeaseKeepAliveResponse, keepAlive);
    if (watch !== undefined) bidi(server, 'Watch/Watch', WatchRequest, WatchResponse, watch);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    return new FakeEtcd(server, port);
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}

/** A header of the one cluster that all fakes belong to. */
export function header(at: { readonly revision: bigint; readonly term?: bigint }) {
  return { clusterId: 1n, memberId: 1n, revision: at.revision, raftTerm: at.term ?? 1n };
}

function isFailure(reply: unknown): reply is Failure {
  return typeof reply === 'object' && reply !== null && 'error' in reply;
}

type Coder<Message> = {
  encode(message: Message, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array): Message;
};

function unary<Request, Response>(
  server: Server,
  name: string,
  request: Coder<Request>,
  response: Coder<Response>,
  answer: (message: Request) => Reply<Response> | Promise<Reply<Response>>,
): void {
  server.addService(
    { [name]: definitionOf(name, request, response, { streams: false }) },
    {
      [name]: (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
        const given = answer(call.request);
        const tell = (reply: Reply<Response>): void => {
          if (reply === 'silence') return;
          if (isFailure(reply)) callback(reply.error);
          else callback(null, reply);
        };
        if (given instanceof Promise) void given.then(tell);
        else tell(given);
      },
    },
  );
}

function bidi<Request, Response>(
  server: Server,
  name: string,
  request: Coder<Request>,
  response: Coder<Response>,
  heard: (message: Request, stream: Streamed<Response>) => void,
): void {
  server.addService(
    { [name]: definitionOf(name, request, response, { streams: true }) },
    {
      [name]: (call: ServerDuplexStream<Request, Response>) => {
        const stream: Streamed<Response> = {
          send: (message) => void call.write(message),
          fail: ({ code, details }) => call.emit('error', { code, details }),
        };
        call.on('data', (message: Request) => heard(message, stream));
        call.on('end', () => call.end());
      },
    },
  );
}

function definitionOf<Request, Response>(
  name: string,
  request: Coder<Request>,
  response: Coder<Response>,
  { streams }: { readonly streams: boolean },
): MethodDefinition<Request, Response> {
  return {
    path: `/etcdserverpb.${name}`,
    requestStream: streams,
    responseStream: streams,
    requestSerialize: (message) => Buffer.from(request.encode(message).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => Buffer.from(response.encode(message).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}
