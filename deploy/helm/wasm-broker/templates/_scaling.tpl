{{/* How fast pods come and go, the same for KEDA's autoscaler and for one without it. */}}
{{- define "wasm-broker.behavior" -}}
scaleUp:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleUp.stabilizationSeconds }}
  policies:
    - type: Pods
      value: {{ .Values.autoscaling.scaleUp.pods }}
      periodSeconds: 30
scaleDown:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDown.stabilizationSeconds }}
  policies:
    - type: Percent
      value: {{ .Values.autoscaling.scaleDown.percent }}
      periodSeconds: 60
    # So that a few brokers, of which the share is less than one, end as well.
    - type: Pods
      value: 1
      periodSeconds: 60
{{- end -}}

{{/*
Counts messages of all queues, up to the number at which the largest number of brokers is reached: a queue of a
million messages is not counted to its end every few seconds. A dict with `root`, and `where`, a condition.
*/}}
{{- define "wasm-broker.countMessages" -}}
{{- $scaling := .root.Values.autoscaling -}}
{{- $most := mul $scaling.maxReplicas $scaling.keda.messagesPerReplica -}}
{{- $where := .where -}}
{{- $counts := list -}}
{{- range include "wasm-broker.queues" .root | fromJsonArray -}}
{{- $counts = append $counts (printf "(SELECT count(*) FROM (SELECT 1 FROM pgmq.q_%s%s LIMIT %d) AS messages)" . $where $most) -}}
{{- end -}}
SELECT {{ join " + " $counts }}
{{- end -}}
