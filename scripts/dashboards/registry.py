"""Which version of a handler runs, how candidates do, and whether modules arrive."""

from library import HANDLER, RATE, Panel, Query, Row, build, gauge, quantile, rate

RUNS = f"sum by (handler, release) ({rate('wasm_broker_rollout_runs_total', selector=HANDLER)})"
BAD_RUNS = f'sum by (handler, release) (rate(wasm_broker_rollout_runs_total{{{HANDLER},end!="good"}}[{RATE}]))'

VERSIONS = Row(
    "Which versions run?",
    [
        Panel(2, "Steps by version", "Runs that ended, by the version that ran.", "cps",
              [Query(f"sum by (handler, version) (rate(wasm_broker_module_steps_total{{{HANDLER}}}[{RATE}])) > 0", "{{handler}} {{version}}")], width=12, stacked=True),
        Panel(3, "Failures by version", "Runs that did not complete, by version: compare a candidate with what it replaces.", "cps",
              [Query(f'sum by (handler, version) (rate(wasm_broker_module_steps_total{{{HANDLER},outcome!="completed"}}[{RATE}]))', "{{handler}} {{version}}")], width=12),
        Panel(1, "Modules", "Versions that are loaded, and by how many brokers.", "none",
              [Query(f"count by (handler, version, digest) ({gauge('wasm_broker_module_info', selector=HANDLER)})", "brokers")], "table", 24, 8),
    ],
)

ROLLOUTS = Row(
    "How do candidates do?",
    [
        Panel(4, "Share of the candidate", "Of a handler's steps; 0 after a rollback.", "percent",
              [Query(f"max by (handler) ({gauge('wasm_broker_rollout_weight_percent', selector=HANDLER)})", "{{handler}}")], most=100),
        Panel(5, "Runs of candidate and stable", "By how they ended. Only traps, limits and permanent failures count against a candidate.", "cps",
              [Query(f"sum by (handler, release, end) ({rate('wasm_broker_rollout_runs_total', selector=HANDLER)})", "{{handler}} {{release}}: {{end}}")]),
        Panel(6, "Bad share", "Runs that count against a version, of all of it. A candidate that is much worse than its stable version is rolled back.", "percentunit",
              [Query(f"{BAD_RUNS} / ({RUNS} > 0)", "{{handler}} {{release}}")], most=1),
        Panel(7, "Rollbacks", "Candidates that a broker stopped to route to.", "none",
              [Query(f"sum by (handler) (increase(wasm_broker_rollout_rollbacks_total{{{HANDLER}}}[{RATE}]))", "{{handler}}")]),
        Panel(8, "Rolled back", "1 while a candidate is rolled back: until somebody resets it. Alert: WasmBrokerRolledBack.", "none",
              [Query(f"max by (handler) ({gauge('wasm_broker_rollout_rolled_back', selector=HANDLER)})", "{{handler}}")], most=1, steps=[(1, "red")]),
        Panel(9, "Rollout file", "broken: the file is unusable, and the previous one in force. shared: rollbacks are shared with the other brokers. Alerts: WasmBrokerRolloutFileBroken, WasmBrokerRollbacksNotShared.", "none",
              [Query(gauge("wasm_broker_rollout_broken"), "{{instance}} broken"),
               Query(gauge("wasm_broker_rollout_shared"), "{{instance}} shared"),
               Query(f"sum by (instance, outcome) ({rate('wasm_broker_rollout_loads_total')})", "{{instance}} {{outcome}} per second")]),
    ],
)

SUPPLY = Row(
    "Do modules arrive, and may they run?",
    [
        Panel(10, "Refused modules", "Modules that cannot be used, by reason; the log says which. Alert: WasmBrokerModuleRefused.", "cps",
              [Query(f"sum by (reason) ({rate('wasm_broker_modules_refused_total')})", "{{reason}}")]),
        Panel(11, "Sources that fail", "Listings of a source of modules that failed; what it had is still served. Alert: WasmBrokerModuleSourceFailing.", "cps",
              [Query(rate("wasm_broker_module_source_failures_total"), "{{instance}}")]),
        Panel(12, "Releases that changed", "Releases whose content changed under the same version. Alert: WasmBrokerModuleChanged.", "cps",
              [Query(rate("wasm_broker_modules_changed_total"), "{{instance}}")]),
        Panel(13, "Time to a ready module", "Loading a module, from the compile cache or by compiling it; and compiling alone.", "s",
              [Query(quantile("0.99", "wasm_broker_module_load_seconds"), "load, 99 %"),
               Query(quantile("0.99", "wasm_broker_module_compile_seconds"), "compile, 99 %")]),
        Panel(14, "Compilations that failed", "By what the compilation exceeded; crash: it ended its process. Alert: WasmBrokerCompileFailures.", "cps",
              [Query(f"sum by (reason) ({rate('wasm_broker_module_compile_failures_total')})", "{{reason}}")]),
        Panel(15, "Approvals", "Approvals in force, and 1 while their file is unusable. Alert: WasmBrokerApprovalsBroken.", "none",
              [Query(gauge("wasm_broker_approvals"), "{{instance}} in force"),
               Query(gauge("wasm_broker_approvals_broken"), "{{instance}} broken")]),
        Panel(16, "Keys of signatures", "Time until a key of the policy is not accepted any more. Alert: WasmBrokerSignatureKeyExpiring.", "s",
              [Query(f"min by (key) ({gauge('wasm_broker_signature_key_remaining_seconds')})", "{{key}}")], least=None, steps=[(14 * 86400, "transparent")]),
    ],
)


def dashboard():
    return build(
        "wasm-broker-registry",
        "WASM broker: registry and rollouts",
        "Which version of a handler runs, how candidates do, and whether modules arrive.",
        [VERSIONS, ROLLOUTS, SUPPLY],
        handlers=True,
    )
