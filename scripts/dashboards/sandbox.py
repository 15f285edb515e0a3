"""What a run costs, and what guests were refused by the sandbox."""

from library import HANDLER, RATE, Panel, Query, Row, build, gauge, latency, quantile, rate


def spread(number: int, title: str, description: str, metric: str, unit: str) -> Panel:
    """All runs of the chosen handlers as a heatmap."""
    return Panel(number, title, description, unit,
                 [Query(f"sum by (le) (rate({metric}_bucket{{{HANDLER}}}[{RATE}]))", "{{le}}")], "heatmap")


NOT_ALLOWED = 'result!="allowed"'

COST = Row(
    "What does a run cost?",
    [
        latency(1, "Instantiation by handler", "Creating a step's fresh instance: store, limits, instance, start function. It depends on the module, hardly on the step.",
                "wasm_broker_step_instantiation_seconds", "handler"),
        latency(3, "Execution by handler", "Running the guest's code, with the host functions that it called.", "wasm_broker_step_execution_seconds", "handler"),
        Panel(5, "Memory high-water mark by handler", "The most linear memory that a run had. limits.memory or the class of the handler bounds it; a run reserves the bound, not this.", "bytes",
              [Query(quantile(q, "wasm_broker_step_memory_bytes", "handler", HANDLER), "{{handler}} " + label, True)
               for q, label in (("0.5", "median"), ("0.99", "99 %"))]),
        spread(2, "Instantiation, all runs", "Each column is a moment, each row a duration; darker is more runs.", "wasm_broker_step_instantiation_seconds", "s"),
        spread(4, "Execution, all runs", "Two bands are two kinds of work; a band at the top is a limit on time.", "wasm_broker_step_execution_seconds", "s"),
        spread(6, "Memory, all runs", "A band at the top is a limit on memory that is too low, or a guest that leaks.", "wasm_broker_step_memory_bytes", "bytes"),
    ],
)

REFUSED = Row(
    "What were guests refused?",
    [
        Panel(7, "Limits that were hit", "Runs and results that exceeded a limit, by limit: docs/limits.md says what follows. Alert: WasmBrokerLimitsSurging.", "cps",
              [Query(f"sum by (limit) ({rate('wasm_broker_limit_exceeded_total')})", "{{limit}}")]),
        Panel(8, "Limits by handler", "Runs that a limit ended, by handler.", "cps",
              [Query(f'sum by (handler) (rate(wasm_broker_steps_total{{{HANDLER},error="limit_exceeded"}}[{RATE}]))', "{{handler}}")]),
        Panel(9, "Traps by handler and version", "The engine stopped the guest: a defect of the handler. A new version that traps shows here first. Alert: WasmBrokerTraps.", "cps",
              [Query(f"sum by (handler, version, trap) (rate(wasm_broker_traps_total{{{HANDLER}}}[{RATE}])) > 0", "{{handler}} {{version}}: {{trap}}")]),
        Panel(10, "Failures of handlers, by error", "Errors that handlers report, and those of the broker, by handler.", "cps",
              [Query(f'topk(10, sum by (handler, error) (rate(wasm_broker_steps_total{{{HANDLER},outcome!="completed"}}[{RATE}])))', "{{handler}}: {{error}}")]),
        Panel(11, "Host calls", "The ten functions that guests call most.", "cps",
              [Query(f"topk(10, sum by (function) ({rate('wasm_broker_host_calls_total')}))", "{{function}}")]),
        Panel(12, "Host calls without success", "denied: not covered by a grant. failed: the function returned an error to the guest.", "cps",
              [Query(f"topk(10, sum by (function, result) ({rate('wasm_broker_host_calls_total', NOT_ALLOWED)}))", "{{function}} {{result}}")]),
        Panel(13, "Log lines dropped", "Guests' log lines beyond limits.log.", "cps",
              [Query(f"sum by (instance) ({rate('wasm_broker_guest_log_dropped_total')})", "{{instance}}")]),
        Panel(17, "Checkpoints", "Checkpoints that long steps saved.", "cps",
              [Query(f"sum by (instance) ({rate('wasm_broker_step_checkpoints_total')})", "{{instance}}")]),
    ],
)

IMAGES = Row(
    "Do prepared images pay?",
    [
        Panel(19, "Prepared images: what runs found", "Runs of modules that prepare. hit: started with an image. made: made it. new and deferred: prepared themselves, since the configuration was new, or images did not pay. "
              "failed: the preparation fails, so the step fails.", "cps",
              [Query(f"sum by (result) ({rate('wasm_broker_image_lookups_total')})", "{{result}}")], width=6),
        Panel(20, "Prepared images: size", "What the images occupy of the heap, and what they may: registry.images-size.", "bytes",
              [Query(gauge("wasm_broker_images_size_bytes"), "{{instance}}"),
               Query(f"max ({gauge('wasm_broker_images_limit_bytes')})", "limit")], width=6),
        Panel(21, "Prepared images: kept and dropped", "How many are kept; how many were dropped for others. Many dropped beside few hits: a larger registry.images-size would pay.", "none",
              [Query(gauge("wasm_broker_images"), "{{instance}}"),
               Query(f"sum ({rate('wasm_broker_images_evicted_total')})", "dropped/s")], width=6),
        Panel(22, "Preparations", "The time that an image takes to make, and preparations that left none, by reason.", "s",
              [Query(quantile("0.99", "wasm_broker_image_prepare_seconds"), "99 %"),
               Query(f"sum by (reason) ({rate('wasm_broker_image_prepare_failures_total')})", "failures/s: {{reason}}")], width=6),
    ],
)

CACHE = Row(
    "Do guests' caches pay?",
    [
        Panel(23, "Caches: what steps found", "Uses of the cache by steps that ended, by result. hit and miss: a value was there or not. refused: a put that was not kept, since the step had put as much as is granted, the cache is full, "
              "or the value is a secret's.", "cps",
              [Query(f"sum by (result) ({rate('wasm_broker_cache_calls_total')})", "{{result}}")], width=8),
        Panel(24, "Caches: size", "What the entries of all handlers occupy of the heap, and what they may: cache.size. At the limit, whoever puts makes room among its own entries or is refused.", "bytes",
              [Query(gauge("wasm_broker_cache_size_bytes"), "{{instance}}"),
               Query(f"max ({gauge('wasm_broker_cache_limit_bytes')})", "limit")], width=8),
        Panel(25, "Caches: kept and dropped", "How many entries are kept; how many were dropped for want of room before their time was up.", "none",
              [Query(gauge("wasm_broker_cache_entries"), "{{instance}}"),
               Query(f"sum ({rate('wasm_broker_cache_evicted_total')})", "dropped/s")], width=8),
    ],
)

ENGINE = Row(
    "What does the engine hold?",
    [
        Panel(14, "Modules in memory", "Compiled modules: each once, until no release names it and no step runs it.", "none",
              [Query(gauge("wasm_broker_modules_in_memory"), "{{instance}}")], width=6),
        Panel(15, "Machine code", "The size of the compiled modules in memory.", "bytes",
              [Query(gauge("wasm_broker_modules_code_bytes"), "{{instance}}")], width=6),
        Panel(16, "Time to a ready module", "Loading a module, from the compile cache or by compiling it; and compiling alone.", "s",
              [Query(quantile("0.99", "wasm_broker_module_load_seconds"), "load, 99 %"),
               Query(quantile("0.99", "wasm_broker_module_compile_seconds"), "compile, 99 %")], width=6),
        Panel(18, "Engine", "Which engine runs the guests, when that version was released, and until when security mends are published for it. Alert: WasmBrokerEngineOutOfDate.", "dateTimeAsIso",
              [Query(f"min by (engine, version) ({gauge('wasm_broker_engine_release_timestamp_seconds')}) * 1000", "released"),
               Query(f"min by (engine, version) ({gauge('wasm_broker_engine_support_end_timestamp_seconds')}) * 1000", "supported until")], "table", 6),
    ],
)


def dashboard():
    return build(
        "wasm-broker-sandbox",
        "WASM broker: sandbox",
        "What a run costs, and what guests were refused by the sandbox.",
        [COST, REFUSED, IMAGES, CACHE, ENGINE],
        handlers=True,
    )
