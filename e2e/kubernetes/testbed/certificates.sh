# Keys, certificates and kubeconfigs of a cluster, made in the current folder. Sourced.

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key" 2>/dev/null; }

authority() {
	key "$1"
	openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 3650 -out "$1.crt" 2>/dev/null
}

# certificate AUTHORITY NAME SUBJECT USAGE [ALTERNATIVE_NAMES]
certificate() {
	local extensions="keyUsage=digitalSignature\nextendedKeyUsage=$4\n${5:+subjectAltName=$5\n}"
	key "$2"
	openssl req -new -key "$2.key" -subj "$3" 2>/dev/null |
		openssl x509 -req -CA "$1.crt" -CAkey "$1.key" -CAcreateserial -days 3650 -out "$2.crt" \
			-extfile <(printf "$extensions") 2>/dev/null
}

# kubeconfig FILE CERTIFICATE SERVER
kubeconfig() {
	cat >"$1" <<K
apiVersion: v1
kind: Config
clusters: [{name: testbed, cluster: {server: "$3", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: user, user: {client-certificate-data: $(base64 -w0 "$2.crt"), client-key-data: $(base64 -w0 "$2.key")}}]
contexts: [{name: testbed, context: {cluster: testbed, user: user}}]
current-context: testbed
K
	chmod 600 "$1"
}

# control_plane_certificates API_URL: all that does not belong to one node
control_plane_certificates() {
	local part names
	names=DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local
	names+=,DNS:localhost,IP:127.0.0.1,IP:$(node_ip 0),IP:$api_service_ip
	authority ca
	authority front-ca
	certificate ca apiserver /CN=kube-apiserver serverAuth "$names"
	certificate ca apiserver-kubelet /O=system:masters/CN=apiserver-kubelet clientAuth
	certificate front-ca front-proxy-client /CN=front-proxy-client clientAuth
	certificate ca admin /O=system:masters/CN=admin clientAuth
	for part in kube-controller-manager kube-scheduler kube-proxy; do
		certificate ca $part "/CN=system:$part" clientAuth
		kubeconfig "$part.conf" $part "$1"
	done
	openssl genrsa -out sa.key 2048 2>/dev/null    # signs the tokens of service accounts
	openssl rsa -in sa.key -pubout -out sa.pub 2>/dev/null
}

# node_certificates NUMBER API_URL
node_certificates() {
	local subject=/O=system:nodes/CN=system:node:node-$1
	certificate ca "kubelet-serving-$1" "$subject" serverAuth "DNS:node-$1,IP:$(node_ip "$1")"
	certificate ca "kubelet-$1" "$subject" clientAuth
	kubeconfig "kubelet-$1.conf" "kubelet-$1" "$2"
}
