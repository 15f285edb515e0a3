{{/*
Peers of an address that an operator configured, as a list for `to`: a dict with `host`. A NetworkPolicy knows
addresses and labels, but no host names: an address is a peer, the name of a service in the cluster is its namespace,
and any other name is everything.
*/}}
{{- define "wasm-broker.peers" -}}
{{- $host := .host | trimPrefix "[" | trimSuffix "]" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+){3}$" $host -}}
{{- list (dict "ipBlock" (dict "cidr" (printf "%s/32" $host))) | toYaml -}}
{{- else if contains ":" $host -}}
{{- list (dict "ipBlock" (dict "cidr" (printf "%s/128" $host))) | toYaml -}}
{{- else if regexMatch "^[^.]+\\.[^.]+\\.svc(\\..*)?$" $host -}}
{{- $namespace := index (splitList "." $host) 1 -}}
{{- list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" $namespace))) | toYaml -}}
{{- else -}}
{{- include "wasm-broker.anywhere" . -}}
{{- end -}}
{{- end -}}

{{/* Everything but the clouds' metadata, which nobody means by the name of a database or a registry. */}}
{{- define "wasm-broker.anywhere" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except:
      - 168.63.129.16/32
      - 169.254.0.0/16
- ipBlock:
    cidr: ::/0
    except:
      - fd00:ec2::254/128
      - fe80::/10
{{- end -}}

{{/* The public Internet as the broker defines it: what it refuses to guests is excepted here, too. */}}
{{- define "wasm-broker.publicInternet" -}}
- ipBlock:
    cidr: 0.0.0.0/0
    except:
      - 0.0.0.0/8
      - 10.0.0.0/8
      - 100.64.0.0/10
      - 127.0.0.0/8
      - 168.63.129.16/32
      - 169.254.0.0/16
      - 172.16.0.0/12
      - 192.0.0.0/24
      - 192.0.2.0/24
      - 192.88.99.0/24
      - 192.168.0.0/16
      - 198.18.0.0/15
      - 198.51.100.0/24
      - 203.0.113.0/24
      - 224.0.0.0/4
      - 240.0.0.0/4
- ipBlock:
    cidr: 2000::/3
    except:
      - 2001::/23
      - 2001:db8::/32
      - 2002::/16
      - 3fff::/20
{{- end -}}

{{/* `ports` of a rule: a list of numbers as text; empty for all. */}}
{{- define "wasm-broker.tcpPorts" -}}
{{- $ports := list -}}
{{- range . -}}{{- $ports = append $ports (dict "protocol" "TCP" "port" (int64 .)) -}}{{- end -}}
{{- toYaml $ports -}}
{{- end -}}

{{/* Host and port of a URL, as JSON: a dict with `url` and `port`, the default. */}}
{{- define "wasm-broker.hostAndPort" -}}
{{- $authority := regexReplaceAll "[/?].*$" (regexReplaceAll "^[a-z]+://([^@/]*@)?" .url "") "" -}}
{{- $port := trimPrefix ":" (regexFind ":[0-9]+$" $authority) -}}
{{- dict "host" (regexReplaceAll ":[0-9]+$" $authority "") "port" (default .port $port) | toJson -}}
{{- end -}}

{{/* Ports of the registries that modules come from and of their mirrors and proxy, as JSON. */}}
{{- define "wasm-broker.registryPorts" -}}
{{- $registry := default dict .Values.config.registry -}}
{{- $ports := dict -}}
{{- range $key := list "oci" "oci-mirrors" -}}
{{- $entries := default "" (get $registry $key) -}}
{{- if kindIs "string" $entries -}}{{- $entries = splitList "," $entries | compact -}}{{- end -}}
{{- range $entries -}}
{{- $address := regexReplaceAll "^.*=" (trim .) "" -}}
{{- $found := include "wasm-broker.hostAndPort" (dict "url" $address "port" "443") | fromJson -}}
{{- $_ := set $ports $found.port true -}}
{{- end -}}
{{- end -}}
{{- with get $registry "oci-proxy" -}}
{{- $found := include "wasm-broker.hostAndPort" (dict "url" . "port" "3128") | fromJson -}}
{{- $_ := set $ports $found.port true -}}
{{- end -}}
{{- keys $ports | sortAlpha | toJson -}}
{{- end -}}

{{/* Egress of guests' requests by the policy, as rules. With a proxy, requests only go there. */}}
{{- define "wasm-broker.guestEgress" -}}
{{- $proxy := dig "egress" "proxy" "" .Values.config -}}
{{- $policy := include "wasm-broker.policy" . | fromJson -}}
{{- $public := dict -}}
{{- $networks := dict -}}
{{- range $policy.destinations -}}
{{- $port := .port -}}
{{- $cidrs := .networks -}}
{{- $literal := .host | trimPrefix "[" | trimSuffix "]" -}}
{{- if regexMatch "^[0-9]+(\\.[0-9]+){3}$" $literal -}}
{{- $cidrs = list (printf "%s/32" $literal) -}}
{{- else if contains ":" $literal -}}
{{- $cidrs = list (printf "%s/128" $literal) -}}
{{- else -}}
{{- $_ := set $public (default "*" $port) true -}}
{{- end -}}
{{- range $cidrs -}}
{{- $ports := default dict (get $networks .) -}}
{{- $_ := set $ports (default "*" $port) true -}}
{{- $_ := set $networks . $ports -}}
{{- end -}}
{{- end -}}
{{- if and $proxy $policy.destinations -}}
{{- $found := include "wasm-broker.hostAndPort" (dict "url" $proxy "port" "3128") | fromJson }}
- to:
    {{- include "wasm-broker.peers" $found | nindent 4 }}
  ports:
    {{- include "wasm-broker.tcpPorts" (list $found.port) | nindent 4 }}
{{- else -}}
{{- if $public }}
- to:
    {{- include "wasm-broker.publicInternet" . | nindent 4 }}
  {{- if not (hasKey $public "*") }}
  ports:
    {{- include "wasm-broker.tcpPorts" (keys $public | sortAlpha) | nindent 4 }}
  {{- end }}
{{- end }}
{{- range $cidr, $ports := $networks }}
- to:
    - ipBlock:
        cidr: {{ $cidr | quote }}
  {{- if not (hasKey $ports "*") }}
  ports:
    {{- include "wasm-broker.tcpPorts" (keys $ports | sortAlpha) | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}
