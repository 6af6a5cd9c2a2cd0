#!/usr/bin/env bash
# Says in one line why this machine cannot hold the test cluster, and ends with 1; says nothing where it can. Only what the
# kernel and its set-up refuse counts: what is missing but can be installed is no reason.
set -euo pipefail
no() {
	echo "$*"
	exit 1
}
[ "$(id -u)" = 0 ] || no "nodes are made of namespaces, which takes root"
[ -d /sys/fs/cgroup/memory ] || no "there are no cgroup hierarchies of version 1"
probe=/sys/fs/cgroup/memory/parvi-probe-$$
mkdir "$probe" 2>/dev/null || no "no cgroup can be made"
rmdir "$probe"
unshare --mount --pid --net --uts --ipc --cgroup --fork --mount-proc true 2>/dev/null ||
	no "the kernel makes no namespaces for this process"
