package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.SessionEvent;

/** The meters of sessions; a process without one has none of them. */
final class SessionMeters {
  private final MeterRegistry registry;
  private volatile int open;
  private @Nullable Gauge gauge; // guarded by this

  SessionMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** A session tells that it is open before it serves a request, so all types are known by then. */
  private synchronized void begin(List<String> types) {
    if (gauge == null) {
      gauge =
          Gauge.builder("wasm.broker.sessions", () -> open)
              .description("Sessions of files and command lines that are open in this process.")
              .register(registry);
      for (var type : types) {
        for (var outcome : SessionEvent.Outcome.values()) {
          requests(type, outcome);
        }
      }
    }
  }

  void on(SessionEvent event) {
    switch (event) {
      case SessionEvent.Request(var type, var outcome) -> requests(type, outcome).increment();
      case SessionEvent.Sessions(int now, var types) -> {
        open = now;
        begin(types);
      }
    }
  }

  private Counter requests(String type, SessionEvent.Outcome outcome) {
    return Counter.builder("wasm.broker.session.requests")
        .description(
            "Requests of a session's client by how they were answered: with a result (answered),"
                + " whatever the exit code of a command line is, with an error, or cancelled.")
        .tag("type", type)
        .tag("outcome", WireName.of(outcome))
        .register(registry);
  }
}
