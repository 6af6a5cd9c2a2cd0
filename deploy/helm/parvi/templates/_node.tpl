{{/*
The variables of a node. A part is a dict that the application's chart makes:

  name        of the workload: ve-ctrl
  component   label of its pods: controller
  kind        StatefulSet or Deployment
  args        words after the entrypoint of the image
  founder     whether its nodes may form the cluster; the others look for those of `founders` and join
  founders    name and component of the part whose nodes do
  env         what the application adds, by name
  phases      seconds that a phase of coordinated shutdown takes here instead of its default
*/}}

{{/* All variables with a value, as YAML of name: value. Options of the values win over what the chart says itself. */}}
{{- define "parvi.env" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $part := .part -}}
{{- $env := dict
  "PARVI_SYSTEM_NAME" $values.systemName
  "PARVI_LOG_LEVEL" $values.log.level
  "PARVI_REMOTE_HOST" "$(POD_IP)"
  "PARVI_REMOTE_BIND_HOST" "0.0.0.0"
  "PARVI_REMOTE_PORT" $values.ports.remoting
  "PARVI_MANAGEMENT_ENABLED" true
  "PARVI_MANAGEMENT_HOST" "$(POD_IP)"
  "PARVI_MANAGEMENT_BIND_HOST" "0.0.0.0"
  "PARVI_MANAGEMENT_PORT" $values.ports.management
  "PARVI_CLUSTER_APP_VERSION" (include "parvi.version" $root)
  "PARVI_CLUSTER_SHUTDOWN_AFTER_UNSUCCESSFUL_JOIN" $values.cluster.shutdownAfterUnsuccessfulJoin
  "PARVI_CLUSTER_SPLIT_BRAIN_STRATEGY" $values.cluster.splitBrain.strategy
  "PARVI_CLUSTER_SPLIT_BRAIN_STABLE_AFTER" $values.cluster.splitBrain.stableAfter
-}}
{{- if eq $values.cluster.splitBrain.strategy "lease-majority" -}}
{{- $env = set $env "PARVI_CLUSTER_SPLIT_BRAIN_LEASE_NAME" (include "parvi.leaseName" $root) -}}
{{- end -}}
{{- with $values.cluster.splitBrain.quorumSize -}}
{{- $env = set $env "PARVI_CLUSTER_SPLIT_BRAIN_QUORUM_SIZE" . -}}
{{- end -}}
{{- if $values.cluster.podDeletionCost -}}
{{- $env = set $env "PARVI_KUBERNETES_POD_DELETION_COST" true -}}
{{- end -}}
{{- if $values.cluster.appVersionFromRevision -}}
{{- $env = unset $env "PARVI_CLUSTER_APP_VERSION" -}}
{{- $env = set $env "PARVI_KUBERNETES_APP_VERSION_FROM_REVISION" true -}}
{{- end -}}
{{- if $values.management.writes -}}
{{- $env = set $env "PARVI_MANAGEMENT_WRITES" true -}}
{{- end -}}
{{- $asked := include "parvi.authentication" $values | fromYaml -}}
{{- if ne $asked.scheme "none" -}}
{{- $env = set $env "PARVI_MANAGEMENT_AUTHENTICATION_SCHEME" $asked.scheme -}}
{{- $env = set $env "PARVI_MANAGEMENT_AUTHENTICATION_SECRET_FILE" "/etc/parvi/management/secret" -}}
{{- end -}}
{{- if $values.tls.enabled -}}
{{- $env = merge (dict
  "PARVI_REMOTE_TRANSPORT" "tls-tcp"
  "PARVI_REMOTE_TLS_KEY_FILE" "/etc/parvi/tls/tls.key"
  "PARVI_REMOTE_TLS_CERT_FILE" "/etc/parvi/tls/tls.crt"
  "PARVI_REMOTE_TLS_CA_FILE" "/etc/parvi/tls/ca.crt"
  "PARVI_REMOTE_TLS_HOSTNAME_VERIFICATION" $values.tls.hostnameVerification
) $env -}}
{{- end -}}
{{- if eq $values.topology "seeds" -}}
{{- $env = merge (include "parvi.seedEnv" . | fromYaml) $env -}}
{{- else -}}
{{- $env = merge (include "parvi.bootstrapEnv" . | fromYaml) $env -}}
{{- end -}}
{{- $env = merge ($part.env | default dict) $env -}}
{{- range $options := list $values.options .values.options -}}
{{- range $key, $value := $options -}}
{{- $env = set $env (include "parvi.variable" $key) $value -}}
{{- end -}}
{{- end -}}
{{- range .values.extraEnv -}}
{{- $env = unset $env .name -}}
{{- end -}}
{{- range $name := keys $env | sortAlpha }}
{{ $name }}: {{ get $env $name | toString | quote }}
{{- end }}
{{- end }}

{{/* The variable of an option: cluster.splitBrain.stableAfter is PARVI_CLUSTER_SPLIT_BRAIN_STABLE_AFTER. */}}
{{- define "parvi.variable" -}}
PARVI_{{ regexReplaceAll "([a-z0-9])([A-Z])" . "${1}_${2}" | replace "." "_" | upper }}
{{- end }}

{{/* Founders have stable names, and some of them are the seed nodes. */}}
{{- define "parvi.seedEnv" -}}
{{- $root := .root -}}
{{- $domain := include "parvi.nodesDomain" (dict "root" $root "service" (printf "%s-nodes" .part.founders.name)) -}}
{{- $seeds := list -}}
{{- range $index := until (int (min $root.Values.cluster.seedNodes .part.founders.replicas)) -}}
{{- $seeds = append $seeds (printf "%s-%d.%s" $.part.founders.name $index $domain) -}}
{{- end -}}
PARVI_CLUSTER_SEED_NODES: {{ join "," $seeds | quote }}
{{- if .part.founder }}
PARVI_CLUSTER_SEED_NODE_TIMEOUT: {{ $root.Values.cluster.seedNodeTimeout }}
PARVI_REMOTE_HOST: {{ printf "$(POD_NAME).%s" $domain | quote }}
{{- end }}
{{- end }}

{{/* All nodes look for the founders; only these form a cluster, and not before as many have answered as are started. */}}
{{- define "parvi.bootstrapEnv" -}}
{{- $root := .root -}}
{{- $founders := .part.founders -}}
PARVI_BOOTSTRAP_ENABLED: "true"
PARVI_BOOTSTRAP_NEW_CLUSTER_ENABLED: {{ .part.founder | quote }}
{{- if .part.founder }}
PARVI_BOOTSTRAP_REQUIRED_CONTACT_POINT_NR: {{ $founders.replicas | quote }}
{{- if eq (int $founders.replicas) 1 }}
PARVI_BOOTSTRAP_FORM_ALONE: "true"
{{- end }}
{{- end }}
PARVI_DISCOVERY_METHOD: {{ $root.Values.discovery.method }}
{{- if eq $root.Values.discovery.method "kubernetes-api" }}
PARVI_BOOTSTRAP_SERVICE_NAME: {{ $founders.name }}
PARVI_BOOTSTRAP_PORT_NAME: management
PARVI_DISCOVERY_KUBERNETES_API_POD_LABEL_SELECTOR: {{ printf "app.kubernetes.io/name=%s,app.kubernetes.io/instance=%s,app.kubernetes.io/component=%s" $root.Chart.Name $root.Release.Name $founders.component | quote }}
PARVI_DISCOVERY_KUBERNETES_API_USE_RAW_IP: "true"
{{- else }}
PARVI_BOOTSTRAP_SERVICE_NAME: {{ $founders.name }}-nodes
PARVI_BOOTSTRAP_SERVICE_NAMESPACE: {{ $root.Release.Namespace }}.svc.{{ $root.Values.clusterDomain }}
{{- end }}
{{- end }}

{{/* Seconds from SIGTERM to the kill: what the phases of coordinated shutdown may take in the worst case, and 5 to spare.
The twelve phases have 5 s each, but for those of 10 s: the regions of sharding, exiting, and the end of the actor system.
5+5+5+5+5+10+5+10+5+5+5+10 = 75 */}}
{{- define "parvi.gracePeriodSeconds" -}}
{{- $phases := dict
  "before-service-unbind" 5
  "service-unbind" 5
  "service-requests-done" 5
  "service-stop" 5
  "before-cluster-shutdown" 5
  "cluster-sharding-shutdown-region" 10
  "cluster-leave" 5
  "cluster-exiting" 10
  "cluster-exiting-done" 5
  "cluster-shutdown" 5
  "before-actor-system-terminate" 5
  "actor-system-terminate" 10
-}}
{{- $sum := 5 -}}
{{- range $name, $seconds := $phases -}}
{{- $sum = add $sum (get ($.part.phases | default dict) $name | default $seconds) -}}
{{- end -}}
{{- $own := add $sum (.values.drainSeconds | default 0) -}}
{{- .values.terminationGracePeriodSeconds | default $own -}}
{{- end }}
