{{/*
The pod of a part, as the Pod Security Standard "restricted" wants it. Takes a dict of `root`, `part` (see _node.tpl) and
`values`, the section of the part.
*/}}
{{- define "parvi.podTemplate" -}}
{{- $root := .root -}}
{{- $part := .part -}}
{{- $values := .values -}}
{{- $annotations := merge (dict) ($values.podAnnotations | default dict) (include "parvi.podAnnotations" $root | fromYaml) -}}
metadata:
  labels:
    {{- include "parvi.podLabels" (dict "root" $root "component" $part.component) | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with $annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "parvi.serviceAccountName" $root }}
  # The token is there only where a node asks the API server.
  automountServiceAccountToken: {{ include "parvi.needsApi" $root | eq "true" }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ include "parvi.gracePeriodSeconds" . }}
  {{- with $root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  securityContext:
    {{- toYaml $root.Values.podSecurityContext | nindent 4 }}
  {{- with $values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with $values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if $values.topologySpread.enabled }}
  topologySpreadConstraints:
    {{- range $key := $values.topologySpread.topologyKeys }}
    - maxSkew: {{ $values.topologySpread.maxSkew }}
      topologyKey: {{ $key }}
      whenUnsatisfiable: {{ $values.topologySpread.whenUnsatisfiable }}
      labelSelector:
        matchLabels:
          {{- include "parvi.componentSelector" (dict "root" $root "component" $part.component) | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ $part.component }}
      {{- include "parvi.container" . | nindent 6 }}
    {{- with $values.extraContainers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: {{ $values.tmpSizeLimit }}
    {{- range $part.volumes }}
    - {{ toYaml . | nindent 6 | trim }}
    {{- end }}
    {{- if $root.Values.tls.enabled }}
    - name: tls
      secret:
        secretName: {{ $root.Values.tls.secretName }}
        defaultMode: 0440
    {{- end }}
    {{- with include "parvi.authentication" $root.Values | fromYaml }}
    {{- if ne .scheme "none" }}
    # A file, and no variable: the node reads it again when it changes.
    - name: management
      secret:
        secretName: {{ .existingSecret }}
        # 0440, in a form that every version of YAML reads alike.
        defaultMode: 288
        items:
          - key: {{ include "parvi.callersKey" . | quote }}
            path: secret
    {{- end }}
    {{- end }}
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

{{- define "parvi.container" -}}
{{- $root := .root -}}
{{- $part := .part -}}
{{- $values := .values -}}
{{- $ports := $root.Values.ports -}}
image: {{ include "parvi.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
args:
  {{- toYaml $part.args | nindent 2 }}
env:
  # What the pod is, from Kubernetes; the variables below refer to it.
  {{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" "POD_IP" "status.podIP" "NODE_NAME" "spec.nodeName" }}
  - name: {{ $name }}
    valueFrom:
      fieldRef:
        fieldPath: {{ $path }}
  {{- end }}
  {{- range $name, $value := include "parvi.env" . | fromYaml }}
  - name: {{ $name }}
    value: {{ $value | quote }}
  {{- end }}
  {{- with include "parvi.authentication" $root.Values | fromYaml }}
  {{- if eq .scheme "basic" }}
  - name: PARVI_MANAGEMENT_AUTHENTICATION_USER
    valueFrom:
      secretKeyRef:
        {{- include "parvi.callersUser" . | nindent 8 }}
  {{- end }}
  {{- end }}
  {{- with $values.extraEnv }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with $values.extraEnvFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
ports:
  - name: remoting
    containerPort: {{ $ports.remoting }}
  - name: management
    containerPort: {{ $ports.management }}
  {{- range $part.ports }}
  - name: {{ .name }}
    containerPort: {{ .port }}
    protocol: {{ .protocol | default "TCP" }}
  {{- end }}
{{- range $kind, $path := dict "startupProbe" "/startup" "readinessProbe" "/ready" "livenessProbe" "/alive" }}
{{ $kind }}:
  httpGet:
    path: {{ $path }}
    port: management
  {{- toYaml (get $root.Values.probes $kind) | nindent 2 }}
{{- end }}
{{- if $values.preStop }}
lifecycle:
  preStop:
    {{- toYaml $values.preStop | nindent 4 }}
{{- else if $values.drainSeconds }}
lifecycle:
  preStop:
    # Proxies stop sending requests before this node stops taking them. SIGTERM follows, by which it leaves the cluster.
    sleep:
      seconds: {{ $values.drainSeconds }}
{{- end }}
resources:
  {{- toYaml $values.resources | nindent 2 }}
securityContext:
  {{- toYaml $root.Values.containerSecurityContext | nindent 2 }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- range $part.mounts }}
  - name: {{ .name }}
    mountPath: {{ .path }}
  {{- end }}
  {{- if $root.Values.tls.enabled }}
  - name: tls
    mountPath: /etc/parvi/tls
    readOnly: true
  {{- end }}
  {{- if ne (include "parvi.authentication" $root.Values | fromYaml).scheme "none" }}
  - name: management
    mountPath: /etc/parvi/management
    readOnly: true
  {{- end }}
  {{- with $values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* Traffic of the cluster goes around the mesh's proxies: they would end connections that nodes watch themselves. */}}
{{- define "parvi.podAnnotations" -}}
{{- if .Values.istio.enabled }}
traffic.sidecar.istio.io/excludeInboundPorts: {{ printf "%v,%v" .Values.ports.remoting .Values.ports.management | quote }}
traffic.sidecar.istio.io/excludeOutboundPorts: {{ printf "%v,%v" .Values.ports.remoting .Values.ports.management | quote }}
proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'
{{- end }}
{{- if .Values.monitoring.scrapeAnnotations }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ .Values.ports.management | quote }}
prometheus.io/path: /metrics
{{- end }}
{{- end }}
