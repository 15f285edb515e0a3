package org.wasmbroker.hostile;

import static org.wasmbroker.hostile.Crime.ending;
import static org.wasmbroker.hostile.Crime.endless;
import static org.wasmbroker.hostile.Crime.harmless;

import java.util.List;
import java.util.stream.Stream;

/** Every hostile guest, with the end that it has to come to. */
final class Crimes {
  private Crimes() {}

  /** Those that need no network and no secrets. */
  static Stream<Crime> all() {
    return Stream.of(TIME, SPACE, OUTPUT, LOG, HOST_FUNCTIONS, OTHERS, WASI, MODULES)
        .flatMap(List::stream);
  }

  private static final List<Crime> TIME =
      List.of(
          endless("endless-loop"),
          endless("start-loop"),
          endless("initialize-loop"),
          endless("memory-thrash"),
          endless("stderr-flood"),
          ending("start-trap", "trapped/unreachable", "unreachable"),
          ending("recursion", "trapped/stack_overflow", "stack"),
          ending("recursion-in-host-calls", "trapped/stack_overflow", "stack"));

  private static final List<Crime> SPACE =
      List.of(
          ending("memory-at-start", "module_refused", "memory begins with 4294967296 bytes"),
          ending("memory-growth", "limit_exceeded/memory", "the limit is 16777216"),
          ending("memory-steps", "limit_exceeded/memory", "the limit is 16777216"),
          ending("many-memories", "module_refused", "defines 2 memories, the most is 1"),
          ending("huge-table", "module_refused", "table begins with 1000000 elements"),
          ending("table-growth", "trapped/unreachable", "unreachable"),
          ending("data-out-of-bounds", "trapped/memory_out_of_bounds", "out of bounds"),
          harmless(MadeModules.GIANT_DATA));

  private static final List<Crime> OUTPUT =
      List.of(
          ending("giant-output", "limit_exceeded/output", "used 8388608 bytes of output"),
          ending("endless-output", "limit_exceeded/output", "bytes of output"),
          ending("no-output", "guest_failed/0", "ended without an output"),
          harmless("two-outputs"),
          ending("not-json", "bad_result_document", "is not JSON"),
          ending("deep-json", "bad_result_document", "nesting depth"),
          ending("long-number", "bad_result_document", "Number value length"),
          ending("invalid-utf8", "bad_result_document", "UTF-8"),
          ending("nul-in-output", "bad_result_document", "\\u0000"),
          ending("escapes-in-error", "forged", " [2J  2026-01-01 ERROR all is lost 31m "),
          ending("endless-checkpoints", "checkpoint_not_supported", "cannot keep"),
          ending("endless-retries", "busy", "later"));

  private static final List<Crime> LOG =
      List.of(harmless("log-lines"), harmless("log-size"), harmless("log-escapes"));

  private static final List<Crime> HOST_FUNCTIONS =
      List.of(
          ending("host-call-storm", "limit_exceeded/host_calls", "used 30001 calls of host_calls"),
          harmless("edges-read-input"),
          harmless("edges-write-output"),
          harmless("edges-log"),
          harmless("edges-get-time"),
          harmless("buffer-lies"),
          harmless("stdin-lies"));

  private static final List<Crime> OTHERS =
      List.of(harmless("stale-memory"), harmless("foreign-input"));

  private static final List<Crime> WASI =
      List.of(
          harmless("wasi-files"),
          harmless("wasi-sockets"),
          harmless("wasi-processes"),
          endless("wasi-sleep"),
          ending("wasi-exit", "guest_failed/137", "code 137"),
          ending("wasi-exit-zero", "guest_failed/0", "ended without an output"));

  private static final List<Crime> MODULES =
      List.of(
          ending("unknown-import", "module_refused", "'wasi_snapshot_preview1.proc_exec'"),
          ending(
              "host-memory", "module_refused", "'env.memory'; a handler may import functions only"),
          ending(MadeModules.TOO_LARGE, "module_refused", "the most for engine.module-size"),
          ending(MadeModules.TRUNCATED, "module_refused", ""),
          ending(MadeModules.FLIPPED, "module_refused", ""),
          ending(MadeModules.PRECOMPILED, "module_refused", "a precompiled module"),
          ending(MadeModules.FALSE_DIGEST, "module_refused", "SHA256SUMS"),
          ending(MadeModules.FALSE_NAME, "module_refused", "/name is \"noop\" and must be"),
          ending(MadeModules.FALSE_MEMORY, "module_refused", "memory begins with 1048576 bytes"),
          ending(MadeModules.GREEDY_MANIFEST, "limit_exceeded/memory", "the limit is 33554432"));
}
