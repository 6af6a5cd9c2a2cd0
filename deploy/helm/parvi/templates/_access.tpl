{{/* What nodes may ask the API server: nothing, unless an option needs it. All take the root context. */}}

{{- define "parvi.readsPods" -}}
{{- and (eq .Values.topology "bootstrap") (eq .Values.discovery.method "kubernetes-api") -}}
{{- end }}

{{- define "parvi.usesLease" -}}
{{- eq .Values.cluster.splitBrain.strategy "lease-majority" -}}
{{- end }}

{{- define "parvi.needsApi" -}}
{{- or (eq (include "parvi.readsPods" .) "true") (eq (include "parvi.usesLease" .) "true") .Values.cluster.podDeletionCost .Values.cluster.appVersionFromRevision -}}
{{- end }}

{{- define "parvi.leaseName" -}}
{{- .Values.cluster.splitBrain.leaseName | default (printf "%s-pekko-sbr" .Values.name) | lower | replace "_" "-" | replace "." "-" -}}
{{- end }}

{{- define "parvi.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "parvi.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "parvi.labels" . | nindent 4 }}
  {{- with .Values.serviceAccount.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end }}

{{- define "parvi.role" -}}
{{- $pods := list -}}
{{- if eq (include "parvi.readsPods" .) "true" -}}
{{- $pods = list "list" -}}
{{- end -}}
{{- if .Values.cluster.appVersionFromRevision -}}
{{- $pods = append $pods "get" -}}
{{- end -}}
{{- if .Values.cluster.podDeletionCost -}}
{{- $pods = append $pods "patch" -}}
{{- end -}}
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ .Values.name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "parvi.labels" . | nindent 4 }}
rules:
  {{- with $pods }}
  - apiGroups: [""]
    resources: [pods]
    verbs: [{{ join ", " . }}]
  {{- end }}
  {{- if .Values.cluster.appVersionFromRevision }}
  - apiGroups: [apps]
    resources: [replicasets]
    verbs: [get]
  {{- end }}
  {{- if eq (include "parvi.usesLease" .) "true" }}
  # A name cannot be given for what is not there.
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [create]
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    resourceNames: [{{ include "parvi.leaseName" . }}]
    verbs: [get, update]
  {{- end }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ .Values.name }}
  namespace: {{ .Release.Namespace }}
  labels:
    {{- include "parvi.labels" . | nindent 4 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ .Values.name }}
subjects:
  - kind: ServiceAccount
    name: {{ include "parvi.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
