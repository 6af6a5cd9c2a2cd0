#!/usr/bin/env bash
# Builds Kubernetes (kubeall), pause, and the addons into the cache, unless they were built from these very sources.
# Prints the folder.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
command -v go >/dev/null || die "Go is missing: install it, or set KUBECONFIG to a cluster that is there"
sources=("$here"/{programs,addons}/go.mod "$here"/{programs,addons}/cmd/*/main.go "$here/build.sh")
out=$K8S_CACHE/$(cat "${sources[@]}" | sha256sum | cut -c1-16)
mkdir -p "$out"
exec 9>"$K8S_CACHE/lock"
flock -w 3600 9 || die "another build holds $K8S_CACHE/lock"

export CGO_ENABLED=0 GOFLAGS="-mod=readonly ${GOFLAGS:-}"
stripped="-s -w"
versioned=$stripped    # else the parts call themselves v0.0.0, and refuse each other
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	versioned+=" -X $package.gitVersion=v$K8S_VERSION -X $package.gitMajor=1 -X $package.gitMinor=${K8S_VERSION#1.}"
	versioned+=" -X $package.gitTreeState=clean"
done

# build NAME FOLDER LINKER_FLAGS
build() {
	local name=$1 folder=$here/$2 flags=$3
	[ ! -x "$out/$name" ] || return 0
	say "building $name; all of it takes some six minutes the first time"
	if ! (cd "$folder" && nice -n 10 go build -trimpath -buildvcs=false -ldflags "$flags" -o "$out/$name.new" "./cmd/$name") \
		2>"$out/$name.log"; then
		grep -v '^go: downloading' "$out/$name.log" | tail -20 >&2
		die "building $name failed"
	fi
	mv "$out/$name.new" "$out/$name"
}
build pause programs "$stripped"
build kubeall programs "$versioned"
for addon in $K8S_ADDONS; do build "$addon" addons "$stripped"; done
echo "$out"
