{{/*
The broker's configuration file: `config` of the values, and the settings that follow from other values. The paths are
directories that are mounted whole, since the files of a volume that is mounted with subPath never change.
*/}}
{{- define "wasm-broker.config" -}}
{{- $values := .Values -}}
{{- include "wasm-broker.refuseOwned" . -}}
{{- $computed := include "wasm-broker.computed" . | fromJson -}}
{{- $database := include "wasm-broker.databaseSettings" (dict "key" "database" "value" $values.database) | fromJson -}}
{{- $_ := set $database "password-file" (printf "/run/secrets/wasm-broker-database/%s" $values.database.passwordKey) -}}
{{- $own := dict
  "protocol" $values.protocol
  "database" $database
  "dispatch" (dict "slots" (int64 $computed.slots) "processors" (int64 $computed.computing) "memory" (printf "%dMiB" (int64 $computed.guestsMiB)))
  "http" (dict "host" "0.0.0.0" "port" (int64 $values.service.port))
  "engine" (dict "compile-cache" "/var/cache/wasm-broker/compiled")
  "registry" (dict "store" "/var/cache/wasm-broker/modules")
  "policy" dict "rollout" dict "secrets" dict "egress" dict "tasker" dict -}}
{{- if include "wasm-broker.records" . -}}
{{- $_ := set $own "record" (dict "directory" "/var/lib/wasm-broker/recordings") -}}
{{- end -}}
{{- if include "wasm-broker.hasPolicy" . -}}
{{- $_ := set $own.policy "file" (printf "/etc/wasm-broker/policy/%s" (include "wasm-broker.policyKey" .)) -}}
{{- end -}}
{{- if or $values.rollout.content $values.rollout.existingConfigMap -}}
{{- $_ := set $own.rollout "file" (printf "/etc/wasm-broker/rollout/%s" (ternary $values.rollout.key "rollout.yaml" (ne $values.rollout.existingConfigMap ""))) -}}
{{- end -}}
{{- if or $values.approvals.content $values.approvals.existingConfigMap -}}
{{- $_ := set $own.registry "approvals" (printf "/etc/wasm-broker/approvals/%s" (ternary $values.approvals.key "approvals.yaml" (ne $values.approvals.existingConfigMap ""))) -}}
{{- end -}}
{{- if include "wasm-broker.hasHandlers" . -}}
{{- $_ := set $own.registry "directory" "/etc/wasm-broker/handlers" -}}
{{- end -}}
{{- if $values.registry.authSecret -}}
{{- $_ := set $own.registry "oci-auth-file" "/run/secrets/wasm-broker-registry/.dockerconfigjson" -}}
{{- end -}}
{{- if include "wasm-broker.hasCa" $values.registry.ca -}}
{{- $_ := set $own.registry "oci-extra-ca" (printf "/etc/wasm-broker/registry-ca/%s" $values.registry.ca.key) -}}
{{- end -}}
{{- if include "wasm-broker.hasCa" $values.egress.ca -}}
{{- $_ := set $own.egress "extra-ca" (printf "/etc/wasm-broker/egress-ca/%s" $values.egress.ca.key) -}}
{{- end -}}
{{- if $values.secrets.existingSecrets -}}
{{- $_ := set $own.secrets "directory" "/run/secrets/wasm-broker" -}}
{{- end -}}
{{- if eq $values.protocol "tasker" -}}
{{- if $values.tasker.templatesConfigMap -}}
{{- $_ := set $own.tasker "templates" "/etc/wasm-broker/templates" -}}
{{- end -}}
{{- with $values.tasker.queueDatabase -}}
{{- if .url -}}
{{- $queues := include "wasm-broker.databaseSettings" (dict "key" "tasker.queueDatabase" "value" .) | fromJson -}}
{{- $_ := set $queues "password-file" (printf "/run/secrets/wasm-broker-queue-database/%s" .passwordKey) -}}
{{- $_ := set $own.tasker "queue-database" $queues -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $config := mergeOverwrite (deepCopy $values.config) $own -}}
{{- range $key, $section := $config -}}
{{- if and (kindIs "map" $section) (not $section) -}}{{- $_ := unset $config $key -}}{{- end -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* `url` and `user` of a database: the address must not hold a password, since it goes into a ConfigMap. */}}
{{- define "wasm-broker.databaseSettings" -}}
{{- $address := include "wasm-broker.database" . | fromJson -}}
{{- $settings := dict "url" .value.url -}}
{{- if and .value.ca (include "wasm-broker.hasCa" .value.ca) -}}
{{- $parameters := list -}}
{{- if not $address.sslmode -}}{{- $parameters = append $parameters "sslmode=verify-full" -}}{{- end -}}
{{- if not (regexMatch "[?&]sslrootcert=" .value.url) -}}
{{- $parameters = append $parameters (printf "sslrootcert=/etc/wasm-broker/database-ca/%s" .value.ca.key) -}}
{{- end -}}
{{- if $parameters -}}
{{- $_ := set $settings "url" (printf "%s%s%s" .value.url (ternary "&" "?" (contains "?" .value.url)) (join "&" $parameters)) -}}
{{- end -}}
{{- end -}}
{{- if .value.user -}}{{- $_ := set $settings "user" .value.user -}}{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{/* The parts of an address, as JSON: `hosts`, each with `host` and `port`; `name`, `user`, `sslmode`. */}}
{{- define "wasm-broker.database" -}}
{{- $url := .value.url -}}
{{- if not (regexMatch "^(jdbc:)?postgres(ql)?://([^/?@]*@)?[^/?@]+/[^/?]+([?].*)?$" $url) -}}
{{- fail (printf "%s.url: must be an address such as jdbc:postgresql://db.example.org:5432/steps or postgresql://user@db.example.org:5432/steps" .key) -}}
{{- end -}}
{{- if or (regexMatch "^(jdbc:)?postgres(ql)?://[^/?@]*:[^/?@]*@" $url) (regexMatch "(?i)[?&]password=" $url) -}}
{{- fail (printf "%s.url: must not hold a password, since it is stored in a ConfigMap; put the password into the Secret %s.existingSecret" .key .key) -}}
{{- end -}}
{{- $rest := regexReplaceAll "^(jdbc:)?postgres(ql)?://" $url "" -}}
{{- $user := "" -}}
{{- if regexMatch "^[^/?@]*@" $rest -}}
{{- if hasPrefix "jdbc:" $url -}}
{{- fail (printf "%s.url: a JDBC address has no user before the host; use %s.user" .key .key) -}}
{{- end -}}
{{- $user = trimSuffix "@" (regexFind "^[^/?@]*@" $rest) -}}
{{- $rest = regexReplaceAll "^[^/?@]*@" $rest "" -}}
{{- else -}}
{{- $user = regexReplaceAll "^[?&]user=" (regexFind "[?&]user=[^&]*" $url) "" -}}
{{- end -}}
{{- $hosts := list -}}
{{- range splitList "," (regexFind "^[^/]+" $rest) -}}
{{- $port := trimPrefix ":" (regexFind ":[0-9]+$" .) -}}
{{- $hosts = append $hosts (dict "host" (regexReplaceAll ":[0-9]+$" . "") "port" (default "5432" $port)) -}}
{{- end -}}
{{- $name := regexFind "^[^/?]+" (regexReplaceAll "^[^/]+/" $rest "") -}}
{{- $sslmode := regexReplaceAll "^[?&]sslmode=" (regexFind "[?&]sslmode=[^&]*" $url) "" -}}
{{- dict "hosts" $hosts "name" $name "user" (default $user .value.user) "sslmode" $sslmode | toJson -}}
{{- end -}}

{{/* Settings that the chart makes from other values are refused in `config`, with the value to use. */}}
{{- define "wasm-broker.refuseOwned" -}}
{{- $config := .Values.config -}}
{{- range $key, $instead := dict
  "protocol" "protocol"
  "database.url" "database.url"
  "database.user" "database.user"
  "database.password" "database.existingSecret"
  "database.password-file" "database.existingSecret"
  "http.host" "service.port, since a pod has to listen on every address"
  "http.port" "service.port"
  "policy.file" "policy.content or policy.existingConfigMap"
  "rollout.file" "rollout.content or rollout.existingConfigMap"
  "registry.directory" "handlers"
  "registry.approvals" "approvals.content or approvals.existingConfigMap"
  "registry.store" "cache, where it is kept"
  "registry.oci-auth-file" "registry.authSecret"
  "registry.oci-extra-ca" "registry.ca"
  "egress.extra-ca" "egress.ca"
  "engine.compile-cache" "cache, where it is kept"
  "secrets.directory" "secrets.existingSecrets"
  "record.directory" "recordings.existingClaim"
  "tasker.templates" "tasker.templatesConfigMap"
  "tasker.queue-database.url" "tasker.queueDatabase.url"
  "tasker.queue-database.user" "tasker.queueDatabase.user"
  "tasker.queue-database.password" "tasker.queueDatabase.existingSecret"
  "tasker.queue-database.password-file" "tasker.queueDatabase.existingSecret"
-}}
{{- $at := $config -}}
{{- range splitList "." $key -}}
{{- $at = ternary (get (ternary $at dict (kindIs "map" $at)) .) nil (kindIs "map" $at) -}}
{{- end -}}
{{- if not (kindIs "invalid" $at) -}}
{{- if ne (toString $at) "" -}}
{{- fail (printf "config.%s: the chart sets it; use the value %s" $key $instead) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "wasm-broker.hasPolicy" -}}
{{- if or .Values.policy.content .Values.policy.existingConfigMap -}}true{{- end -}}
{{- end -}}

{{- define "wasm-broker.policyKey" -}}
{{- ternary .Values.policy.key "policy.yaml" (ne .Values.policy.existingConfigMap "") -}}
{{- end -}}

{{/* Whether steps are recorded, so that there has to be a directory for it. */}}
{{- define "wasm-broker.records" -}}
{{- $handlers := dig "record" "handlers" "none" .Values.config -}}
{{- if not (has $handlers (list "" "none" (list) (list "none"))) -}}true{{- end -}}
{{- end -}}

{{- define "wasm-broker.hasHandlers" -}}
{{- with .Values.handlers -}}
{{- if or .configMaps .existingClaim .image -}}true{{- end -}}
{{- end -}}
{{- end -}}

{{- define "wasm-broker.hasCa" -}}
{{- if or .existingSecret .existingConfigMap -}}true{{- end -}}
{{- end -}}

{{/* The queues from which steps are claimed, as JSON. A list may be written as text with commas. */}}
{{- define "wasm-broker.queues" -}}
{{- $queues := list -}}
{{- $config := .Values.config -}}
{{- if eq .Values.protocol "tasker" -}}
{{- $namespaces := dig "tasker" "namespaces" "catalog" $config -}}
{{- if kindIs "string" $namespaces -}}{{- $namespaces = splitList "," $namespaces -}}{{- end -}}
{{- range $namespaces -}}{{- $queues = append $queues (printf "worker_%s_queue" (trim .)) -}}{{- end -}}
{{- $more := dig "tasker" "queues" "" $config -}}
{{- if kindIs "string" $more -}}{{- $more = splitList "," $more | compact -}}{{- end -}}
{{- range $more -}}{{- $queues = append $queues (trim .) -}}{{- end -}}
{{- else -}}
{{- $queues = append $queues (dig "queue" "name" "catalog_queue" $config) -}}
{{- end -}}
{{- range $queues -}}
{{- if not (regexMatch "^[a-z_][a-z0-9_]{0,46}$" .) -}}
{{- fail (printf "config: '%s' is no name of a queue" .) -}}
{{- end -}}
{{- end -}}
{{- toJson $queues -}}
{{- end -}}

{{/* Values that are each right, and wrong together. */}}
{{- define "wasm-broker.check" -}}
{{- $values := .Values -}}
{{- range $name := list "policy" "rollout" "approvals" -}}
{{- $section := get $values $name -}}
{{- if and $section.content $section.existingConfigMap -}}
{{- fail (printf "%s: content and existingConfigMap exclude each other" $name) -}}
{{- end -}}
{{- end -}}
{{- range $name, $ca := dict "database" $values.database.ca "registry" $values.registry.ca "egress" $values.egress.ca -}}
{{- if and $ca.existingSecret $ca.existingConfigMap -}}
{{- fail (printf "%s.ca: existingSecret and existingConfigMap exclude each other" $name) -}}
{{- end -}}
{{- end -}}
{{- with $values.handlers -}}
{{- if gt (len (compact (list .existingClaim .image (ternary "configMaps" "" (gt (len .configMaps) 0))))) 1 -}}
{{- fail "handlers: configMaps, existingClaim and image exclude each other, since there is one directory of modules" -}}
{{- end -}}
{{- end -}}
{{- if and $values.autoscaling.keda.enabled $values.autoscaling.hpa.enabled -}}
{{- fail "autoscaling: keda and hpa exclude each other, since KEDA makes a HorizontalPodAutoscaler of its own: two of them would undo each other's decisions" -}}
{{- end -}}
{{- if gt (int64 $values.autoscaling.minReplicas) (int64 $values.autoscaling.maxReplicas) -}}
{{- fail "autoscaling.minReplicas: must be at most autoscaling.maxReplicas" -}}
{{- end -}}
{{- if and $values.monitoring.serviceMonitor.enabled $values.monitoring.podMonitor.enabled -}}
{{- fail "monitoring: serviceMonitor and podMonitor exclude each other, since every broker would be scraped twice" -}}
{{- end -}}
{{- if and (eq $values.protocol "standalone") $values.tasker.queueDatabase.url -}}
{{- fail "tasker.queueDatabase.url: only with protocol: tasker" -}}
{{- end -}}
{{- if and $values.tasker.queueDatabase.url (not $values.tasker.queueDatabase.existingSecret) -}}
{{- fail "tasker.queueDatabase.existingSecret: is needed, with the password of that database" -}}
{{- end -}}
{{- if and $values.database.user $values.database.userKey -}}
{{- fail "database: user and userKey exclude each other" -}}
{{- end -}}
{{- range $values.extraVolumeMounts -}}
{{- if or (hasKey . "subPath") (hasKey . "subPathExpr") -}}
{{- fail (printf "extraVolumeMounts: %s must not use subPath, since the files of such a mount never change; mount the directory" .name) -}}
{{- end -}}
{{- end -}}
{{- range $values.extraEnv -}}
{{- if and (hasPrefix "WASM_BROKER_" .name) (not (hasPrefix "WASM_BROKER_SECRET_" .name)) (not (has .name (list "WASM_BROKER_EGRESS_PROXY" "WASM_BROKER_REGISTRY_OCI_PROXY"))) -}}
{{- fail (printf "extraEnv: %s would override what the chart computes; use config" .name) -}}
{{- end -}}
{{- if and $values.tracing.endpoint (has .name (list "POD_NAME" "OTEL_SERVICE_NAME" "OTEL_RESOURCE_ATTRIBUTES" "OTEL_TRACES_EXPORTER" "OTEL_EXPORTER_OTLP_ENDPOINT" "OTEL_EXPORTER_OTLP_PROTOCOL" "OTEL_TRACES_SAMPLER" "OTEL_TRACES_SAMPLER_ARG")) -}}
{{- fail (printf "extraEnv: %s is set by tracing; leave tracing.endpoint empty to set all of them yourself" .name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
