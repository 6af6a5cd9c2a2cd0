#!/usr/bin/env bash
# node.sh NUMBER: the first process of a node. It runs in pid, mount, net, uts, ipc and cgroup namespaces of its own (up.sh
# makes them), so that all it does ends with it, and changes nothing of the machine.
set -eu
. "${K8S_HERE:?}/settings.sh"
number=$1 name=node-$1 address=$(node_ip "$1") own=$run/n$1

# What is written to /etc, /var and /opt goes to the run folder.
lay_files() {
	local folder
	mount --make-rshared /    # among ourselves only: unshare cut us off from the machine
	for folder in etc var opt; do
		mkdir -p "$own/over/$folder" "$own/work/$folder"
		mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$own/over/$folder,workdir=$own/work/$folder" "/$folder"
	done
	mount -t tmpfs -o mode=755 tmpfs /run
	mkdir -p /run/lock /run/netns
	for folder in containerd kubelet; do    # an overlay cannot lie over an overlay
		mkdir -p "/var/lib/$folder" "$own/lib/$folder"
		mount --bind "$own/lib/$folder" "/var/lib/$folder"
	done
	mkdir -p /etc/cni/net.d /etc/containerd /etc/kubernetes /var/lib/cni /var/log/pods /var/log/containers
	cp -r "$own/conf/." /etc/
	printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" >/etc/hosts
	rm -f /etc/resolv.conf
	echo 'nameserver 127.0.0.1' >/etc/resolv.conf
}

# pretend KEY VALUE: what the kubelet would set for the whole machine reads as set already
pretend() {
	local file=$own/sysctl/${1//\//.}
	[ "$(cat "/proc/sys/$1")" != "$2" ] || return 0
	echo "$2" >"$file"
	mount --bind "$file" "/proc/sys/$1"
}

lay_sysctls() {
	mkdir -p "$own/sysctl"
	pretend vm/overcommit_memory 1
	pretend vm/panic_on_oom 0
	pretend kernel/panic 10
	pretend kernel/panic_on_oops 1
	pretend kernel/keys/root_maxkeys 1000000
	pretend kernel/keys/root_maxbytes 25000000
}

# The hierarchies, mounted anew with our own cgroup as their root. The kubelet wants that of systemd as well.
lay_cgroups() {
	local controller options
	mount -t sysfs sysfs /sys
	mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
	for controller in $K8S_CONTROLLERS; do
		mkdir -p "/sys/fs/cgroup/$controller"
		options=$controller
		[ "$controller" != systemd ] || options=none,name=systemd
		mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/$controller"
	done
}

# up.sh puts eth0 in.
join_network() {
	local other _
	for _ in $(seq 100); do
		[ ! -d /sys/class/net/eth0 ] || break
		sleep 0.1
	done
	ip link set lo up
	ip addr add "$address/24" dev eth0
	ip link set eth0 up
	ip route add default via "$host_ip"
	for other in $(seq 0 $((K8S_NODES - 1))); do
		[ "$other" = "$number" ] || ip route add "$(pods_of "$other")" via "$(node_ip "$other")"
	done
	echo 1 >/proc/sys/net/ipv4/ip_forward
	[ ! -e /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
}

# start NAME COMMAND...: beside us; one that ends is noted for up.sh
start() {
	local part=$1-$number
	shift
	{
		"$@" >"$run/log/$part.log" 2>&1 </dev/null || :
		echo "$part" >>"$run/ended"
	} &
}

pki=$run/pki kube=$run/bin/kubeall

start_api() {
	local clients=http://127.0.0.1:2379 peers=http://127.0.0.1:2380 _
	start etcd "$kube" etcd --data-dir "$own/lib/etcd" --unsafe-no-fsync --log-level warn \
		--listen-client-urls $clients --advertise-client-urls $clients \
		--listen-peer-urls $peers --initial-advertise-peer-urls $peers --initial-cluster default=$peers
	start kube-apiserver "$kube" kube-apiserver --etcd-servers $clients \
		--advertise-address "$address" --bind-address 0.0.0.0 --secure-port 6443 \
		--service-cluster-ip-range "$svc_net" --authorization-mode Node,RBAC \
		--enable-admission-plugins NodeRestriction --allow-privileged \
		--client-ca-file "$pki/ca.crt" --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" \
		--kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP \
		--kubelet-client-certificate "$pki/apiserver-kubelet.crt" --kubelet-client-key "$pki/apiserver-kubelet.key" \
		--service-account-issuer https://kubernetes.default.svc.cluster.local \
		--service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" \
		--requestheader-client-ca-file "$pki/front-ca.crt" --requestheader-allowed-names front-proxy-client \
		--requestheader-extra-headers-prefix X-Remote-Extra- --requestheader-group-headers X-Remote-Group \
		--requestheader-username-headers X-Remote-User \
		--proxy-client-cert-file "$pki/front-proxy-client.crt" --proxy-client-key-file "$pki/front-proxy-client.key"
	for _ in $(seq 300); do
		kubectl get --raw /readyz >/dev/null 2>&1 && break
		sleep 0.3
	done
}

# as_client PART: its kubeconfig, in the three places where the parts want it
as_client() {
	local file=$pki/$1.conf
	echo "--kubeconfig $file --authentication-kubeconfig $file --authorization-kubeconfig $file"
}

# Waits of Kubernetes that are long for a test have settings.
start_controllers() {
	# shellcheck disable=SC2046
	start kube-controller-manager "$kube" kube-controller-manager $(as_client kube-controller-manager) \
		--root-ca-file "$pki/ca.crt" --service-account-private-key-file "$pki/sa.key" --use-service-account-credentials \
		--cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
		--cluster-cidr "$pod_net" --allocate-node-cidrs=false --service-cluster-ip-range "$svc_net" --leader-elect=false \
		--node-monitor-grace-period "${K8S_NODE_GRACE:-20s}" \
		--horizontal-pod-autoscaler-sync-period "${K8S_HPA_SYNC:-5s}" \
		--horizontal-pod-autoscaler-downscale-stabilization "${K8S_HPA_DOWN:-20s}" \
		--horizontal-pod-autoscaler-cpu-initialization-period 10s --horizontal-pod-autoscaler-initial-readiness-delay 5s
	# shellcheck disable=SC2046
	start kube-scheduler "$kube" kube-scheduler --leader-elect=false $(as_client kube-scheduler)
}

hostname "$name"
lay_files
lay_sysctls
lay_cgroups
join_network
start containerd containerd --config /etc/containerd/config.toml
if [ "$number" = 0 ]; then
	start_api
	start_controllers
fi
# A kubelet that finds no containerd ends, and containerd takes its time on a busy machine.
for _ in $(seq 300); do
	[ ! -S /run/containerd/containerd.sock ] || break
	sleep 0.2
done
start kubelet "$kube" kubelet --kubeconfig "$pki/kubelet-$number.conf" --config /etc/kubernetes/kubelet.yaml \
	--hostname-override "$name" --node-ip "$address"
start kube-proxy "$kube" kube-proxy --config /etc/kubernetes/kube-proxy.yaml --hostname-override "$name"
touch "$own/started"

# It stays: the node lives as long as this does.
trap 'exit 0' TERM INT
while :; do
	sleep 3600 &
	wait $! || :
done
