{{- define "tidemill.labels" -}}
{{ include "tidemill.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "tidemill.selector" -}}
app.kubernetes.io/name: tidemill-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Cluster-wide objects of two releases must not meet. */ -}}
{{- define "tidemill.clusterWideName" -}}
{{ printf "%s:%s:tidemill-operator" .Release.Namespace .Release.Name }}
{{- end }}

{{- define "tidemill.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "tidemill.clusterNamespaces" -}}
{{ .Values.clusterNamespaces | default (list .Release.Namespace) | join "," }}
{{- end }}
