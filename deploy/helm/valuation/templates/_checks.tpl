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
{{- if eq $values.ports.remoting $values.ports.management -}}
{{- fail (printf "Cannot use port %v for both ports.remoting and ports.management: give them two" $values.ports.management) -}}
{{- end -}}
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
