#!/usr/bin/env bash
# Ends the cluster of $K8S_RUN: its processes and mounts go with its namespaces; its interfaces, cgroups and files are
# removed after it. KEEP_LOGS=FOLDER copies the logs there first. Where none is, nothing happens.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
[ -d "$run" ] || exit 0
[ -e "$run/.parvi-cluster" ] || [ -z "$(ls -A "$run")" ] || die "$run has files that are not a cluster's: remove them, or set K8S_RUN"
if [ -n "${KEEP_LOGS:-}" ]; then
	mkdir -p "$KEEP_LOGS"
	cp -r "$run/log/." "$KEEP_LOGS/"
fi

pids=()
for node in $(nodes_up); do pids+=("$(node_pid "$node")"); done
for pid in "${pids[@]}"; do kill -9 "$pid"; done    # the first of its pid namespace: all others go along
for pid in "${pids[@]}"; do
	for _ in $(seq 100); do
		[ -d "/proc/$pid" ] || break
		sleep 0.1
	done
done
if [ -e "$run/node.sh" ]; then
	for folder in "$run"/n[0-9]*; do ip link del "$bridge${folder##*/}" 2>/dev/null || :; done
	ip link del "$bridge" 2>/dev/null || :
fi
if [ -e "$run/cgroups-0" ]; then
	cat "$run"/cgroups-* | while read -r folder; do
		for _ in $(seq 50); do
			[ -d "$folder" ] || break
			find "$folder" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.2
		done
		[ ! -d "$folder" ] || say "could not remove the cgroup $folder"
	done
fi
rm -rf --one-file-system "$run"
