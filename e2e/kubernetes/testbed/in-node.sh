#!/usr/bin/env bash
# in-node.sh NUMBER COMMAND...: runs it inside a node (ctr -n k8s.io, nft, ip, ps).
. "$(dirname "$0")/settings.sh"
pid=$(node_pid "$1") || die "node-$1 is not up"
shift
exec nsenter -t "$pid" -m -p -n -u -i -- "$@"
