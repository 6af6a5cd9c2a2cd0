#!/usr/bin/env bash
# Gives the cluster of $K8S_RUN the API of custom metrics: builds the adapter of this folder into the cache, unless it was
# built from these very sources, and waits until it answers. Not among the addons, as few tests want it.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
command -v go >/dev/null || die "Go is missing, by which the adapter is built"
[ -n "$(nodes_up)" ] || die "no cluster is up in $run"
source=$here/adapter
out=$K8S_CACHE/adapter-$(cat "$source"/{go.mod,go.sum,cmd/custom-metrics/main.go} | sha256sum | cut -c1-16)
mkdir -p "$out"
exec 9>"$K8S_CACHE/lock"
flock -w 3600 9 || die "another build holds $K8S_CACHE/lock"
if [ ! -x "$out/custom-metrics" ]; then
	say "building the adapter of custom metrics; some minutes the first time"
	if ! (cd "$source" && CGO_ENABLED=0 nice -n 10 go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w" \
		-o "$out/custom-metrics.new" ./cmd/custom-metrics) 2>"$out/build.log"; then
		grep -v '^go: downloading' "$out/build.log" | tail -20 >&2
		die "building the adapter failed"
	fi
	mv "$out/custom-metrics.new" "$out/custom-metrics"
fi
exec 9>&-
"$here/static-image.sh" testbed.local/custom-metrics:1 "$out/custom-metrics" | "$here/load-image.sh" -
kubectl apply -f "$here/manifests/custom-metrics.yaml" >/dev/null
kubectl -n kube-system rollout status deployment/custom-metrics --timeout=120s >/dev/null
for version in v1beta1 v1beta2; do
	kubectl wait --for=condition=Available "apiservice/$version.custom.metrics.k8s.io" --timeout=60s >/dev/null
done
