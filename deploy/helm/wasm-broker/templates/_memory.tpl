{{/*
What the chart computes about memory and time, as JSON: see docs/kubernetes.md#memory. All sizes are whole MiB.

The sum is that of docs/configuration.md#memory: guests + heap + compilations + everything else. What limits a guest is
the largest of what the configuration says and of what the policy grants, whichever handler a step names.
*/}}
{{- define "wasm-broker.computed" -}}
{{- include "wasm-broker.check" . -}}
{{- $values := .Values -}}
{{- $config := $values.config -}}
{{- $policy := include "wasm-broker.policy" . | fromJson -}}

{{- /* Steps in flight, and how many of their guests compute at once; the others wait. */ -}}
{{- $slots := dig "dispatch" "slots" 64 $config | int64 -}}
{{- $computing := min $slots (dig "dispatch" "processors" 4 $config | int64) -}}
{{- $waiting := sub $slots $computing -}}
{{- $guest := include "wasm-broker.bytes" (dict "key" "config.limits.memory" "value" (dig "limits" "memory" "32MiB" $config)) | int64 -}}
{{- $input := include "wasm-broker.bytes" (dict "key" "config.limits.input" "value" (dig "limits" "input" "16MiB" $config)) | int64 -}}
{{- $output := include "wasm-broker.bytes" (dict "key" "config.limits.output" "value" (dig "limits" "output" "4MiB" $config)) | int64 -}}
{{- $time := include "wasm-broker.millis" (dict "key" "config.limits.time" "value" (dig "limits" "time" "30s" $config)) | int64 -}}
{{- $guestFrom := "config.limits.memory" -}}
{{- range $policy.limits -}}
{{- $key := printf "policy.content: %s" .where -}}
{{- with .limits.memory -}}
{{- $bytes := include "wasm-broker.bytes" (dict "key" (printf "%s.memory" $key) "value" .) | int64 -}}
{{- if gt $bytes $guest -}}{{- $guest = $bytes -}}{{- $guestFrom = $key -}}{{- end -}}
{{- end -}}
{{- with .limits.input -}}
{{- $input = max $input (include "wasm-broker.bytes" (dict "key" (printf "%s.input" $key) "value" .) | int64) -}}
{{- end -}}
{{- with .limits.output -}}
{{- $output = max $output (include "wasm-broker.bytes" (dict "key" (printf "%s.output" $key) "value" .) | int64) -}}
{{- end -}}
{{- with .limits.time -}}
{{- $time = max $time (include "wasm-broker.millis" (dict "key" (printf "%s.time" $key) "value" .) | int64) -}}
{{- end -}}
{{- end -}}
{{- if $values.memory.guest -}}
{{- $given := include "wasm-broker.bytes" (dict "key" "memory.guest" "value" $values.memory.guest) | int64 -}}
{{- if lt $given $guest -}}
{{- fail (printf "memory.guest: must be at least %s MiB, what a guest may use by %s" (include "wasm-broker.mib" $guest) $guestFrom) -}}
{{- end -}}
{{- $guest = $given -}}
{{- $guestFrom = "memory.guest" -}}
{{- else if $values.policy.existingConfigMap -}}
{{- fail (printf "memory.guest: must be set to the memory of the largest class that the policy in the ConfigMap %s grants, such as 128MiB, since the chart cannot read it" $values.policy.existingConfigMap) -}}
{{- end -}}

{{- $guestMiB := include "wasm-broker.mib" $guest | int64 -}}
{{- $waitingMiB := include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "memory.waiting" "value" $values.memory.waiting)) | int64 -}}
{{- $waitingMiB = min $waitingMiB $guestMiB -}}
{{- $guestsMiB := add (mul $computing $guestMiB) (mul $waiting $waitingMiB) -}}
{{- if dig "dispatch" "memory" "" $config -}}
{{- $guestsMiB = include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "config.dispatch.memory" "value" $config.dispatch.memory)) | int64 -}}
{{- if lt $guestsMiB $guestMiB -}}
{{- fail (printf "config.dispatch.memory: must be at least %d MiB, what one guest may use by %s" $guestMiB $guestFrom) -}}
{{- end -}}
{{- end -}}

{{- /* The young generation as ./wasm-broker sizes it, and the heap by the formula of docs/configuration.md. */ -}}
{{- $youngMiB := min 512 (add 32 (mul 16 $computing)) -}}
{{- $firstMiB := add $youngMiB 32 -}}
{{- $backlog := include "wasm-broker.bytes" (dict "key" "config.report.backlog-bytes" "value" (dig "report" "backlog-bytes" "64MiB" $config)) | int64 -}}
{{- $recorded := 0 -}}
{{- $recordingsMiB := 0 -}}
{{- if include "wasm-broker.records" . -}}
{{- $recorded = include "wasm-broker.bytes" (dict "key" "config.record.largest" "value" (dig "record" "largest" "1MiB" $config)) | int64 -}}
{{- if not $values.recordings.existingClaim -}}
{{- $recordingsMiB = add 64 (include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "config.record.keep-size" "value" (dig "record" "keep-size" "256MiB" $config))) | int64) -}}
{{- end -}}
{{- end -}}
{{- $documents := add (mul $computing (add (mul 3 $input) (mul 4 $output))) (mul $slots $recorded) -}}
{{- $heapMiB := add 100 $waiting (include "wasm-broker.mib" (add $documents (mul 3 $backlog)) | int64) -}}
{{- /* Prepared images are in the heap: what the setting says, or what is an eighth of the sum of both. */ -}}
{{- $images := toString (dig "registry" "images-size" "" $config) -}}
{{- if $images -}}
{{- $heapMiB = add $heapMiB (include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "config.registry.images-size" "value" $images)) | int64) -}}
{{- else -}}
{{- $heapMiB = add $heapMiB (min 512 (max 8 (div $heapMiB 7))) -}}
{{- end -}}
{{- /* So are the caches and the files of guests; the defaults are within the first 100 MiB. */ -}}
{{- range $kept := list "cache" "files" -}}
{{- $size := toString (dig $kept "size" "" $config) -}}
{{- if $size -}}
{{- $heapMiB = add $heapMiB (include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" (printf "config.%s.size" $kept) "value" $size)) | int64) -}}
{{- end -}}
{{- end -}}
{{- $heapMiB = max $heapMiB $firstMiB -}}
{{- if $values.memory.heap -}}
{{- $heapMiB = include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "memory.heap" "value" $values.memory.heap)) | int64 -}}
{{- if lt $heapMiB $firstMiB -}}
{{- fail (printf "memory.heap: must be at least %d MiB, with which the heap of a broker begins that computes for %d steps at once" $firstMiB $computing) -}}
{{- end -}}
{{- end -}}

{{- $compilations := dig "engine" "compile-concurrency" 2 $config | int64 -}}
{{- $compilation := include "wasm-broker.bytes" (dict "key" "config.engine.compile-memory" "value" (dig "engine" "compile-memory" "1GiB" $config)) | int64 -}}
{{- $compiler := include "wasm-broker.bytes" (dict "key" "memory.compiler" "value" $values.memory.compiler) | int64 -}}
{{- $compileMiB := mul $compilations (include "wasm-broker.mib" (add $compilation $compiler) | int64) -}}

{{- /* A slot's thread has the guest's stack and 1 MiB. */ -}}
{{- $stack := include "wasm-broker.bytes" (dict "key" "config.engine.stack" "value" (dig "engine" "stack" "512KiB" $config)) | int64 -}}
{{- $stacksMiB := include "wasm-broker.mib" (mul $slots (add $stack 1048576)) | int64 -}}
{{- $reserveMiB := include "wasm-broker.mib" (include "wasm-broker.bytes" (dict "key" "memory.reserve" "value" $values.memory.reserve)) | int64 -}}

{{- $cached := include "wasm-broker.bytes" (dict "key" "config.engine.compile-cache-size" "value" (dig "engine" "compile-cache-size" "1GiB" $config)) | int64 -}}
{{- $stored := include "wasm-broker.bytes" (dict "key" "config.registry.store-size" "value" (dig "registry" "store-size" "1GiB" $config)) | int64 -}}
{{- $cacheMiB := add 64 (include "wasm-broker.mib" (add $cached $stored) | int64) -}}
{{- if $values.cache.size -}}
{{- $cacheMiB = include "wasm-broker.mib" (include "wasm-broker.kubernetesBytes" (dict "key" "cache.size" "value" $values.cache.size)) | int64 -}}
{{- end -}}
{{- $cacheInMemoryMiB := ternary $cacheMiB 0 (eq $values.cache.medium "Memory") | int64 -}}

{{- $sumMiB := add $guestsMiB $heapMiB $compileMiB $stacksMiB $reserveMiB $cacheInMemoryMiB -}}
{{- $limit := printf "%dMi" $sumMiB -}}
{{- if $values.resources.limits.memory -}}
{{- $limit = include "wasm-broker.scalar" $values.resources.limits.memory -}}
{{- $given := include "wasm-broker.kubernetesBytes" (dict "key" "resources.limits.memory" "value" $limit) | int64 -}}
{{- if lt $given (mul $sumMiB 1048576) -}}
{{- fail (printf "resources.limits.memory: must be at least %dMi, was %s: guests %d + heap %d + compilations %d + stacks %d + cache %d + reserve %d MiB; lower config.dispatch.slots, config.dispatch.processors, memory.guest or memory.heap, or leave it empty" $sumMiB $limit $guestsMiB $heapMiB $compileMiB $stacksMiB $cacheInMemoryMiB $reserveMiB) -}}
{{- end -}}
{{- end -}}
{{- $request := default $limit (include "wasm-broker.scalar" $values.resources.requests.memory) -}}
{{- if gt (include "wasm-broker.kubernetesBytes" (dict "key" "resources.requests.memory" "value" $request) | int64) (include "wasm-broker.kubernetesBytes" (dict "key" "resources.limits.memory" "value" $limit) | int64) -}}
{{- fail (printf "resources.requests.memory: must be at most the limit, %s; was %s" $limit $request) -}}
{{- end -}}

{{- $grace := include "wasm-broker.millis" (dict "key" "config.dispatch.drain-grace" "value" (dig "dispatch" "drain-grace" "30s" $config)) | int64 -}}
{{- $graceSeconds := div (add $grace 999) 1000 -}}
{{- dict
  "slots" $slots
  "computing" $computing
  "waiting" $waiting
  "waitingMiB" $waitingMiB
  "guestMiB" $guestMiB
  "guestFrom" $guestFrom
  "guestsMiB" $guestsMiB
  "youngMiB" $youngMiB
  "firstMiB" $firstMiB
  "heapMiB" $heapMiB
  "compileMiB" $compileMiB
  "stacksMiB" $stacksMiB
  "reserveMiB" $reserveMiB
  "cacheMiB" $cacheMiB
  "cacheInMemoryMiB" $cacheInMemoryMiB
  "recordingsMiB" $recordingsMiB
  "storageMiB" (add 64 $recordingsMiB (sub $cacheMiB $cacheInMemoryMiB))
  "sumMiB" $sumMiB
  "limit" $limit
  "request" $request
  "graceSeconds" $graceSeconds
  "terminationSeconds" (add $graceSeconds (int64 $values.drain.marginSeconds))
  "longestStepSeconds" (div (add $time 999) 1000)
  | toJson -}}
{{- end -}}
