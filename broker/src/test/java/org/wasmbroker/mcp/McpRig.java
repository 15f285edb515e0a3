package org.wasmbroker.mcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.wasmbroker.plan.catalog.Entries;
import org.wasmbroker.plan.catalog.HandlerEntry;
import org.wasmbroker.telemetry.EventSink;

/** A server with the bundled handlers, whose steps are fakes. */
final class McpRig {
  private static final List<HandlerEntry> BUNDLED = Entries.bundled();

  private final FakeSteps steps = new FakeSteps();
  private final AtomicReference<List<HandlerEntry>> handlers = new AtomicReference<>(BUNDLED);
  private final ToolCatalog catalog;
  private final McpServer server;

  McpRig() {
    this(McpConfig.DEFAULTS);
  }

  McpRig(McpConfig config) {
    catalog = new ToolCatalog(config.tools(), handlers::get);
    catalog.refresh();
    server = new McpServer(config, catalog, steps, "1.2.3", Duration.ofSeconds(10), EventSink.NONE);
  }

  static McpConfig config(List<String> tools, int pageSize, int searchAbove, int calls) {
    var standard = McpConfig.DEFAULTS;
    return new McpConfig(
        tools,
        pageSize,
        searchAbove,
        calls,
        1 << 14,
        2,
        2,
        standard.sessionIdle(),
        List.of(),
        List.of(),
        null);
  }

  McpServer server() {
    return server;
  }

  FakeSteps steps() {
    return steps;
  }

  /** Replaces the installed handlers, and has the server look. */
  void install(List<HandlerEntry> entries) {
    handlers.set(entries);
    catalog.refresh();
  }
}
