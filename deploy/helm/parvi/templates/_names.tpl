{{/*
Names and labels. All take the root context of the application's chart, whose values have `name`, `image` and
`commonLabels`. What is told apart by component (`controller`, `worker`, …) takes a dict of `root` and `component`.
*/}}

{{/* What tells pods of this release from all others. Selectors cannot be changed later, so nothing else stands here. */}}
{{- define "parvi.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "parvi.componentSelector" -}}
{{ include "parvi.selectorLabels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "parvi.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "parvi.selectorLabels" . }}
app.kubernetes.io/version: {{ include "parvi.version" . | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/part-of: {{ .Values.name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "parvi.componentLabels" -}}
{{ include "parvi.labels" .root }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Of pods: without the version of the chart, whose change is no reason to replace them. */}}
{{- define "parvi.podLabels" -}}
{{ include "parvi.componentSelector" . }}
app.kubernetes.io/version: {{ include "parvi.version" .root | trunc 63 | trimAll "-_." | quote }}
app.kubernetes.io/part-of: {{ .root.Values.name }}
parvi/node: "true"
{{- with .root.Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The version that runs: the tag of the image. */}}
{{- define "parvi.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end }}

{{- define "parvi.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ include "parvi.version" . }}
{{- end -}}
{{- end }}

{{- define "parvi.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default .Values.name -}}
{{- end }}

{{/* Headless service over pods of a component: their names, and all their addresses whether ready or not. */}}
{{- define "parvi.nodesDomain" -}}
{{ .service }}.{{ .root.Release.Namespace }}.svc.{{ .root.Values.clusterDomain }}
{{- end }}
