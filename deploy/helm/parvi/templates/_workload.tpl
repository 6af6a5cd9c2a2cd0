{{/* A StatefulSet or a Deployment of a part: a dict of `root`, `part` (see _node.tpl) and `values`. */}}
{{- define "parvi.workload" -}}
{{- $selector := dict "root" .root "component" .part.component -}}
apiVersion: apps/v1
kind: {{ .part.kind }}
metadata:
  name: {{ .part.name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" $selector | nindent 4 }}
  {{- with .values.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if not (or .part.isScaled (kindIs "invalid" .values.replicas)) }}
  replicas: {{ .values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  {{- with .values.minReadySeconds }}
  minReadySeconds: {{ . }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "parvi.componentSelector" $selector | nindent 6 }}
  {{- if eq .part.kind "StatefulSet" }}
  serviceName: {{ .part.name }}-nodes
  podManagementPolicy: Parallel
  updateStrategy:
    type: RollingUpdate
  {{- else }}
  # No pod goes before its successor is ready, and they come one by one: a cluster dislikes many changes at once.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxUnavailable: 0
      maxSurge: {{ .values.maxSurge | default 1 }}
  {{- end }}
  template:
    {{- include "parvi.podTemplate" . | nindent 4 }}
{{- end }}

{{- define "parvi.podDisruptionBudget" -}}
{{- $selector := dict "root" .root "component" .part.component -}}
{{- if .values.podDisruptionBudget.enabled }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .part.name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" $selector | nindent 4 }}
spec:
  maxUnavailable: {{ .values.podDisruptionBudget.maxUnavailable }}
  # A pod that is not ready serves nobody, and must not keep a machine from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      {{- include "parvi.componentSelector" $selector | nindent 6 }}
{{- end }}
{{- end }}

{{/* Takes `queue` besides: a list of metrics of the application's own. */}}
{{- define "parvi.horizontalPodAutoscaler" -}}
{{- $scaling := .values.autoscaling -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ .part.name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" (dict "root" .root "component" .part.component) | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: {{ .part.kind }}
    name: {{ .part.name }}
  minReplicas: {{ $scaling.minReplicas }}
  maxReplicas: {{ $scaling.maxReplicas }}
  metrics:
    {{- if $scaling.targetCpuPercent }}
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: {{ $scaling.targetCpuPercent }}
    {{- end }}
    {{- with .queue }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with $scaling.extraMetrics }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $scaling.behavior }}
  behavior:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
