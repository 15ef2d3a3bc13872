#!/bin/sh
# Makes src/adapters/etcd/rpc.generated.ts from rpc.proto. Needed only when that file changes, so its tools are fetched when
# it runs and are no dependencies of the project (docs/adr/0002-etcd-client.md).
set -eu
cd "$(dirname "$0")/../src/adapters/etcd"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp rpc.proto "$scratch/"
cat >"$scratch/buf.gen.yaml" <<'YAML'
version: v2
plugins:
  - local: protoc-gen-ts_proto
    out: .
    opt:
      - forceLong=bigint
      - oneof=unions-value
      - enumsAsLiterals=true
      - unrecognizedEnum=false
      - useReadonlyTypes=true
      - env=node
      - importSuffix=.ts
      - esModuleInterop=true
      - outputServices=none
      - outputJsonMethods=false
      - outputPartialMethods=false
      - outputTypeRegistry=false
      - exportCommonSymbols=false
YAML
(cd "$scratch" && npx --yes --package=@bufbuild/buf@1.75.0 --package=ts-proto@2.18.0 buf generate)
cp "$scratch/rpc.ts" rpc.generated.ts
