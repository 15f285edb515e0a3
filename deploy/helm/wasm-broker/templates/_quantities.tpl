{{/*
Numbers with units. Each takes a dict with `value` and `key`, the value's name in an error, and gives a whole number
as text: templates have no other way to give one.
*/}}

{{/* A scalar as it was written: numbers of YAML files are floats here, and would print as 3.3e+07. */}}
{{- define "wasm-broker.scalar" -}}
{{- if kindIs "float64" . -}}{{- int64 . -}}{{- else -}}{{- . -}}{{- end -}}
{{- end -}}

{{/* Bytes of a size of the broker, such as 32MiB. */}}
{{- define "wasm-broker.bytes" -}}
{{- $text := include "wasm-broker.scalar" .value -}}
{{- if not (regexMatch "^[0-9]{1,15}(B|KiB|MiB|GiB)?$" $text) -}}
{{- fail (printf "%s: must be bytes, or a number with KiB, MiB or GiB, such as 32MiB; was '%s'" .key $text) -}}
{{- end -}}
{{- $number := regexReplaceAll "^0+([0-9])" (regexFind "^[0-9]+" $text) "${1}" | int64 -}}
{{- $units := dict "" 1 "B" 1 "KiB" 1024 "MiB" 1048576 "GiB" 1073741824 -}}
{{- mul $number (get $units (regexFind "[A-Za-z]+$" $text)) -}}
{{- end -}}

{{/* Bytes of a quantity of Kubernetes, such as 2Gi. */}}
{{- define "wasm-broker.kubernetesBytes" -}}
{{- $text := include "wasm-broker.scalar" .value -}}
{{- if not (regexMatch "^[0-9]{1,15}(k|M|G|T|Ki|Mi|Gi|Ti)?$" $text) -}}
{{- fail (printf "%s: must be a whole number of bytes, or one with Ki, Mi or Gi, such as 2Gi; was '%s'" .key $text) -}}
{{- end -}}
{{- $number := regexReplaceAll "^0+([0-9])" (regexFind "^[0-9]+" $text) "${1}" | int64 -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mul $number (get $units (regexFind "[A-Za-z]+$" $text)) -}}
{{- end -}}

{{/* Milliseconds of a duration of the broker, such as 30s or PT5M, rounded up. */}}
{{- define "wasm-broker.millis" -}}
{{- $text := include "wasm-broker.scalar" .value -}}
{{- if regexMatch "^[0-9]{1,9}(us|ms|s|m|h|d)$" $text -}}
{{- $number := regexReplaceAll "^0+([0-9])" (regexFind "^[0-9]+" $text) "${1}" | int64 -}}
{{- $unit := regexFind "[a-z]+$" $text -}}
{{- if eq $unit "us" -}}
{{- div (add $number 999) 1000 -}}
{{- else -}}
{{- mul $number (get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000 "d" 86400000) $unit) -}}
{{- end -}}
{{- else if regexMatch "^P([0-9]{1,5}D)?(T([0-9]{1,6}H)?([0-9]{1,7}M)?([0-9]{1,9}S)?)?$" $text -}}
{{- $millis := 0 -}}
{{- range $unit, $factor := dict "D" 86400000 "H" 3600000 "M" 60000 "S" 1000 -}}
{{- $part := regexFind (printf "[0-9]+%s" $unit) $text -}}
{{- if $part -}}
{{- $number := regexReplaceAll "^0+([0-9])" (trimSuffix $unit $part) "${1}" | int64 -}}
{{- $millis = add $millis (mul $number $factor) -}}
{{- end -}}
{{- end -}}
{{- $millis -}}
{{- else -}}
{{- fail (printf "%s: must be a number with us, ms, s, m, h or d, such as 30s, or a whole ISO-8601 duration such as PT5M; was '%s'" .key $text) -}}
{{- end -}}
{{- end -}}

{{/* Bytes as whole MiB, rounded up. */}}
{{- define "wasm-broker.mib" -}}
{{- div (add (int64 .) 1048575) 1048576 -}}
{{- end -}}
