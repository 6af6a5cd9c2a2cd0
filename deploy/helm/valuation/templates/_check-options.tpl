{{/* Options by name: those of all nodes may be of either part, which leaves alone what is the other's. Takes the root context. */}}
{{- define "valuation.checkOptions" -}}
{{- $known := .Files.Get "files/options.json" | fromJson -}}
{{- $all := concat $known.controllers $known.workers | uniq -}}
{{- include "parvi.checkOptions" (dict "path" "options" "options" .Values.options "whose" "nodes" "known" $all) -}}
{{- range $part := list "controllers" "workers" -}}
{{- $options := (get $.Values $part).options -}}
{{- include "parvi.checkOptions" (dict "path" (printf "%s.options" $part) "options" $options "whose" $part "known" (get $known $part)) -}}
{{- end -}}
{{- end }}
