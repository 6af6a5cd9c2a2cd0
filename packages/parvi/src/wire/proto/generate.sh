#!/bin/sh
# Generates the JavaScript and type files beside the .proto files. Run it after a change to one of them.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# npx runs its command elsewhere when called inside a workspace, so every path is absolute.
exec npx --yes --package=@bufbuild/buf@1.75.0 --package=@bufbuild/protoc-gen-es@2.17.0 \
  buf generate "$here" --template "$here/buf.gen.yaml" --output "$here"
