"""Brokers that are workers of Tasker.

Tasker's own series have a label `namespace`, which a scrape in Kubernetes renames to `exported_namespace`; so what they
also tell is taken from the broker's series, and the filter by namespace means the same everywhere.
"""

from library import TARGET, Panel, Query, Row, build, gauge, quantile, rate

QUEUES = 'queue=~"worker_.+_queue"'
WORKERS = "on (job, instance) group_left () max by (job, instance) (tasker_worker_info)"

ACTIVE = 'state="active"'

WORK = Row(
    "Do the steps of Tasker flow?",
    [
        Panel(6, "Steps by outcome", "Runs that ended on Tasker's workers.", "cps",
              [Query(f"sum by (outcome) ({rate('wasm_broker_steps_total')} * {WORKERS})", "{{outcome}}")], stacked=True),
        Panel(2, "Messages by queue", "Ready, in flight and delayed messages of the namespaces' queues.", "none",
              [Query(f"max by (queue) ({gauge('wasm_broker_queue_visible', QUEUES)})", "{{queue}} ready"),
               Query(f"max by (queue) ({gauge('wasm_broker_queue_in_flight', QUEUES)})", "{{queue}} in flight")]),
        Panel(3, "Longest wait by queue", "How long the longest ready message has been ready. Alert: WasmBrokerQueueAgeGrowing.", "s",
              [Query(f"max by (queue) ({gauge('wasm_broker_queue_oldest_visible_age_seconds', QUEUES)})", "{{queue}}")], steps=[(300, "red")]),
        Panel(10, "Writing outcomes", "A transaction that writes outcomes to Tasker's tables.", "s",
              [Query(quantile("0.99", "wasm_broker_report_round_trip_seconds", "instance"), "{{instance}} 99 %", True)]),
        Panel(4, "Fill of the report backlog", "As Tasker shows it: 0 normal, 1 at least 80 % full, 2 full.", "none",
              [Query(f"tasker_worker_channel_health{{{TARGET.split(',', 1)[1]}}}", "{{instance}}")], most=2, steps=[(1, "yellow"), (2, "red")]),
        Panel(5, "Database connections", "Pool size that Tasker sees, and connections in use.", "none",
              [Query(f"tasker_worker_db_pool_size{{{TARGET.split(',', 1)[1]}}}", "{{instance}} size"),
               Query(f"{gauge('wasm_broker_database_connections', ACTIVE)} * {WORKERS}", "{{instance}} in use")]),
    ],
)

REPAIR = Row(
    "Was something repaired or lost?",
    [
        Panel(7, "Steps of dead workers", "Steps that a worker failed for one that died, so that they are retried. Alert: WasmBrokerStepsRecovered.", "cps",
              [Query(f"sum by (instance) ({rate('wasm_broker_steps_recovered_total')} * {WORKERS})", "{{instance}}")]),
        Panel(8, "Results sent again", "Results whose message to the orchestrator was sent some time after they were written.", "cps",
              [Query(f"sum by (instance) ({rate('wasm_broker_results_resent_total')} * {WORKERS})", "{{instance}}")]),
        Panel(9, "Domain events", "Published, and not published by reason. Alert: WasmBrokerDomainEventsFailing.", "cps",
              [Query(f"sum({rate('wasm_broker_domain_events_total')})", "published"),
               Query(f"sum by (reason) ({rate('wasm_broker_domain_events_failed_total')})", "failed: {{reason}}")]),
        Panel(1, "Workers", "The id is worker_uuid in Tasker's tables.", "none",
              [Query(f"tasker_worker_info{{{TARGET.split(',', 1)[1]}}}", "")], "table", 24, 7, hidden=("__name__", "Value")),
    ],
)


def dashboard():
    return build(
        "wasm-broker-tasker",
        "WASM broker: Tasker",
        "Brokers that are workers of Tasker.",
        [WORK, REPAIR],
    )
