#!/usr/bin/env bash
# load-image.sh NAME:TAG... | FILE.tar... | -
# Puts images of podman's store, or archives (docker or OCI), into every node. Pods take them with imagePullPolicy
# IfNotPresent or Never.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
up=$(nodes_up)
[ -n "$up" ] || die "no cluster is up in $run"
[ $# -gt 0 ] || die "usage: load-image.sh NAME:TAG... | FILE.tar... | -"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

in_node() { nsenter -t "$1" -m -- "${@:2}"; }
import_into() {
	local pid log=$folder/log-$1 _
	pid=$(node_pid "$1")
	for _ in $(seq 50); do
		in_node "$pid" test -S /run/containerd/containerd.sock && break
		sleep 0.2
	done
	in_node "$pid" ctr -n k8s.io images import - <"$2" >"$log" 2>&1 || {
		tail -3 "$log" >&2
		return 1
	}
}
import() {
	local node job jobs=()
	for node in $up; do
		import_into "$node" "$1" &
		jobs+=($!)
	done
	for job in "${jobs[@]}"; do wait "$job" || return 1; done
}
for image; do
	rm -f "$folder/image"
	if [ "$image" = - ]; then
		cat >"$folder/image"
	elif [ -f "$image" ]; then
		ln -s "$(realpath "$image")" "$folder/image"
	else
		podman save --format docker-archive -q -o "$folder/image" "$image"
	fi && import "$folder/image" || die "loading $image failed"
done
