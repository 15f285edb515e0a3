{{/* The files of a pod, the same for the brokers and for `helm test`. */}}

{{/* Whole directories, never subPath: the kubelet changes the files of a volume by exchanging a link to their directory. */}}
{{- define "wasm-broker.volumeMounts" -}}
- name: cache
  mountPath: /var/cache/wasm-broker
- name: config
  mountPath: /etc/wasm-broker/config
  readOnly: true
- name: database
  mountPath: /run/secrets/wasm-broker-database
  readOnly: true
{{- if include "wasm-broker.hasCa" .Values.database.ca }}
- name: database-ca
  mountPath: /etc/wasm-broker/database-ca
  readOnly: true
{{- end }}
{{- if include "wasm-broker.records" . }}
- name: recordings
  mountPath: /var/lib/wasm-broker
{{- end }}
{{- if include "wasm-broker.hasPolicy" . }}
- name: policy
  mountPath: /etc/wasm-broker/policy
  readOnly: true
{{- end }}
{{- if or .Values.rollout.content .Values.rollout.existingConfigMap }}
- name: rollout
  mountPath: /etc/wasm-broker/rollout
  readOnly: true
{{- end }}
{{- if or .Values.approvals.content .Values.approvals.existingConfigMap }}
- name: approvals
  mountPath: /etc/wasm-broker/approvals
  readOnly: true
{{- end }}
{{- if include "wasm-broker.hasHandlers" . }}
- name: handlers
  mountPath: /etc/wasm-broker/handlers
  readOnly: true
{{- end }}
{{- if .Values.registry.authSecret }}
- name: registry-auth
  mountPath: /run/secrets/wasm-broker-registry
  readOnly: true
{{- end }}
{{- if include "wasm-broker.hasCa" .Values.registry.ca }}
- name: registry-ca
  mountPath: /etc/wasm-broker/registry-ca
  readOnly: true
{{- end }}
{{- if include "wasm-broker.hasCa" .Values.egress.ca }}
- name: egress-ca
  mountPath: /etc/wasm-broker/egress-ca
  readOnly: true
{{- end }}
{{- if .Values.secrets.existingSecrets }}
- name: secrets
  mountPath: /run/secrets/wasm-broker
  readOnly: true
{{- end }}
{{- if eq .Values.protocol "tasker" }}
{{- if .Values.tasker.templatesConfigMap }}
- name: templates
  mountPath: /etc/wasm-broker/templates
  readOnly: true
{{- end }}
{{- if .Values.tasker.queueDatabase.url }}
- name: queue-database
  mountPath: /run/secrets/wasm-broker-queue-database
  readOnly: true
{{- end }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "wasm-broker.volumes" -}}
{{- $name := include "wasm-broker.fullname" . -}}
{{- $computed := include "wasm-broker.computed" . | fromJson -}}
- name: cache
  emptyDir:
    {{- with .Values.cache.medium }}
    medium: {{ . }}
    {{- end }}
    sizeLimit: {{ printf "%dMi" (int64 $computed.cacheMiB) }}
- name: config
  configMap:
    name: {{ $name }}-config
- name: database
  secret:
    secretName: {{ .Values.database.existingSecret }}
    items:
      - key: {{ .Values.database.passwordKey }}
        path: {{ .Values.database.passwordKey }}
{{- include "wasm-broker.caVolume" (dict "name" "database-ca" "ca" .Values.database.ca) }}
{{- if include "wasm-broker.records" . }}
- name: recordings
  {{- if .Values.recordings.existingClaim }}
  persistentVolumeClaim:
    claimName: {{ .Values.recordings.existingClaim }}
  {{- else }}
  emptyDir:
    sizeLimit: {{ printf "%dMi" (int64 $computed.recordingsMiB) }}
  {{- end }}
{{- end }}
{{- include "wasm-broker.fileVolume" (dict "name" "policy" "own" (printf "%s-policy" $name) "from" .Values.policy) }}
{{- include "wasm-broker.fileVolume" (dict "name" "rollout" "own" (printf "%s-rollout" $name) "from" .Values.rollout) }}
{{- include "wasm-broker.fileVolume" (dict "name" "approvals" "own" (printf "%s-approvals" $name) "from" .Values.approvals) }}
{{- with .Values.handlers }}
{{- if .configMaps }}
- name: handlers
  projected:
    sources:
      {{- range .configMaps }}
      - configMap:
          name: {{ .name }}
          items:
            - key: module.wasm
              path: {{ .handler }}/{{ .version }}/module.wasm
            - key: manifest.json
              path: {{ .handler }}/{{ .version }}/manifest.json
            {{- if .signature }}
            - key: signature.sigstore.json
              path: {{ .handler }}/{{ .version }}/signature.sigstore.json
            {{- end }}
      {{- end }}
{{- else if .existingClaim }}
- name: handlers
  persistentVolumeClaim:
    claimName: {{ .existingClaim }}
    readOnly: true
{{- else if .image }}
- name: handlers
  image:
    reference: {{ .image }}
{{- end }}
{{- end }}
{{- with .Values.registry.authSecret }}
- name: registry-auth
  secret:
    secretName: {{ . }}
    items:
      - key: .dockerconfigjson
        path: .dockerconfigjson
{{- end }}
{{- include "wasm-broker.caVolume" (dict "name" "registry-ca" "ca" .Values.registry.ca) }}
{{- include "wasm-broker.caVolume" (dict "name" "egress-ca" "ca" .Values.egress.ca) }}
{{- with .Values.secrets.existingSecrets }}
- name: secrets
  projected:
    sources:
      {{- range . }}
      - secret:
          name: {{ . }}
      {{- end }}
{{- end }}
{{- if eq .Values.protocol "tasker" }}
{{- with .Values.tasker.templatesConfigMap }}
- name: templates
  configMap:
    name: {{ . }}
{{- end }}
{{- with .Values.tasker.queueDatabase }}
{{- if .url }}
- name: queue-database
  secret:
    secretName: {{ .existingSecret }}
    items:
      - key: {{ .passwordKey }}
        path: {{ .passwordKey }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "wasm-broker.fileVolume" -}}
{{- if or .from.content .from.existingConfigMap }}
- name: {{ .name }}
  configMap:
    name: {{ default .own .from.existingConfigMap }}
{{- end }}
{{- end -}}

{{- define "wasm-broker.caVolume" -}}
{{- if .ca.existingSecret }}
- name: {{ .name }}
  secret:
    secretName: {{ .ca.existingSecret }}
    items:
      - key: {{ .ca.key }}
        path: {{ .ca.key }}
{{- else if .ca.existingConfigMap }}
- name: {{ .name }}
  configMap:
    name: {{ .ca.existingConfigMap }}
    items:
      - key: {{ .ca.key }}
        path: {{ .ca.key }}
{{- end }}
{{- end -}}
