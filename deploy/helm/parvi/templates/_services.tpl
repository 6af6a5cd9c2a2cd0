{{/*
Headless: each pod by its own name and address, from its start on. Nodes have to find each other before they are ready;
they become ready by that. Takes a dict of `root`, `name`, `component` (absent: the pods of all parts).
*/}}
{{- define "parvi.nodesService" -}}
{{- $ports := .root.Values.ports -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" (dict "root" .root "component" (printf "%s-nodes" (.component | default "all"))) | nindent 4 }}
spec:
  clusterIP: None
  publishNotReadyAddresses: true
  ports:
    - name: remoting
      port: {{ $ports.remoting }}
      targetPort: remoting
    - name: management
      port: {{ $ports.management }}
      targetPort: management
  selector:
    {{- if .component }}
    {{- include "parvi.componentSelector" (dict "root" .root "component" .component) | nindent 4 }}
    {{- else }}
    {{- include "parvi.selectorLabels" .root | nindent 4 }}
    parvi/node: "true"
    {{- end }}
{{- end }}

{{/* What clients and gateways call: ready pods only. Takes `root`, `part`, `name`, `service` (values) and `ports`. */}}
{{- define "parvi.clientService" -}}
{{- $service := .service -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" (dict "root" .root "component" .part.component) | nindent 4 }}
  {{- with $service.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  type: {{ $service.type }}
  {{- if eq $service.type "LoadBalancer" }}
  {{- with $service.loadBalancerClass }}
  loadBalancerClass: {{ . }}
  {{- end }}
  {{- with $service.loadBalancerSourceRanges }}
  loadBalancerSourceRanges:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- end }}
  {{- if and (ne $service.type "ClusterIP") $service.externalTrafficPolicy }}
  externalTrafficPolicy: {{ $service.externalTrafficPolicy }}
  {{- end }}
  ports:
    {{- range .ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .name }}
      protocol: {{ .protocol | default "TCP" }}
      {{- with .appProtocol }}
      appProtocol: {{ . }}
      {{- end }}
      {{- if and .nodePort (ne $service.type "ClusterIP") }}
      nodePort: {{ .nodePort }}
      {{- end }}
    {{- end }}
  selector:
    {{- include "parvi.componentSelector" (dict "root" .root "component" .part.component) | nindent 4 }}
{{- end }}
