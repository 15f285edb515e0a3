package org.wasmbroker.config;

import java.time.Duration;
import java.util.List;
import org.wasmbroker.telemetry.otel.TracesConfig;

/** The settings {@code traces.*}; what traces are and where they go is in OTEL_* variables. */
final class TraceSettings {
  static final Setting<Integer> GUEST_LINES =
      Setting.of(
          "traces.guest-lines",
          SettingTypes.INTEGER,
          TracesConfig.OFF.guestLines(),
          "How many log lines of a guest become events of its step's spans; 0 to 128. Traces are"
              + " configured by the variables `OTEL_*` (tracing.md).",
          "0");
  static final Setting<Duration> FLUSH =
      Setting.of(
          "traces.flush",
          QuantityTypes.DURATION,
          TracesConfig.OFF.flush(),
          "How long the stop of the broker waits for the export of the last spans; 0 to 10 s.",
          "3s");
  static final List<Setting<?>> ALL = List.of(GUEST_LINES, FLUSH);

  private TraceSettings() {}

  static TracesConfig read(SettingValues values, TracesConfig environment) {
    return environment.with(values.get(GUEST_LINES), values.get(FLUSH));
  }
}
