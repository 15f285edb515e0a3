{{/*
What the chart has to know of the policy, as JSON: `limits`, the limits that a step may get, each with the place that
says so; and `destinations`, each with `host`, `port` (empty for any) and `networks`. The broker itself checks the file:
the chart reads no more than it needs, and refuses only what it cannot read.
*/}}
{{- define "wasm-broker.policy" -}}
{{- $limits := list -}}
{{- $destinations := list -}}
{{- if .Values.policy.content -}}
{{- $policy := fromYaml .Values.policy.content -}}
{{- if hasKey $policy "Error" -}}
{{- fail (printf "policy.content: cannot be read as YAML: %s" $policy.Error) -}}
{{- end -}}
{{- $defaults := default dict $policy.defaults -}}
{{- $rules := default list $policy.handlers -}}
{{- if not (and (kindIs "map" $defaults) (kindIs "slice" $rules)) -}}
{{- fail "policy.content: defaults must be an object and handlers a list, see docs/policy.md" -}}
{{- end -}}
{{- $classes := dict "text" dict "image" (dict "memory" "128MiB") "media" (dict "memory" "512MiB") -}}
{{- with $policy.classes -}}{{- $classes = . -}}{{- end -}}
{{- $granted := dict (default "text" $defaults.class) "defaults.class" -}}
{{- with $defaults.limits -}}{{- $limits = append $limits (dict "where" "defaults.limits" "limits" .) -}}{{- end -}}
{{- range $index, $rule := $rules -}}
{{- if not (kindIs "map" $rule) -}}
{{- fail (printf "policy.content: handlers.%d must be an object, see docs/policy.md" $index) -}}
{{- end -}}
{{- with $rule.class -}}{{- $_ := set $granted . (printf "handlers.%d.class" $index) -}}{{- end -}}
{{- with $rule.limits -}}{{- $limits = append $limits (dict "where" (printf "handlers.%d.limits" $index) "limits" .) -}}{{- end -}}
{{- range $at, $destination := $rule.http -}}
{{- $where := printf "policy.content: handlers.%d.http.%d" $index $at -}}
{{- $destinations = append $destinations (include "wasm-broker.destination" (dict "where" $where "value" $destination) | fromJson) -}}
{{- end -}}
{{- end -}}
{{- range $name, $where := $granted -}}
{{- if not (hasKey $classes $name) -}}
{{- fail (printf "policy.content: %s: must be one of %s, was '%s'" $where (keys $classes | sortAlpha | join ", ") $name) -}}
{{- end -}}
{{- $limits = append $limits (dict "where" (printf "classes.%s" $name) "limits" (default dict (get $classes $name))) -}}
{{- end -}}
{{- end -}}
{{- dict "limits" $limits "destinations" $destinations | toJson -}}
{{- end -}}

{{/* A destination of a policy, written as text or in parts. */}}
{{- define "wasm-broker.destination" -}}
{{- $value := .value -}}
{{- $networks := list -}}
{{- $scheme := "" -}}
{{- $host := "" -}}
{{- $port := "" -}}
{{- $url := "" -}}
{{- if kindIs "string" $value -}}
{{- $url = regexReplaceAll "^[^ ]* +" $value "" -}}
{{- else -}}
{{- $networks = default list $value.networks -}}
{{- if kindIs "string" $networks -}}{{- $networks = list $networks -}}{{- end -}}
{{- $url = default "" $value.url -}}
{{- $scheme = default "https" $value.scheme -}}
{{- $host = default "" $value.host -}}
{{- with $value.port -}}{{- $port = include "wasm-broker.scalar" . -}}{{- end -}}
{{- end -}}
{{- if $url -}}
{{- if not (regexMatch "^[a-z*]+://(\\[[0-9A-Fa-f:.]+\\]|[^/:\\[\\]]+)(:([0-9]{1,5}|\\*))?(/.*)?$" $url) -}}
{{- fail (printf "%s: must be a destination such as https://api.example.com:8443/v1, was '%s'" .where $url) -}}
{{- end -}}
{{- $scheme = regexFind "^[a-z*]+" $url -}}
{{- $authority := regexFind "^[^/]+" (regexReplaceAll "^[a-z*]+://" $url "") -}}
{{- $port = trimPrefix ":" (regexFind ":([0-9]+|\\*)$" $authority) -}}
{{- $host = regexReplaceAll ":([0-9]+|\\*)$" $authority "" -}}
{{- end -}}
{{- if not $port -}}{{- $port = get (dict "http" "80" "https" "443" "*" "*") $scheme -}}{{- end -}}
{{- dict "host" $host "port" (ternary "" $port (eq $port "*")) "networks" $networks | toJson -}}
{{- end -}}
