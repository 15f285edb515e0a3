package org.wasmbroker.telemetry.micrometer;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.WireName;
import org.wasmbroker.telemetry.McpEvent;

/** The meters of the MCP server; a broker without one has none of them. */
final class McpMeters {
  private final MeterRegistry registry;
  private volatile int sessions;
  private @Nullable Gauge gauge; // guarded by this

  McpMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** An MCP server reports its sessions when it starts, so all reasons are known from then on. */
  private synchronized void begin() {
    if (gauge == null) {
      gauge =
          Gauge.builder("wasm.broker.mcp.sessions", () -> sessions)
              .description("Sessions of clients over HTTP.")
              .register(registry);
      for (var reason : McpEvent.Reason.values()) {
        refused(reason);
      }
    }
  }

  void on(McpEvent event) {
    switch (event) {
      case McpEvent.Request(var method, var outcome) ->
          Counter.builder("wasm.broker.mcp.requests")
              .description(
                  "Requests to the MCP server that were served: answered, tool_error,"
                      + " protocol_error, or cancelled by the client.")
              .tag("method", method)
              .tag("outcome", WireName.of(outcome))
              .register(registry)
              .increment();
      case McpEvent.Refused(var reason) -> refused(reason).increment();
      case McpEvent.Sessions(int open) -> {
        sessions = open;
        begin();
      }
    }
  }

  private Counter refused(McpEvent.Reason reason) {
    return Counter.builder("wasm.broker.mcp.refused")
        .description(
            "Messages to the MCP server that were refused before they were served: malformed,"
                + " too_large, origin (or host), token, session (unknown), busy, slow.")
        .tag("reason", WireName.of(reason))
        .register(registry);
  }
}
