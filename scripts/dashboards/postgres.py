"""Whether the database is quick, and whether it stays so: bloat is what slows Postgres queues down."""

from library import Panel, Query, Row, build, gauge, latency, rate

QUICK = Row(
    "Is the database quick?",
    [
        latency(1, "Claims", "A call that claims steps from a queue.", "wasm_broker_claim_round_trip_seconds", ""),
        latency(2, "Writing outcomes", "A transaction that writes a batch of outcomes.", "wasm_broker_report_round_trip_seconds", ""),
        latency(3, "Extending leases", "A call that extends the leases of waiting and running steps.", "wasm_broker_lease_renewal_seconds", ""),
        Panel(4, "Failures", "Calls that failed. Alerts: WasmBrokerClaimsFailing, WasmBrokerReportsFailing, WasmBrokerLeaseRenewalsFailing, WasmBrokerQueueMetricsFailing.", "cps",
              [Query(f"sum by (instance) ({rate('wasm_broker_claim_failures_total')})", "{{instance}} claims"),
               Query(f"sum by (instance) ({rate('wasm_broker_report_failures_total')})", "{{instance}} outcomes"),
               Query(f"sum by (instance) ({rate('wasm_broker_lease_renewal_failures_total')})", "{{instance}} leases"),
               Query(f"sum by (instance) ({rate('wasm_broker_queue_metrics_failures_total')})", "{{instance}} measurements")]),
        latency(7, "Until an outcome is written", "From the end of a run until its outcome is written, for the oldest of each batch.", "wasm_broker_report_delay_seconds", ""),
        Panel(5, "Steps in one call", "Mean number of steps that a claim returned, and of outcomes in a batch: many under load, which is what makes it cheap.", "none",
              [Query(f"sum({rate('wasm_broker_claim_size_steps_sum')}) / (sum({rate('wasm_broker_claim_size_steps_count')}) > 0)", "claimed"),
               Query(f"sum({rate('wasm_broker_report_size_steps_sum')}) / (sum({rate('wasm_broker_report_size_steps_count')}) > 0)", "written")]),
    ],
)

STAYS = Row(
    "Will it stay quick?",
    [
        Panel(8, "Dead rows by table", "Rows that were deleted or changed and are still there: claims read through them. Alert: WasmBrokerQueueBloat.", "none",
              [Query(f"max by (table) ({gauge('wasm_broker_table_dead_tuples')})", "{{table}}")], steps=[(100000, "red")]),
        Panel(9, "Live rows by table", "By Postgres' statistics.", "none",
              [Query(f"max by (table) ({gauge('wasm_broker_table_live_tuples')})", "{{table}}")]),
        Panel(10, "Size by table", "Tables with their large values, and their indexes.", "bytes",
              [Query(f"max by (table) ({gauge('wasm_broker_table_bytes')})", "{{table}}"),
               Query(f"max by (table) ({gauge('wasm_broker_table_index_bytes')})", "{{table}} indexes")]),
        Panel(14, "Since the last vacuum", "By hand or by autovacuum, as Postgres' statistics say.", "s",
              [Query(f"max by (table) ({gauge('wasm_broker_table_vacuum_age_seconds')})", "{{table}}")]),
        Panel(12, "Oldest transaction", "While it is open, vacuum removes no row that was deleted since. Needs pg_read_all_stats. Alert: WasmBrokerOldTransaction.", "s",
              [Query(f"max by (job) ({gauge('wasm_broker_database_oldest_transaction_seconds')})", "{{job}}")], steps=[(600, "red")]),
        Panel(13, "How far vacuum is held back", "How many transactions have begun since the oldest one that is open. Alert: WasmBrokerVacuumHeldBack.", "none",
              [Query(f"max by (job) ({gauge('wasm_broker_database_xmin_age_transactions')})", "{{job}}")], steps=[(1000000, "red")]),
        Panel(11, "Archived messages", "By Postgres' statistics; nothing removes them but a retention of yours. Alert: WasmBrokerArchiveLarge.", "none",
              [Query(f"max by (queue) ({gauge('wasm_broker_queue_archived')})", "{{queue}}")]),
        Panel(6, "Messages in queues", "All of them, ready or not.", "none",
              [Query(f"max by (queue) ({gauge('wasm_broker_queue_depth')})", "{{queue}}")]),
        Panel(15, "Connections", "The pool of each broker, and the threads that wait for a connection. Alert: WasmBrokerConnectionsExhausted.", "none",
              [Query(gauge("wasm_broker_database_connections"), "{{instance}} {{state}}"),
               Query(gauge("wasm_broker_database_connections_max"), "{{instance}} pool size"),
               Query(gauge("wasm_broker_database_connections_waiting"), "{{instance}} threads that wait")]),
    ],
)


def dashboard():
    return build(
        "wasm-broker-postgres",
        "WASM broker: Postgres",
        "Whether the database is quick, and whether it stays so.",
        [QUICK, STAYS],
    )
