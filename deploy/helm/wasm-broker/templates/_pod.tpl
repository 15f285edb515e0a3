{{/* What the pods of the Deployment and of `helm test` share. */}}

{{- define "wasm-broker.env" -}}
{{- $computed := include "wasm-broker.computed" . | fromJson -}}
- name: WASM_BROKER_CONFIG
  value: /etc/wasm-broker/config/config.yaml
# The heap of the sum that the container's memory limit is; see NOTES.
- name: WASM_BROKER_JAVA_OPTS
  value: {{ printf "-Xms%dm -Xmn%dm -Xmx%dm" (int64 $computed.firstMiB) (int64 $computed.youngMiB) (int64 $computed.heapMiB) | list | concat (list) .Values.java.options | join " " | quote }}
# The image has these variables, which would come before the configuration file.
- name: WASM_BROKER_LOG_FORMAT
  value: {{ .Values.config.log.format }}
{{- range $key := list "library" "compile-seed" }}
{{- with dig "engine" $key "" $.Values.config }}
- name: WASM_BROKER_ENGINE_{{ $key | upper | replace "-" "_" }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- if .Values.database.userKey }}
- name: WASM_BROKER_DATABASE_USER
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.existingSecret }}
      key: {{ .Values.database.userKey }}
{{- end }}
{{- if .Values.tracing.endpoint }}
- name: POD_NAME
  valueFrom:
    fieldRef:
      fieldPath: metadata.name
- name: OTEL_SERVICE_NAME
  value: {{ include "wasm-broker.fullname" . }}
- name: OTEL_RESOURCE_ATTRIBUTES
  value: k8s.namespace.name={{ .Release.Namespace }},k8s.pod.name=$(POD_NAME)
- name: OTEL_TRACES_EXPORTER
  value: otlp
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ .Values.tracing.endpoint | quote }}
- name: OTEL_EXPORTER_OTLP_PROTOCOL
  value: {{ .Values.tracing.protocol }}
- name: OTEL_TRACES_SAMPLER
  value: parentbased_traceidratio
- name: OTEL_TRACES_SAMPLER_ARG
  value: {{ .Values.tracing.ratio | quote }}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "wasm-broker.resources" -}}
{{- $computed := include "wasm-broker.computed" . | fromJson -}}
requests:
  cpu: {{ .Values.resources.requests.cpu | quote }}
  memory: {{ $computed.request }}
  ephemeral-storage: {{ printf "%dMi" (int64 $computed.storageMiB) }}
limits:
  {{- with .Values.resources.limits.cpu }}
  cpu: {{ . | quote }}
  {{- end }}
  memory: {{ $computed.limit }}
  ephemeral-storage: {{ printf "%dMi" (int64 $computed.storageMiB) }}
{{- end -}}

{{/* What is the same of every pod: who it runs as, what it is told of the cluster, where it runs. */}}
{{- define "wasm-broker.podCommon" -}}
serviceAccountName: {{ include "wasm-broker.serviceAccountName" . }}
automountServiceAccountToken: false
# Else a service called wasm-broker would become variables that begin like the settings' own.
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}
