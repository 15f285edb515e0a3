"""Whether steps flow, how they end, and what is full: the page to look at first."""

from library import HANDLER, RATE, Panel, Query, Row, build, gauge, latency, rate

SHARE_FAILED = (
    f'sum(rate(wasm_broker_steps_total{{{HANDLER},outcome=~"failed|exhausted"}}[{RATE}]))'
    f" / (sum(rate(wasm_broker_steps_total{{{HANDLER}}}[{RATE}])) > 0)"
)
# Only queues of steps have dead letters; the ages of others say nothing about the flow.
WAIT = f"{gauge('wasm_broker_queue_oldest_visible_age_seconds')} and on (namespace, job, queue) wasm_broker_dead_letters_total"

HEAP = 'area="heap"'

FLOW = Row(
    "Do steps flow?",
    [
        Panel(1, "Brokers", "Brokers that answered the last scrape. Alert: WasmBrokerDown, WasmBrokerAbsent.", "none",
              [Query(f"count({gauge('wasm_broker_build_info')})", "brokers")], "stat", 4, 4, [(0, "red"), (1, "green")]),
        Panel(2, "Steps ended", "Steps whose run ended, whatever the outcome, in all brokers together.", "cps",
              [Query(f"sum({rate('wasm_broker_steps_total', selector=HANDLER)})", "steps")], "stat", 4, 4, decimals=1),
        Panel(3, "Longest wait", "How long the message has been ready that waits longest, over all queues of steps; 0 if none is ready.", "s",
              [Query(f"max({WAIT})", "age")], "stat", 4, 4,
              [(60, "yellow"), (300, "red")]),
        Panel(4, "Steps that fail", "Share of steps that fail for good: permanently, or in their last attempt.", "percentunit",
              [Query(SHARE_FAILED, "failed")], "stat", 4, 4, [(0.05, "yellow"), (0.2, "red")], decimals=1),
        Panel(5, "Stalled", "For how long steps could have started on a broker and none has.", "s",
              [Query(f"max({gauge('wasm_broker_stalled_seconds')})", "stalled")], "stat", 4, 4, [(10, "yellow"), (60, "red")]),
        Panel(6, "Alerts", "Alerts of this broker that fire now. Each has a section in docs/operations.md.", "none",
              [Query('count(ALERTS{alertname=~"WasmBroker.+",alertstate="firing"}) or vector(0)', "firing")], "stat", 4, 4,
              [(1, "red")]),
        Panel(7, "Steps by outcome", "completed; retry: failed, another attempt follows; exhausted: failed in the last attempt; failed: failed permanently.",
              "cps", [Query(f"sum by (outcome) ({rate('wasm_broker_steps_total', selector=HANDLER)})", "{{outcome}}")], stacked=True),
        Panel(8, "Messages in queues", "Ready: could be claimed now. In flight: claimed. Delayed: retries that wait. Measured every metrics.queue-interval.", "none",
              [Query(f"max by (queue) ({gauge('wasm_broker_queue_visible')})", "{{queue}} ready"),
               Query(f"max by (queue) ({gauge('wasm_broker_queue_in_flight')})", "{{queue}} in flight"),
               Query(f"max by (queue) ({gauge('wasm_broker_queue_delayed')})", "{{queue}} delayed")]),
        Panel(9, "Longest wait by queue", "How long the longest ready message of each queue of steps has been ready. Alert: WasmBrokerQueueAgeGrowing.", "s",
              [Query(f"max by (queue) ({WAIT})", "{{queue}}")], steps=[(300, "red")]),
        latency(10, "Wait until a run starts", "From the moment a step is ready until its guest starts: queue, claim, slot and memory.",
                "wasm_broker_step_queue_wait_seconds", ""),
        Panel(27, "Claimed ahead", "Steps that are claimed before a slot is free, since one will be soon. Many while steps are short, none while they are long.", "none",
              [Query(f"sum({gauge('wasm_broker_prefetch_steps')})", "ahead"),
               Query(f"sum({gauge('wasm_broker_steps_waiting')})", "waiting")]),
        Panel(28, "How full claims are", "Steps that claims returned, of those they asked for: near 1 with a backlog, near 0 when idle.", "percentunit",
              [Query(f"sum({rate('wasm_broker_claim_size_steps_sum')}) / (sum({rate('wasm_broker_claim_requested_steps_total')}) > 0)", "filled")], most=1),
    ],
)

ENDS = Row(
    "How do they end?",
    [
        Panel(11, "Failures by error", "Runs that did not complete, by error type: docs/step-errors.md says what each means and whether it is retried.", "cps",
              [Query(f'sum by (error) (rate(wasm_broker_steps_total{{{HANDLER},outcome!="completed"}}[{RATE}]))', "{{error}}")]),
        Panel(12, "Share that fails, by handler", "Steps that fail for good, of all of a handler. Alert: WasmBrokerStepsFailing.", "percentunit",
              [Query(f'sum by (handler) (rate(wasm_broker_steps_total{{{HANDLER},outcome=~"failed|exhausted"}}[{RATE}])) / (sum by (handler) (rate(wasm_broker_steps_total{{{HANDLER}}}[{RATE}])) > 0)', "{{handler}}")],
              steps=[(0.2, "red")], most=1),
        Panel(13, "Steps by handler", "Runs that ended, whatever the outcome.", "cps",
              [Query(f"sum by (handler) ({rate('wasm_broker_steps_total', selector=HANDLER)})", "{{handler}}")], stacked=True),
        Panel(14, "Dead letters", "Messages that were put into a dead-letter queue: invalid ones, exhausted steps, steps that ended their brokers. Alerts: WasmBrokerDeadLetters, WasmBrokerStepsPoisoned.", "cps",
              [Query(f"sum by (queue, reason) ({rate('wasm_broker_dead_letters_total')})", "{{queue}} {{reason}}")]),
        latency(15, "Execution by handler", "Running a step's guest code, with the host functions that it called.", "wasm_broker_step_execution_seconds", "handler"),
        Panel(16, "Runs for nothing", "Lost leases, late and dropped outcomes, steps given back, steps that start although a claim of them was lost before, and those that a drain interrupted or could not stop. Alerts: WasmBrokerLeasesLost, WasmBrokerOutcomesDropped, WasmBrokerSuspects.", "cps",
              [Query(f"sum({rate('wasm_broker_leases_lost_total')})", "leases lost"),
               Query(f"sum({rate('wasm_broker_reports_late_total')})", "outcomes too late"),
               Query(f"sum({rate('wasm_broker_outcomes_dropped_total')})", "outcomes dropped"),
               Query(f"sum by (reason) ({rate('wasm_broker_steps_given_back_total')})", "given back: {{reason}}"),
               Query(f"sum({rate('wasm_broker_suspects_started_total')})", "suspects started"),
               Query(f"sum({rate('wasm_broker_drain_interrupted_steps_total')})", "interrupted by a drain"),
               Query(f"sum({rate('wasm_broker_drain_stuck_steps_total')})", "not stopped by a drain")]),
    ],
)

FULL = Row(
    "What is full?",
    [
        Panel(17, "Slots", "Slots that a step holds, of dispatch.slots: how many steps may be in flight. Full for long while processors are free: raise it; with a growing queue and no processor free: more brokers.", "percentunit",
              [Query(f"{gauge('wasm_broker_slots_in_use')} / {gauge('wasm_broker_slots')}", "{{instance}}")], most=1),
        Panel(36, "Guests that compute", "Of dispatch.processors, how many are used by guests; and how many guests could go on and wait until others let them compute. The other steps in flight wait for servers or clocks.", "short",
              [Query(gauge("wasm_broker_guests_computing"), "{{instance}} compute"),
               Query(gauge("wasm_broker_guests_waiting_for_permit"), "{{instance}} wait for a processor"),
               Query(gauge("wasm_broker_processors"), "{{instance}} processors for guests")]),
        latency(37, "Waits for a processor", "How long guests that could have gone on waited until others let them compute, by handler; their time limits stand meanwhile.", "wasm_broker_step_permit_wait_seconds", "handler"),
        Panel(18, "Memory of guests", "What guests in flight have reserved, of dispatch.memory: one that computes counts with what its limits allow, one that waits with what it has. Alert: WasmBrokerMemoryNearBudget.", "percentunit",
              [Query(f"{gauge('wasm_broker_memory_in_use_bytes')} / {gauge('wasm_broker_memory_budget_bytes')}", "{{instance}}")], steps=[(0.9, "red")], most=1),
        Panel(19, "Claimed steps that wait", "For a slot or for memory, and of these for memory.", "none",
              [Query(gauge("wasm_broker_steps_waiting"), "{{instance}}"),
               Query(gauge("wasm_broker_steps_waiting_for_memory"), "{{instance}} for memory")]),
        Panel(20, "Outcomes to be written", "When report.backlog is reached, claiming stops. Alert: WasmBrokerReportBacklog.", "none",
              [Query(gauge("wasm_broker_report_backlog"), "{{instance}}")], steps=[(2000, "red")]),
        Panel(21, "Memory of the process", "Resident memory with engine and guests, and of it the live Java heap.", "bytes",
              [Query(gauge("process_resident_memory_bytes"), "{{instance}} resident"),
               Query(f"sum by (instance) ({gauge('jvm_memory_used_bytes', HEAP)})", "{{instance}} heap")]),
        Panel(22, "Processors", "Processors' worth of time that each broker uses.", "short",
              [Query(rate("process_cpu_seconds_total"), "{{instance}}")]),
        Panel(23, "Pauses of the collector", "Share of time that the broker stands still for the garbage collector.", "percentunit",
              [Query(f"sum by (instance) ({rate('jvm_gc_pause_seconds_sum')})", "{{instance}}")], decimals=2),
        Panel(24, "Stalled, failed threads", "For how long steps could have started and none has; and threads that failed and were resumed. Alerts: WasmBrokerNoProgress, WasmBrokerThreadFailures.", "s",
              [Query(gauge("wasm_broker_stalled_seconds"), "{{instance}} stalled"),
               Query(f"sum by (instance) ({rate('wasm_broker_thread_failures_total')})", "{{instance}} failed threads per second")], steps=[(60, "red")]),
        Panel(26, "Stopping", "For how long a broker has been draining; it has dispatch.drain-grace for that, and some seconds to write outcomes. Alert: WasmBrokerDrainOverrun.", "s",
              [Query(gauge("wasm_broker_draining_seconds"), "{{instance}} draining"),
               Query(f"max({gauge('wasm_broker_drain_grace_seconds')})", "grace")]),
        Panel(25, "Versions", "What runs where. Alert: WasmBrokerVersionsMixed.", "none",
              [Query(f"{gauge('wasm_broker_build_info')}", "")], "table", 12, 8, hidden=("__name__", "Value")),
        Panel(29, "Up since", "When each broker's process was started. Alert: WasmBrokerRestarting.", "dateTimeAsIso",
              [Query(f"{gauge('process_start_time_seconds')} * 1000", "started")], "table", 12, 8),
    ],
)

KEPT = Row(
    "What is kept of single steps?",
    [
        Panel(30, "Spans", "Recorded spans: exported to the collector, failed to be, or dropped because the queue was full; none while traces are off. Alert: WasmBrokerTracesLost.", "cps",
              [Query(f"sum by (result) ({rate('wasm_broker_trace_spans_total')})", "{{result}}")]),
        Panel(31, "Recordings", "Recordings of steps that were written, and steps that were to be recorded and are not, by reason. Alert: WasmBrokerRecordingsDropped.", "cps",
              [Query(f"sum({rate('wasm_broker_recordings_total')})", "written"),
               Query(f"sum by (reason) ({rate('wasm_broker_recordings_dropped_total')})", "dropped: {{reason}}")]),
        Panel(32, "Recordings on the disk", "Size of the recordings that each broker keeps.", "bytes",
              [Query(gauge("wasm_broker_recordings_kept_size_bytes"), "{{instance}}")]),
    ],
)


def dashboard():
    return build(
        "wasm-broker-overview",
        "WASM broker: overview",
        "Whether steps flow, how they end, and what is full.",
        [FLOW, ENDS, FULL, KEPT],
        handlers=True,
    )
