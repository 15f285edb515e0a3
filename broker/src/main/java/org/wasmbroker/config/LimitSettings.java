package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.sandbox.Limits;

/** What one run may use. */
final class LimitSettings {
  private static final Limits STANDARD = Limits.DEFAULTS;

  static final Setting<Long> MEMORY =
      Setting.of(
          "limits.memory",
          Amounts.SIZE_IN_BYTES,
          STANDARD.memoryBytes(),
          "The guest's linear memory; growth beyond it is refused. 64 KiB to 4 GiB.",
          "128MiB");
  static final Setting<Integer> TABLE_ELEMENTS =
      Setting.of(
          "limits.table-elements",
          Kinds.WHOLE_NUMBER,
          STANDARD.tableElements(),
          "All table elements together; growth beyond it is refused.",
          "20000");
  static final Setting<Duration> TIME =
      Setting.of(
          "limits.time",
          Amounts.DURATION_OF_TIME,
          STANDARD.time(),
          "From the start of instantiation to the end of the guest's code.",
          "5s");
  static final Setting<Integer> OUTPUT =
      Setting.of(
          "limits.output",
          Amounts.SMALL_SIZE_IN_BYTES,
          STANDARD.outputBytes(),
          "The result document.",
          "1MiB");
  static final Setting<Integer> LOG =
      Setting.of(
          "limits.log",
          Amounts.SMALL_SIZE_IN_BYTES,
          STANDARD.logBytes(),
          "All log lines of a run together; lines beyond it are dropped and counted.",
          "16KiB");
  static final Setting<Integer> LOG_LINE =
      Setting.of(
          "limits.log-line",
          Amounts.SMALL_SIZE_IN_BYTES,
          STANDARD.logLineBytes(),
          "One log line; the rest of it is cut.",
          "1KiB");
  static final Setting<Integer> HOST_CALLS =
      Setting.of(
          "limits.host-calls",
          Kinds.WHOLE_NUMBER,
          Math.toIntExact(STANDARD.hostCalls()),
          "All calls of host functions.",
          "10000");
  static final List<Setting<?>> ALL =
      List.of(MEMORY, TABLE_ELEMENTS, TIME, OUTPUT, LOG, LOG_LINE, HOST_CALLS);

  private LimitSettings() {}

  static Limits read(Values values) {
    return new Limits(
        values.get(MEMORY),
        values.get(TABLE_ELEMENTS),
        values.get(TIME),
        values.get(OUTPUT),
        values.get(LOG),
        values.get(LOG_LINE),
        values.get(HOST_CALLS));
  }
}
