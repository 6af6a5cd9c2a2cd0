#!/usr/bin/env bash
# fault.sh cut-pod NODE ADDRESS: nothing goes to or from a pod but what its own machine asks it, as the kubelet's probes do
# fault.sh heal-pod NODE: takes that back
# fault.sh hide-api | show-api: the API server is silent to all pods, and to nobody else; and as before
# fault.sh freeze NODE CONTAINER: its first process stands still, and neither signals nor peers get an answer
set -euo pipefail
. "$(dirname "$0")/settings.sh"
in_node() { "$here/in-node.sh" "$@"; }

case ${1:-} in
cut-pod)
	# Bridged on the way to pods of its machine, routed on the way to others.
	in_node "$2" nft -f - <<-RULES
		table bridge parvi_cut {
			chain forward {
				type filter hook forward priority 0
				ip saddr $3 drop
				ip daddr $3 drop
			}
		}
		table inet parvi_cut {
			chain forward {
				type filter hook forward priority -10
				ip saddr $3 drop
				ip daddr $3 drop
			}
			chain input {
				type filter hook input priority -10
				ip saddr $3 ct direction original drop
			}
		}
	RULES
	;;
heal-pod)
	in_node "$2" nft -f - <<-RULES
		delete table bridge parvi_cut
		delete table inet parvi_cut
	RULES
	;;
hide-api)
	in_node 0 nft -f - <<-RULES
		table inet parvi_api {
			chain input {
				type filter hook input priority -10
				ip saddr $pod_net tcp dport 6443 drop
			}
		}
	RULES
	;;
show-api) in_node 0 nft delete table inet parvi_api ;;
freeze) in_node "$2" ctr --namespace k8s.io tasks kill --signal SIGSTOP "$3" ;;
*) die "fault.sh cut-pod | heal-pod | hide-api | show-api | freeze; see its head" ;;
esac
