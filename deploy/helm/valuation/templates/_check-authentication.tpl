{{/* Who may call management: by values, and by options of nodes. Takes the values. */}}
{{- define "valuation.checkAuthentication" -}}
{{- $values := . -}}
{{- $asked := include "parvi.authentication" $values | fromYaml -}}
{{- if and (ne $asked.scheme "none") (not $asked.existingSecret) -}}
{{- fail (printf "Cannot use management.authentication.scheme %q without management.authentication.existingSecret: name the Secret that has the %s" $asked.scheme (eq $asked.scheme "basic" | ternary "name and the password" "token")) -}}
{{- end -}}
{{- if and (eq $asked.scheme "none") $asked.existingSecret -}}
{{- fail (printf "Cannot use management.authentication.existingSecret %q without management.authentication.scheme: nobody would be asked for it; set the scheme to basic or bearer, or leave the Secret out" $asked.existingSecret) -}}
{{- end -}}
{{- range $part := list "controllers" "workers" -}}
{{- $own := get $values $part -}}
{{- $given := dict -}}
{{- range $options := list $values.options $own.options -}}
{{- range $key, $value := $options -}}
{{- $given = set $given (include "parvi.variable" $key) (toString $value) -}}
{{- end -}}
{{- end -}}
{{- range $own.extraEnv -}}
{{- $given = set $given .name (hasKey . "value" | ternary (toString .value) "of elsewhere") -}}
{{- end -}}
{{- /* Whatever a node takes for true. */ -}}
{{- if has (get $given "PARVI_MANAGEMENT_AUTHENTICATION_HEALTH" | trim | lower) (list "true" "on" "yes" "1") -}}
{{- fail (printf "Cannot use management.authentication.health true on %s: probes of Kubernetes send no credentials, and no pod would become ready; leave it out" $part) -}}
{{- end -}}
{{- if ne $asked.scheme "none" -}}
{{- range $name := list "SCHEME" "USER" "SECRET" "SECRET_FILE" -}}
{{- if hasKey $given (printf "PARVI_MANAGEMENT_AUTHENTICATION_%s" $name) -}}
{{- fail (printf "Cannot set PARVI_MANAGEMENT_AUTHENTICATION_%s on %s beside management.authentication.scheme %q: the chart sets it from the Secret %q; leave it out of options and extraEnv" $name $part $asked.scheme $asked.existingSecret) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $scheme := get $given "PARVI_MANAGEMENT_AUTHENTICATION_SCHEME" -}}
{{- if and $scheme (ne $scheme "none") $values.monitoring.serviceMonitor.enabled -}}
{{- fail (printf "Cannot make a ServiceMonitor with management.authentication.scheme %q as an option of %s: Prometheus would send no credentials and get 401; set the values management.authentication.scheme and management.authentication.existingSecret instead" $scheme $part) -}}
{{- end -}}
{{- $secret := or (get $given "PARVI_MANAGEMENT_AUTHENTICATION_SECRET") (get $given "PARVI_MANAGEMENT_AUTHENTICATION_SECRET_FILE") -}}
{{- /* Variables of extraEnvFrom are known in the cluster only. */ -}}
{{- if and (has (lower $scheme) (list "basic" "bearer")) (not $secret) (not $own.extraEnvFrom) -}}
{{- fail (printf "Cannot use management.authentication.scheme %q on %s without a secret: set the values management.authentication.scheme and management.authentication.existingSecret in place of the option" $scheme $part) -}}
{{- end -}}
{{- end -}}
{{- end }}
