/**
 * Stands in for `@grpc/proto-loader` in the bundle. gRPC reads it, and with it a whole protobuf compiler, in each of our
 * threads, only to describe itself to channelz and ORCA, which nobody here serves.
 */
export function loadSync(): never {
  throw new Error('no .proto file is read at run time: the codecs are generated (docs/adr/0002-etcd-client.md)');
}
