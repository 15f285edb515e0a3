package org.wasmbroker.demo;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.cli.Console;
import org.wasmbroker.cli.HumanFormat;
import org.wasmbroker.telemetry.Percentiles;
import org.wasmbroker.telemetry.StepStatistics.Summary;

/** The summary at the end of the demo. */
final class DemoReport {
  private final Console console;
  private final BrokerConfig config;
  private final DemoTally tally;
  private final Summary summary;

  DemoReport(Console console, BrokerConfig config, DemoTally tally, Summary summary) {
    this.console = console;
    this.config = config;
    this.tally = tally;
    this.summary = summary;
  }

  void print(Duration elapsed) {
    console.line("");
    console.line(
        console.success("%,d steps completed".formatted(tally.completed()))
            + String.format(
                Locale.ROOT,
                " in %s, %,.0f per second, %d concurrently, each in a fresh instance",
                HumanFormat.duration(elapsed),
                tally.completed() / (elapsed.toNanos() / 1e9),
                config.dispatch().slots()));
    console.line(console.success("%d failed as expected".formatted(tally.failed())) + ":");
    for (var failure : tally.failures()) {
      console.line("  %-40s %s".formatted(failure.label(), console.dim(failure.error())));
    }
    for (var deviation : tally.deviations()) {
      console.line(console.failure("  not as expected: ") + deviation);
    }
    console.line("");
    console.line(console.bold("%-26s %10s %10s %10s".formatted("", "p50", "p99", "max")));
    row("queue wait (all sent first)", summary.queueWait());
    row("instantiation", summary.instantiation());
    row("execution", summary.execution());
    row("from run to result", summary.report());
    console.line(
        "%-26s %10s of %s"
            .formatted(
                "peak memory of a guest",
                HumanFormat.bytes(summary.memoryHighWaterBytes()),
                HumanFormat.bytes(config.limits().memoryBytes())));
    console.line("");
    console.line(
        "Next: wasm-broker invoke transform --help, docs/protocol-standalone.md, handlers-wasm/README.md");
  }

  void printAddresses(String jdbcUrl, String user, InetSocketAddress http) {
    var base = "http://%s:%d".formatted(http.getHostString(), http.getPort());
    console.line("");
    console.line(console.bold("Still running, until Ctrl-C:"));
    console.line("  database  " + jdbcUrl + "?user=" + user + "&password=" + user);
    console.line("  metrics   " + base + "/metrics");
    console.line("  health    " + base + "/health");
    console.line("In another terminal:");
    console.line(
        "  export WASM_BROKER_DATABASE_URL='"
            + jdbcUrl
            + "?user="
            + user
            + "&password="
            + user
            + "'");
    console.line("  ./wasm-broker enqueue docs/examples/orders.ndjson && ./wasm-broker results");
  }

  private void row(String name, Percentiles times) {
    console.line(
        "%-26s %10s %10s %10s"
            .formatted(
                name,
                HumanFormat.duration(times.median()),
                HumanFormat.duration(times.p99()),
                HumanFormat.duration(times.max())));
  }
}
