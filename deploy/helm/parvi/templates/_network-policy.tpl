{{/*
Who may talk to the nodes: the nodes of this release to each other, whoever reads metrics, and for parts with ports of
their own the gateways. Probes come from the pod's own machine, which is always let in. Takes a dict of `root`, `part`,
`values` and `isOpen`: clients from outside of the cluster are expected.
*/}}
{{- define "parvi.networkPolicy" -}}
{{- $root := .root -}}
{{- $policy := $root.Values.networkPolicy -}}
{{- $ports := $root.Values.ports -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .part.name }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "parvi.componentLabels" (dict "root" $root "component" .part.component) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "parvi.componentSelector" (dict "root" $root "component" .part.component) | nindent 6 }}
  policyTypes:
    - Ingress
    {{- if $policy.egress.enabled }}
    - Egress
    {{- end }}
  ingress:
    # The cluster itself.
    - from:
        - podSelector:
            {{- include "parvi.nodesSelector" $root | nindent 12 }}
      ports:
        - port: {{ $ports.remoting }}
        - port: {{ $ports.management }}
    {{- with $policy.monitoringNamespaces }}
    # Metrics.
    - from:
        {{- include "parvi.namespacePeers" . | nindent 8 }}
      ports:
        - port: {{ $ports.management }}
    {{- end }}
    {{- with .part.ports }}
    # Clients.
    - ports:
        {{- range . }}
        - port: {{ .port }}
          protocol: {{ .protocol | default "TCP" }}
        {{- end }}
      {{- if not $.isOpen }}
      from:
        - podSelector: {}
        {{- with $policy.gatewayNamespaces }}
        {{- include "parvi.namespacePeers" . | nindent 8 }}
        {{- end }}
        {{- with $policy.clientPeers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
    {{- end }}
  {{- if $policy.egress.enabled }}
  egress:
    - to:
        - podSelector:
            {{- include "parvi.nodesSelector" $root | nindent 12 }}
      ports:
        - port: {{ $ports.remoting }}
        - port: {{ $ports.management }}
    # Names.
    - to:
        - namespaceSelector: {}
      ports:
        - port: 53
          protocol: UDP
        - port: 53
          protocol: TCP
    {{- if eq (include "parvi.needsApi" $root) "true" }}
    # The API server, which has no labels to be chosen by.
    - ports:
        {{- range $policy.egress.apiServerPorts }}
        - port: {{ . }}
        {{- end }}
    {{- end }}
    {{- with $policy.egress.extra }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "parvi.nodesSelector" -}}
matchLabels:
  {{- include "parvi.selectorLabels" . | nindent 2 }}
  parvi/node: "true"
{{- end }}

{{- define "parvi.namespacePeers" -}}
- namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- toYaml . | nindent 10 }}
{{- end }}
