{{/* The two parts of a grid, as parvi/templates/_node.tpl describes parts. Both take the root context. */}}

{{- define "valuation.founders" -}}
name: {{ .Values.name }}-ctrl
component: controller
replicas: {{ .Values.controllers.replicas }}
{{- end }}

{{- define "valuation.controllers" -}}
name: {{ .Values.name }}-ctrl
component: controller
kind: {{ eq .Values.topology "seeds" | ternary "StatefulSet" "Deployment" }}
args: [controller]
founder: true
founders:
  {{- include "valuation.founders" . | nindent 2 }}
isScaled: false
env:
  PARVI_HTTP_HOST: 0.0.0.0
  PARVI_HTTP_PORT: {{ .Values.ports.http | quote }}
  PARVI_CONTROLLER_SPOOL_DIRECTORY: /spool
  PARVI_CONTROLLER_LEAVE_NOTICE_MS: {{ printf "%vs" .Values.controllers.leaveNoticeSeconds }}
  PARVI_CONTROLLER_LEAVE_WAIT_MS: {{ printf "%vs" .Values.controllers.leaveWaitSeconds }}
# The first phase is that of notice and jobs, and two seconds more are given to it.
phases:
  before-service-unbind: {{ add .Values.controllers.leaveNoticeSeconds .Values.controllers.leaveWaitSeconds 2 }}
ports:
  - name: http
    port: {{ .Values.ports.http }}
  {{- if .Values.udp.enabled }}
  - name: udp
    port: {{ .Values.udp.port }}
    protocol: UDP
  {{- end }}
volumes:
  - name: spool
    emptyDir:
      sizeLimit: {{ .Values.controllers.spoolSizeLimit }}
mounts:
  - name: spool
    path: /spool
{{- end }}

{{- define "valuation.workers" -}}
name: {{ .Values.name }}
component: worker
kind: Deployment
args: [worker]
founder: false
founders:
  {{- include "valuation.founders" . | nindent 2 }}
isScaled: {{ .Values.workers.autoscaling.enabled }}
env:
  PARVI_WORKER_THREADS: {{ .Values.workers.threads | quote }}
{{- end }}
