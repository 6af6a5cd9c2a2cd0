{{/*
Refuses options that no node has, with the nearest that there is; nodes themselves would do so at their start, again and
again. Takes a dict of `path` in the values, `options`, `whose` options these are, and `known`: the names that there are.
*/}}
{{- define "parvi.checkOptions" -}}
{{- range $name, $_ := .options -}}
{{- if not (has $name $.known) -}}
{{- $near := include "parvi.nearest" (dict "wanted" $name "names" $.known) -}}
{{- $hint := $near | empty | ternary "all are in docs/reference/options.md" (printf "did you mean %q?" $near) -}}
{{- fail (printf "Cannot set %q in %s: %s have no such option; %s" $name $.path $.whose $hint) -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* The name that shares most pairs of neighbouring letters, whatever the case; nothing where none shares half of them. */}}
{{- define "parvi.nearest" -}}
{{- $wanted := lower .wanted -}}
{{- $pairs := list -}}
{{- range $at := until (int (max 0 (sub (len $wanted) 1))) -}}
{{- $pairs = append $pairs (substr $at (int (add $at 2)) $wanted) -}}
{{- end -}}
{{- $best := "" -}}
{{- $most := 50 -}}
{{- range $name := .names -}}
{{- $lower := lower $name -}}
{{- $shared := 0 -}}
{{- range $pair := $pairs -}}
{{- if contains $pair $lower -}}
{{- $shared = add $shared 1 -}}
{{- end -}}
{{- end -}}
{{- /* Twice the pairs shared, of the pairs of both. */ -}}
{{- $share := div (mul 200 $shared) (add (len $pairs) (len $lower) -1) -}}
{{- if gt $share $most -}}
{{- $best = $name -}}
{{- $most = $share -}}
{{- end -}}
{{- end -}}
{{- $best -}}
{{- end }}
