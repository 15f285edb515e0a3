"""What guests call, what they were refused, and which secrets they used."""

from library import HANDLER, RATE, Panel, Query, Row, build, gauge, latency, rate

SENT = f"sum({rate('wasm_broker_http_requests_total', selector=HANDLER)})"
REFUSED = f"sum({rate('wasm_broker_http_refused_total', selector=HANDLER)})"

CALLS = Row(
    "What do guests call?",
    [
        Panel(1, "Requests by handler", "Requests that were sent.", "reqps",
              [Query(f"sum by (handler) ({rate('wasm_broker_http_requests_total', selector=HANDLER)})", "{{handler}}")]),
        Panel(2, "Requests by outcome", "The class of the response's status, or the error type if there was none.", "reqps",
              [Query(f"sum by (outcome) ({rate('wasm_broker_http_requests_total', selector=HANDLER)})", "{{outcome}}")], stacked=True),
        latency(3, "Duration by rule of the policy", "From a guest's request to the end of the response. A rule is named by its place in the policy file.",
                "wasm_broker_http_request_seconds", "rule"),
        Panel(4, "Bytes", "Sent in requests; received in responses, after decompression.", "Bps",
              [Query(f"sum({rate('wasm_broker_http_sent_bytes_total', selector=HANDLER)})", "sent"),
               Query(f"sum({rate('wasm_broker_http_received_bytes_total', selector=HANDLER)})", "received")]),
        Panel(7, "Allowed by rules in mode audit only", "Requests that would be refused without a rule in mode audit. Before that rule goes, they need one of their own.", "reqps",
              [Query(f"sum by (handler, rule) ({rate('wasm_broker_http_audited_total', selector=HANDLER)})", "{{handler}} {{rule}}")]),
        Panel(14, "Requests by rule", "Which rule of the policy grants what is sent.", "reqps",
              [Query(f"sum by (rule) ({rate('wasm_broker_http_requests_total', selector=HANDLER)})", "{{rule}}")]),
    ],
)

REFUSALS = Row(
    "What were they refused?",
    [
        Panel(5, "Refusals by reason", "Requests without a response, by the error that the guest saw and the reason: docs/egress.md. Alert: WasmBrokerRefusalsSurging.", "reqps",
              [Query(f"sum by (error, reason) ({rate('wasm_broker_http_refused_total', selector=HANDLER)})", "{{error}}: {{reason}}")]),
        Panel(6, "Refusals by handler", "The same by handler.", "reqps",
              [Query(f"sum by (handler) ({rate('wasm_broker_http_refused_total', selector=HANDLER)})", "{{handler}}")]),
        Panel(8, "Share without a response", "Of all requests that guests made.", "percentunit",
              [Query(f"{REFUSED} / ({SENT} + {REFUSED} > 0)", "without a response")], most=1),
    ],
)

SECRETS = Row(
    "Which secrets were used?",
    [
        Panel(9, "Uses by answer", "read: the guest read the value; fill: the broker filled it into a request; leak: it was found in an output, which was dropped.", "cps",
              [Query(f"sum by (use, answer) ({rate('wasm_broker_secrets_used_total', selector=HANDLER)})", "{{use}} {{answer}}")], width=12),
        Panel(10, "Secrets not given", "The logger audit has each with handler, step and name. Alert: WasmBrokerSecretsRefused.", "cps",
              [Query(f'sum by (handler, answer) (rate(wasm_broker_secrets_used_total{{{HANDLER},answer!="allowed"}}[{RATE}]))', "{{handler}} {{answer}}")], width=12),
    ],
)

POLICY = Row(
    "Which policy is in force?",
    [
        Panel(11, "Rules", "Rules of the policy in force; 0 without one. Brokers with other numbers have not read the same file.", "none",
              [Query(gauge("wasm_broker_policy_rules"), "{{instance}}")]),
        Panel(12, "Loads", "Changes of the policy file, by what became of them.", "cps",
              [Query(f"sum by (instance, outcome) ({rate('wasm_broker_policy_loads_total')})", "{{instance}} {{outcome}}")]),
        Panel(13, "Unusable file", "1 while the policy file is unusable and the previous policy stays in force. Alert: WasmBrokerPolicyBroken.", "none",
              [Query(gauge("wasm_broker_policy_broken"), "{{instance}}")], most=1, steps=[(1, "red")]),
    ],
)


def dashboard():
    return build(
        "wasm-broker-egress",
        "WASM broker: egress and secrets",
        "What guests call, what they were refused, and which secrets they used.",
        [CALLS, REFUSALS, SECRETS, POLICY],
        handlers=True,
    )
