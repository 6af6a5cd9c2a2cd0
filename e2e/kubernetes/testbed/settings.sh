# What the scripts of this folder share: settings from the environment, addresses, and a few functions. Sourced.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
K8S_VERSION=1.35.4
K8S_RUN=${K8S_RUN:-${TMPDIR:-/tmp}/parvi-kubernetes}                     # all state of one cluster
K8S_CACHE=${K8S_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parvi-kubernetes}  # built programs, kept between runs
K8S_NET=${K8S_NET:-243}       # nodes in 10.N.0.0/24, pods in 10.N+1.0.0/16, services in 10.N+2.0.0/16
K8S_NODES=${K8S_NODES:-1}     # node-0 has the control plane, and runs pods as well
K8S_ADDONS=${K8S_ADDONS-coredns metrics-server}
run=$K8S_RUN

host_ip=10.$K8S_NET.0.1
pod_net=10.$((K8S_NET + 1)).0.0/16
svc_net=10.$((K8S_NET + 2)).0.0/16
api_service_ip=10.$((K8S_NET + 2)).0.1
dns_ip=10.$((K8S_NET + 2)).0.10
bridge=k8s$K8S_NET            # the switch; k8s243n1 is its cable to node-1
node_ip() { echo "10.$K8S_NET.0.$(($1 + 2))"; }
pods_of() { echo "10.$((K8S_NET + 1)).$1.0/24"; }

die() {
	echo "cluster: $*" >&2
	exit 1
}
say() { [ -n "${K8S_QUIET:-}" ] || echo "cluster: $*" >&2; }

# fill FILE NAME=VALUE...: the file with values for @NAME@
fill() {
	local file=$here/$1 pair edits=()
	shift
	for pair; do edits+=(-e "s|@${pair%%=*}@|${pair#*=}|g"); done
	sed "${edits[@]}" "$file"
}

# The first process of node $1, if it is ours and lives.
node_pid() {
	local pid
	[ -s "$run/node-$1.pid" ] && pid=$(cat "$run/node-$1.pid") && [ -d "/proc/$pid" ] &&
		tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$run/node.sh $1" && echo "$pid"
}

# The numbers of the nodes that live.
nodes_up() {
	local file number
	for file in "$run"/node-*.pid; do
		[ -e "$file" ] || continue
		number=${file##*/node-} number=${number%.pid}
		if node_pid "$number" >/dev/null; then echo "$number"; fi
	done
}

kubectl() { "$run/bin/kubeall" kubectl --kubeconfig "$run/kubeconfig" "$@"; }

# wait_for SECONDS WHAT COMMAND...: until it succeeds or the time is up; at once when a part has ended
wait_for() {
	local until=$((SECONDS + $1)) what=$2 ended
	shift 2
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || return 1
		if [ -s "$run/ended" ]; then
			ended=$(head -1 "$run/ended")
			tail -n 2 "$run/log/$ended.log" >&2
			die "$ended ended; its log is in $run/log"
		fi
		node_pid 0 >/dev/null || die "node-0 died while waiting for $what; its logs are in $run/log"
		sleep 0.3
	done
}
