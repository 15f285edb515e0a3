package org.wasmbroker.sandbox.wasmtime;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.Stream;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.component.ComponentValidator;

/**
 * The engine's configuration: which WebAssembly features guests may use, how guests are stopped,
 * and where their memories are placed.
 *
 * @param fingerprint identifies the settings that compiled modules depend on
 */
record EngineSettings(EngineConfig config, MemoryPlan memory, String fingerprint) {
  private static final List<String> ENABLED =
      List.of(
          "wasm_bulk_memory",
          "wasm_reference_types",
          "wasm_multi_value",
          "wasm_simd",
          "epoch_interruption");

  /** Features that no handler needs would only add attack surface. */
  private static final List<String> DISABLED =
      List.of(
          "wasm_threads",
          "shared_memory",
          "wasm_tail_call",
          "wasm_function_references",
          "wasm_gc",
          "wasm_relaxed_simd",
          "wasm_relaxed_simd_deterministic",
          "wasm_multi_memory",
          "wasm_memory64",
          "wasm_wide_arithmetic",
          "wasm_exceptions",
          "wasm_custom_page_sizes",
          "wasm_compact_imports",
          "wasm_stack_switching",
          "wasm_branch_hinting",
          "wasm_component_model",
          "wasm_component_model_accessors",
          "wasm_component_model_async",
          "wasm_component_model_async_stackful",
          "wasm_component_model_canonical_names",
          "wasm_component_model_implements",
          "wasm_component_model_map",
          "wasm_component_model_more_async_builtins",
          "concurrency_support",
          "gc_support",
          "native_unwind_info");

  private static final long ASYNC_STACK_EXTRA = 1 << 20;
  private static final long TABLE_ELEMENTS = 64 << 10;
  private static final long INSTANCE_BYTES = 1 << 20;

  /**
   * This much of a slot's memory is kept for the next guest and cleared explicitly; the rest is
   * returned to the kernel, which costs page faults and a lock shared by all threads.
   */
  private static final long MAX_RESIDENT_MEMORY = 4L << 20;

  /** Of all slots together: what earlier guests touched stays with the process. */
  private static final long MAX_RESIDENT_MEMORIES = 1L << 30;

  private static final long PAGE = 4 << 10;

  /** More slots than compute at once are needed only while guests wait. */
  private static final int MAX_WARM_SLOTS = 64;

  private static final long MAX_RESIDENT_TABLE = 64 << 10;

  static EngineSettings of(EngineConfig config, MemoryPlan memory) {
    var fingerprint =
        "%s on=%s off=%s stack=%d reservation=%d guard=%d pooled=%s fuel=%s"
            .formatted(
                NativeLibrary.VERSION,
                ENABLED,
                DISABLED,
                config.stackBytes(),
                memory.reservation(),
                memory.guard(),
                memory.pooled(),
                config.fuel());
    return new EngineSettings(config, memory, fingerprint);
  }

  /** Every feature that is switched on or off, by its name in the C API. */
  static List<String> features() {
    return Stream.concat(ENABLED.stream(), DISABLED.stream()).toList();
  }

  /** Creates a {@code wasm_engine_t}. */
  long newEngine(LibWasmtime lib) {
    long settings = newConfig(lib);
    if (memory.pooled()) {
      configurePool(lib, settings);
    }
    return newEngine(lib, settings);
  }

  /** An engine that compiles code for other engines of these settings, and runs nothing. */
  long newCompilingEngine(LibWasmtime lib, PortableTarget target) {
    long settings = newConfig(lib);
    try (var arena = Arena.ofConfined()) {
      long error =
          lib.call(
              "wasmtime_config_target_set",
              settings,
              arena.allocateFrom(target.triple()).address());
      if (error != 0) {
        throw new EngineUnavailableException(
            "libwasmtime cannot compile for %s: %s"
                .formatted(target.triple(), new ErrorReader(lib).message(error)),
            null);
      }
      for (var feature : target.features()) {
        lib.call(
            "wasmtime_config_cranelift_flag_enable",
            settings,
            arena.allocateFrom(feature).address());
      }
    }
    return newEngine(lib, settings);
  }

  private static long newEngine(LibWasmtime lib, long settings) {
    long engine = lib.call("wasm_engine_new_with_config", settings);
    if (engine == 0) {
      throw new EngineUnavailableException("libwasmtime rejects the engine's settings", null);
    }
    return engine;
  }

  private long newConfig(LibWasmtime lib) {
    long settings = lib.call("wasm_config_new");
    for (var feature : ENABLED) {
      set(lib, settings, feature, 1);
    }
    for (var feature : DISABLED) {
      set(lib, settings, feature, 0);
    }
    set(lib, settings, "consume_fuel", config.fuel() ? 1 : 0);
    set(lib, settings, "max_wasm_stack", config.stackBytes());
    // Unused, but a size smaller than the guest's stack would be rejected.
    set(lib, settings, "async_stack_size", config.stackBytes() + ASYNC_STACK_EXTRA);
    set(lib, settings, "memory_reservation", memory.reservation());
    set(lib, settings, "memory_guard_size", memory.guard());
    return settings;
  }

  private static void set(LibWasmtime lib, long settings, String name, long value) {
    lib.call("wasmtime_config_" + name + "_set", settings, value);
  }

  private void configurePool(LibWasmtime lib, long settings) {
    long pool = lib.call("wasmtime_pooling_allocation_config_new");
    // A component has several instances and tables, but one memory as every guest.
    setPoolOption(
        lib,
        pool,
        "total_core_instances",
        (long) config.slots() * ComponentValidator.MAX_INSTANCES);
    setPoolOption(lib, pool, "total_memories", config.slots());
    setPoolOption(lib, pool, "total_tables", (long) config.slots() * ComponentValidator.MAX_TABLES);
    setPoolOption(lib, pool, "total_stacks", 0);
    setPoolOption(lib, pool, "total_gc_heaps", 0);
    setPoolOption(lib, pool, "total_component_instances", 0);
    setPoolOption(lib, pool, "max_core_instance_size", INSTANCE_BYTES);
    setPoolOption(lib, pool, "max_memories_per_module", 1);
    setPoolOption(lib, pool, "max_tables_per_module", 1);
    setPoolOption(lib, pool, "table_elements", TABLE_ELEMENTS);
    setPoolOption(lib, pool, "max_memory_size", config.memoryBytes());
    setPoolOption(lib, pool, "max_unused_warm_slots", Math.min(MAX_WARM_SLOTS, config.slots()));
    setPoolOption(
        lib,
        pool,
        "linear_memory_keep_resident",
        residentBytes(config.slots(), config.memoryBytes()));
    setPoolOption(lib, pool, "table_keep_resident", MAX_RESIDENT_TABLE);
    lib.call("wasmtime_pooling_allocation_strategy_set", settings, pool);
    lib.call("wasmtime_pooling_allocation_config_delete", pool);
  }

  /** What of a slot's memory is kept for the next guest, in bytes. */
  static long residentBytes(int slots, long memoryBytes) {
    long share = MAX_RESIDENT_MEMORIES / slots / PAGE * PAGE;
    return Math.min(Math.min(MAX_RESIDENT_MEMORY, share), memoryBytes);
  }

  private static void setPoolOption(LibWasmtime lib, long pool, String name, long value) {
    lib.call("wasmtime_pooling_allocation_config_" + name + "_set", pool, value);
  }
}
