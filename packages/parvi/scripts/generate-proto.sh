#!/bin/sh
# Generates what stands for the .proto files of src/wire/proto: the tables beside them that the toolkit uses, and the
# message types of the protobuf library that its tests judge by. Run it after a change to one of them.
set -eu
scripts=$(cd "$(dirname "$0")" && pwd)
wire=$scripts/../src/wire
programs=$scripts/../../../node_modules/.bin
# npx runs its command elsewhere when called inside a workspace, so every path is absolute.
npx --yes --package=@bufbuild/buf@1.75.0 --package=@bufbuild/protoc-gen-es@2.17.0 \
  buf generate "$wire/proto" --template "$scripts/buf.gen.yaml" --output "$wire/fixtures/proto"
"$programs/node" "$scripts/proto-tables.ts"
"$programs/biome" check --write "$wire/proto"
