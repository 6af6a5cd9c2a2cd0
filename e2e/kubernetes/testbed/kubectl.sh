#!/usr/bin/env bash
# kubectl of the cluster's own version, with its kubeconfig.
. "$(dirname "$0")/settings.sh"
[ -e "$run/kubeconfig" ] || die "no cluster is up in $run"
kubectl "$@"
