#!/bin/sh
# Builds the generator against the system's QuantLib and rewrites the golden files beside this script.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
if [ ! -f /usr/include/ql/quantlib.hpp ]; then
  echo 'Cannot build the generator: QuantLib is missing; run "apt-get install libquantlib0-dev g++"' >&2
  exit 1
fi
for source in "$here"/src/*.cpp; do
  g++ -std=c++17 -O2 -c "$source" -o "$build/$(basename "$source" .cpp).o"
done
g++ "$build"/*.o -lQuantLib -o "$build/generate-golden"
"$build/generate-golden" "$here"
