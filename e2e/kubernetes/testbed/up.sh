#!/usr/bin/env bash
# Starts a real Kubernetes cluster whose nodes are namespaces of this machine, waits until it runs pods, and prints the
# path of its kubeconfig. While it is up already, only that.
set -euo pipefail
. "$(dirname "$0")/settings.sh"
. "$here/certificates.sh"
[ "$(id -u)" = 0 ] || die "nodes are made of namespaces, which takes root: become root, or set KUBECONFIG to another cluster"
case $run in
/var/* | /etc/* | /opt/* | /run/* | *[[:space:]]*) die "K8S_RUN=$run: not below /var, /etc, /opt or /run, and no blanks" ;;
/*) ;;
*) die "K8S_RUN=$run: must be absolute" ;;
esac
mkdir -p "$K8S_CACHE"
exec 8>"$K8S_CACHE/up-$K8S_NET.lock"
flock -w 3600 8 || die "another start holds $K8S_CACHE/up-$K8S_NET.lock"
if [ -n "$(node_pid 0)" ] && [ -e "$run/ready" ]; then
	echo "$run/kubeconfig"
	exit 0
fi

install_packages() {
	local pair missing=() log
	for pair in containerd:containerd runc:runc iptables:iptables nft:nftables conntrack:conntrack socat:socat \
		ip:iproute2 openssl:openssl nsenter:util-linux; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
	done
	[ -x /usr/lib/cni/bridge ] || missing+=(containernetworking-plugins)
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing ${missing[*]}"
	log=$(mktemp)
	{
		apt-get update -qq &&
			DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
	} >"$log" 2>&1 || {
		tail -5 "$log" >&2
		die "installing ${missing[*]} failed"
	}
	rm -f "$log"
}

# The files of node $1 that its /etc is laid over with.
node_files() {
	local conf=$run/n$1/conf
	mkdir -p "$run/n$1"/{lib,volumes/{0..7}} "$conf"/{cni/net.d,containerd,kubernetes}
	cp "$here/config/containerd.toml" "$conf/containerd/config.toml"
	fill config/bridge.conflist PODS="$(pods_of "$1")" >"$conf/cni/net.d/10-bridge.conflist"
	fill config/kubelet.yaml PKI="$run/pki" NODE="$1" DNS_IP=$dns_ip >"$conf/kubernetes/kubelet.yaml"
	fill config/kube-proxy.yaml PKI="$run/pki" MODE="${K8S_PROXY_MODE:-nftables}" POD_NET=$pod_net >"$conf/kubernetes/kube-proxy.yaml"
}

# A cgroup for node $1 below our own, in every hierarchy of version 1. Sets K8S_CONTROLLERS.
node_cgroups() {
	local name own folder file
	K8S_CONTROLLERS=
	for name in cpu cpuacct cpuset memory devices freezer blkio pids systemd; do
		[ -d "/sys/fs/cgroup/$name" ] || continue
		own=$(awk -F: -v c="$name" '{n = split($2, a, ","); for (i = 1; i <= n; i++) if (a[i] == c || a[i] == "name=" c) print $3}' /proc/self/cgroup)
		own=/sys/fs/cgroup/$name${own%/}
		folder=$own/parvi-$K8S_NET-$1
		mkdir -p "$folder" || die "cannot make the cgroup $folder"
		echo "$folder" >>"$run/cgroups-$1"
		if [ "$name" = cpuset ]; then
			for file in cpuset.cpus cpuset.mems; do cat "$own/$file" >"$folder/$file"; done
		fi
		K8S_CONTROLLERS+=" $name"
	done
	[ -n "$K8S_CONTROLLERS" ] || die "this machine has no cgroup hierarchies of version 1: set KUBECONFIG to another cluster, such as one of kind"
	export K8S_CONTROLLERS
}

start_node() {
	local outer pid= _
	node_cgroups "$1"
	setsid bash -c '
		while read -r folder; do echo $$ >"$folder/cgroup.procs" || exit 1; done <"$0"
		exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child --mount-proc bash "$1" "$2"' \
		"$run/cgroups-$1" "$run/node.sh" "$1" >"$run/log/node-$1.log" 2>&1 </dev/null 8>&- &
	outer=$!
	for _ in $(seq 100); do
		pid=$(ps -o pid= --ppid "$outer" | tr -d ' ') || :
		[ -z "$pid" ] || break
		kill -0 "$outer" 2>/dev/null || break
		sleep 0.1
	done
	[ -n "$pid" ] || {
		tail -3 "$run/log/node-$1.log" >&2
		die "node-$1 did not start"
	}
	echo "$pid" >"$run/node-$1.pid"
	for _ in $(seq 50); do
		[ -z "$(node_pid "$1")" ] || break
		sleep 0.1
	done
	ip link add "${bridge}n$1" type veth peer name eth0 netns "$pid"
	ip link set "${bridge}n$1" master "$bridge" up
	ip route add "$(pods_of "$1")" via "$(node_ip "$1")"
}

failed() {
	tail -n 3 "$run"/log/*.log >&2
	die "$1 did not get ready; logs are in $run/log"
}

apply() { kubectl apply -f - >/dev/null || die "applying $1 failed"; }

own_image() {
	"$here/static-image.sh" "testbed.local/$1:1" "$run/bin/$1" | "$here/load-image.sh" - || die "loading the image of $1 failed"
}

volumes() {
	local node volume
	cat "$here/manifests/storage-class.yaml"
	for node in $nodes; do
		for volume in {0..7}; do
			echo ---
			fill manifests/volume.yaml NODE="$node" VOLUME="$volume" FOLDER="$run/n$node/volumes/$volume"
		done
	done
}

install_packages
bin=$("$here/build.sh" 8>&-)
"$here/down.sh"
! ip link show "$bridge" >/dev/null 2>&1 || die "interface $bridge exists: is another cluster up? set another K8S_NET, three or more away"
nodes=$(seq 0 $((K8S_NODES - 1)))
mkdir -p "$run"/{log,pki}
chmod 700 "$run"
touch "$run/.parvi-cluster"
ln -sfn "$bin" "$run/bin"
cp "$here/node.sh" "$run/node.sh"

api=https://$(node_ip 0):6443
cd "$run/pki"
control_plane_certificates "$api"
kubeconfig "$run/kubeconfig" admin "$api"
for node in $nodes; do
	node_certificates "$node" "$api"
	node_files "$node"
done

# A switch on this machine, over which it reaches pods and services itself.
ip link add "$bridge" type bridge
ip addr add "$host_ip/24" dev "$bridge"
ip link set "$bridge" up
export K8S_HERE=$here K8S_RUN K8S_NET K8S_NODES
for node in $nodes; do start_node "$node"; done
ip route add "$svc_net" via "$(node_ip 0)"

own_image pause
wait_for 120 "the API" kubectl get --raw /readyz || failed "the API server"
for node in $nodes; do
	wait_for 60 "the start of node-$node" test -e "$run/n$node/started" || failed "node-$node"
	wait_for 60 "node-$node to register" kubectl get node "node-$node" || failed "kubelet $node"
	kubectl wait --for=condition=Ready "node/node-$node" --timeout=90s >/dev/null || failed "node-$node"
done
wait_for 30 "the default service account" kubectl get serviceaccount default -n default || failed "the controller manager"
volumes | apply volumes
for addon in $K8S_ADDONS; do
	own_image "$addon"
	fill "manifests/$addon.yaml" DNS_IP=$dns_ip | apply "$addon"
done
for addon in $K8S_ADDONS; do
	kubectl -n kube-system rollout status "deployment/$addon" --timeout=90s >/dev/null || failed "$addon"
	[ "$addon" != metrics-server ] ||
		kubectl wait --for=condition=Available apiservice/v1beta1.metrics.k8s.io --timeout=60s >/dev/null || failed "the metrics API"
done
touch "$run/ready"
echo "$run/kubeconfig"
