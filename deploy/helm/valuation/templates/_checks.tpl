{{/* What the schema cannot say: values that do not go together. Each sentence says what is wrong and what to do. */}}
{{- define "valuation.checks" -}}
{{- $values := .Values -}}
{{- if and (eq $values.image.tag "latest") (not $values.image.digest) -}}
{{- fail "Cannot use image.tag \"latest\": nobody can tell which version it runs; name a version" -}}
{{- end -}}
{{- range $path, $value := dict
  "cluster.seedNodeTimeout" $values.cluster.seedNodeTimeout
  "cluster.shutdownAfterUnsuccessfulJoin" $values.cluster.shutdownAfterUnsuccessfulJoin
  "cluster.splitBrain.stableAfter" $values.cluster.splitBrain.stableAfter
  "monitoring.serviceMonitor.interval" $values.monitoring.serviceMonitor.interval
  "monitoring.serviceMonitor.scrapeTimeout" $values.monitoring.serviceMonitor.scrapeTimeout -}}
{{- if not (regexMatch "^(off|[0-9]+(\\.[0-9]+)?(ms|s|m|h))$" $value) -}}
{{- fail (printf "Cannot use %s %q: it takes a number with ms, s, m or h, such as \"20s\"" $path $value) -}}
{{- end -}}
{{- end -}}
{{- range $path, $value := dict
  "controllers.spoolSizeLimit" $values.controllers.spoolSizeLimit
  "controllers.tmpSizeLimit" $values.controllers.tmpSizeLimit
  "workers.tmpSizeLimit" $values.workers.tmpSizeLimit -}}
{{- if not (regexMatch "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$" $value) -}}
{{- fail (printf "Cannot use %s %q: it takes a number of bytes as Kubernetes writes it, such as \"512Mi\" or \"10Gi\"" $path $value) -}}
{{- end -}}
{{- end -}}
{{- range $part := list "controllers" "workers" -}}
{{- range $kind := list "requests" "limits" -}}
{{- range $name, $value := get (get $values $part).resources $kind | default dict -}}
{{- if not (regexMatch "^[0-9]+(\\.[0-9]+)?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]+)?$" (toString $value)) -}}
{{- fail (printf "Cannot use %s.resources.%s.%s %q: it takes an amount as Kubernetes writes it, such as \"250m\", \"2\" or \"512Mi\"" $part $kind $name (toString $value)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $splitBrain := $values.cluster.splitBrain -}}
{{- if and (eq $splitBrain.strategy "static-quorum") (not $splitBrain.quorumSize) (not (hasKey $values.options "cluster.splitBrain.quorumSize")) -}}
{{- fail "Cannot use cluster.splitBrain.strategy \"static-quorum\" without cluster.splitBrain.quorumSize: say how many members the surviving side needs, more than half of all there can be" -}}
{{- end -}}
{{- /* Nobody leaves the cluster in less than ten seconds for certain: others must see it go. */ -}}
{{- $work := add $values.controllers.leaveNoticeSeconds $values.controllers.leaveWaitSeconds -}}
{{- range $part, $seconds := dict "controllers" $work "workers" 0 -}}
{{- $own := get $values $part -}}
{{- $least := add $seconds ($own.drainSeconds | default 0) 10 -}}
{{- with $own.terminationGracePeriodSeconds -}}
{{- if lt (int .) (int $least) -}}
{{- $of := eq $part "controllers" | ternary "leaveNoticeSeconds, leaveWaitSeconds, drainSeconds" "drainSeconds" -}}
{{- fail (printf "Cannot use %s.terminationGracePeriodSeconds %v: %s and 10 s to leave the cluster make %v; give it as many or more, or leave it out" $part . $of $least) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $values.workers.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "Cannot scale workers from %v down to %v: workers.autoscaling.minReplicas must not be more than maxReplicas" .minReplicas .maxReplicas) -}}
{{- end -}}
{{- if and .enabled (not .targetCpuPercent) (not .queue.enabled) (not .extraMetrics) -}}
{{- fail "Cannot scale workers by nothing: set workers.autoscaling.targetCpuPercent or queue.enabled, or switch autoscaling off" -}}
{{- end -}}
{{- if and .enabled .targetCpuPercent (not (dig "requests" "cpu" "" $values.workers.resources)) -}}
{{- fail "Cannot scale workers by CPU: the percentage is of workers.resources.requests.cpu, which is not set" -}}
{{- end -}}
{{- end -}}
{{- if and $values.cluster.appVersionFromRevision (eq $values.topology "seeds") -}}
{{- fail "Cannot use cluster.appVersionFromRevision with topology \"seeds\": a StatefulSet has no revision of that kind; use topology \"bootstrap\", or leave the image's tag as version" -}}
{{- end -}}
{{- if and $values.tls.enabled (not $values.tls.secretName) -}}
{{- fail "Cannot use tls.enabled without tls.secretName: name the Secret that has tls.key, tls.crt and ca.crt" -}}
{{- end -}}
{{- if and $values.httpRoute.enabled (not $values.httpRoute.parentRefs) -}}
{{- fail "Cannot make an HTTPRoute without httpRoute.parentRefs: name the Gateway that it belongs to, such as [{name: public, namespace: gateway}]" -}}
{{- end -}}
{{- if and (not $values.serviceAccount.create) (not $values.serviceAccount.name) -}}
{{- fail "Cannot run without an account: with serviceAccount.create false, name one that is there in serviceAccount.name" -}}
{{- end -}}
{{- range $pair := list (list "remoting" "management") (list "remoting" "http") (list "management" "http") -}}
{{- $port := get $values.ports (first $pair) -}}
{{- if eq (int $port) (int (get $values.ports (last $pair))) -}}
{{- fail (printf "Cannot use port %v for both ports.%s and ports.%s: give them two" $port (first $pair) (last $pair)) -}}
{{- end -}}
{{- end -}}
{{- if not (regexMatch "^[a-zA-Z0-9][a-zA-Z0-9_-]*$" $values.systemName) -}}
{{- fail (printf "Cannot use systemName %q: a name has letters, digits, \"-\" and \"_\" only and starts with a letter or digit" $values.systemName) -}}
{{- end -}}
{{- /* Services, probes and the other nodes ask where the chart says that nodes are. */ -}}
{{- $address := "the chart sets it, so that Services, probes and other nodes find the pods; leave it out" -}}
{{- $routes := "probes of Kubernetes ask at /startup, /ready and /alive, and no pod would become ready; leave it out" -}}
{{- $plainHttp := "probes of Kubernetes and Prometheus ask management by HTTP, and no pod would become ready; leave it out, and close management by the value management.authentication and the NetworkPolicy" -}}
{{- $places := dict
  "PARVI_REMOTE_HOST" $address
  "PARVI_REMOTE_BIND_HOST" $address
  "PARVI_REMOTE_BIND_PORT" "set ports.remoting instead"
  "PARVI_REMOTE_PORT" "set ports.remoting instead"
  "PARVI_MANAGEMENT_ENABLED" "probes ask management; leave it out"
  "PARVI_MANAGEMENT_HOST" $address
  "PARVI_MANAGEMENT_BIND_HOST" $address
  "PARVI_MANAGEMENT_BIND_PORT" "set ports.management instead"
  "PARVI_MANAGEMENT_PORT" "set ports.management instead"
  "PARVI_MANAGEMENT_BASE_PATH" $routes
  "PARVI_MANAGEMENT_HEALTH_PATHS_STARTUP" $routes
  "PARVI_MANAGEMENT_HEALTH_PATHS_READY" $routes
  "PARVI_MANAGEMENT_HEALTH_PATHS_ALIVE" $routes
  "PARVI_MANAGEMENT_TLS_KEY_FILE" $plainHttp
  "PARVI_MANAGEMENT_TLS_CERT_FILE" $plainHttp
  "PARVI_MANAGEMENT_TLS_CLIENT_CA_FILE" $plainHttp
  "PARVI_HTTP_HOST" $address
  "PARVI_HTTP_PORT" "set ports.http instead"
-}}
{{- range $path, $options := dict "options" $values.options "controllers.options" $values.controllers.options "workers.options" $values.workers.options -}}
{{- range $key, $value := $options -}}
{{- with get $places (include "parvi.variable" $key) -}}
{{- fail (printf "Cannot set %q in %s: %s" $key $path .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- /* Variables win over those of the chart. */ -}}
{{- range $part := list "controllers" "workers" -}}
{{- range (get $values $part).extraEnv -}}
{{- $name := .name -}}
{{- with get $places $name -}}
{{- fail (printf "Cannot set %s in %s.extraEnv: %s" $name $part .) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- include "valuation.checkOptions" . -}}
{{- include "valuation.checkAuthentication" $values -}}
{{- range $part := list "controllers" "workers" -}}
{{- range $name := list "POD_NAME" "POD_NAMESPACE" "POD_IP" "NODE_NAME" -}}
{{- range (get $values $part).extraEnv -}}
{{- if eq .name $name -}}
{{- fail (printf "Cannot set %s in %s.extraEnv: Kubernetes sets it, and nodes need what it says" $name $part) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end }}
