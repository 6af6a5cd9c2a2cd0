{{/* For Prometheus' operator and Grafana's sidecar. Take a dict of `root` and `name`, and what is said at each. */}}

{{/* `service`: label component of the headless service over all nodes. */}}
{{- define "parvi.serviceMonitor" -}}
{{- $monitor := .root.Values.monitoring.serviceMonitor -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.labels" .root | nindent 4 }}
    {{- with $monitor.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels:
      {{- include "parvi.componentSelector" (dict "root" .root "component" "all-nodes") | nindent 6 }}
  # All nodes of a cluster are one job, named like the release: alerts and dashboards look at clusters.
  jobLabel: app.kubernetes.io/instance
  podTargetLabels:
    - app.kubernetes.io/component
    - app.kubernetes.io/version
  endpoints:
    - port: management
      path: /metrics
      interval: {{ $monitor.interval }}
      scrapeTimeout: {{ $monitor.scrapeTimeout }}
      {{- with include "parvi.authentication" .root.Values | fromYaml }}
      {{- if eq .scheme "bearer" }}
      authorization:
        type: Bearer
        credentials:
          {{- include "parvi.callersSecret" . | nindent 10 }}
      {{- else if eq .scheme "basic" }}
      basicAuth:
        username:
          {{- include "parvi.callersUser" . | nindent 10 }}
        password:
          {{- include "parvi.callersSecret" . | nindent 10 }}
      {{- end }}
      {{- end }}
{{- end }}

{{/*
The values management.authentication with their defaults, as YAML; takes all values. Applications may lack the section, and so do
values that `helm upgrade --reuse-values` keeps of a release that had none.
*/}}
{{- define "parvi.authentication" -}}
{{- $defaults := dict "scheme" "none" "existingSecret" "" "key" "" "userKey" "username" -}}
{{- merge (deepCopy (.management.authentication | default dict)) $defaults | toYaml -}}
{{- end }}

{{/* What callers of management send, as a key of a Secret. Take what parvi.authentication gives. */}}
{{- define "parvi.callersKey" -}}
{{- .key | default (eq .scheme "basic" | ternary "password" "token") -}}
{{- end }}

{{- define "parvi.callersSecret" -}}
name: {{ .existingSecret }}
key: {{ include "parvi.callersKey" . | quote }}
{{- end }}

{{- define "parvi.callersUser" -}}
name: {{ .existingSecret }}
key: {{ .userKey | quote }}
{{- end }}

{{/* `groups`: rules as Prometheus reads them from a file. */}}
{{- define "parvi.prometheusRule" -}}
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.labels" .root | nindent 4 }}
    {{- with .root.Values.monitoring.rules.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  groups:
    {{- toYaml .groups | nindent 4 }}
{{- end }}

{{/* `file`: name of the dashboard's file; `text`: what is in it. */}}
{{- define "parvi.dashboard" -}}
{{- $dashboards := .root.Values.monitoring.dashboards -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.labels" .root | nindent 4 }}
    {{- with $dashboards.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $dashboards.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  {{ .file }}: {{ .text | toJson }}
{{- end }}
