package org.wasmbroker.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.cli.ConfigOptions;
import org.wasmbroker.cli.Console;
import org.wasmbroker.cli.ExitCode;
import org.wasmbroker.cli.StopSignals;
import org.wasmbroker.cli.UnavailableException;
import org.wasmbroker.cli.UsageException;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.EmbeddedPostgresException;
import org.wasmbroker.embedded.TaskerException;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.telemetry.StepStatistics;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The complete path of a step on one machine, with nothing to set up. */
@Command(
    name = "demo",
    description = {
      "Run real steps, and some that must fail, through a broker on an embedded Postgres.",
      "Exits with 0 if every step ended as expected."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private static final int BATCH = 200;
  private static final long POLL_MILLIS = 50;
  private static final Duration RESULT_TIMEOUT = Duration.ofMinutes(5);

  @Spec private @Nullable CommandSpec spec;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(
      names = {"-n", "--steps"},
      paramLabel = "N",
      defaultValue = "1000",
      description = "How many succeeding steps to run (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "wasmtime or wasmtime-java (sets engine.name).")
  private @Nullable String engine;

  @Option(
      names = "--keep",
      description = "Keep Postgres and the broker running afterwards, until Ctrl-C.")
  private boolean keep;

  @Option(
      names = "--tasker",
      description = {
        "Run Tasker workflows instead, with Tasker's schema, its real orchestrator and the templates"
            + " in docs/examples/tasker. The orchestrator is built the first time (needs cargo).",
      })
  private boolean tasker;

  @Option(
      names = "--tasker-parts",
      paramLabel = "DIRECTORY",
      description = "The directory of schema/ and tasker-server (set by ./wasm-broker).")
  private @Nullable Path taskerParts;

  @Option(
      names = "--tasker-examples",
      paramLabel = "DIRECTORY",
      description = "The task templates to run (set by ./wasm-broker to docs/examples/tasker).")
  private @Nullable Path taskerExamples;

  @Override
  public Integer call() throws InterruptedException {
    var console = Console.of(Objects.requireNonNull(spec));
    try {
      return tasker ? runWorkflows(console) : runSteps(console);
    } catch (EmbeddedPostgresException | TaskerException unavailable) {
      throw new UnavailableException(unavailable);
    }
  }

  private int runWorkflows(Console console) throws InterruptedException {
    var demo = new TaskerDemo(console, TaskerParts.of(taskerParts, taskerExamples));
    console.line("Starting an embedded Postgres with PGMQ …");
    try (var stop = new StopSignals();
        var postgres = EmbeddedPostgres.start()) {
      demo.settings().forEach(options::put);
      return demo.run(postgres, config(postgres), stop, keep) ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private int runSteps(Console console) throws InterruptedException {
    if (steps < 1) {
      throw new UsageException("--steps must be at least 1, was " + steps);
    }
    console.line("Starting an embedded Postgres with PGMQ …");
    try (var stop = new StopSignals();
        var postgres = EmbeddedPostgres.start()) {
      // A demo should not fail because the machine is busy.
      options.putDefault("database.connect-timeout", "2m");
      options.putDefault("database.query-timeout", "2m");
      options.putDefault("queue.lease", "10m");
      var config = config(postgres);
      var tally = enqueue(config, console);
      var statistics = new StepStatistics();
      long startNanos = System.nanoTime();
      try (var broker = Broker.start(config, statistics);
          var database = Database.open(config.database(), "wasm-broker demo")) {
        boolean allEnded =
            watch(new DemoResultReader(new Pgmq(database), config.queue(), tally), stop, console);
        var report = new DemoReport(console, config, tally, statistics.summary());
        report.print(Duration.ofNanos(tally.lastCompletedNanos() - startNanos));
        if (keep && !stop.arrived()) {
          report.printAddresses(postgres.jdbcUrl(), postgres.user(), broker.httpAddress());
          stop.await();
        }
        return allEnded && tally.deviations().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
      }
    }
  }

  private BrokerConfig config(EmbeddedPostgres postgres) {
    options.put("database.url", postgres.jdbcUrl());
    options.put("database.user", postgres.user());
    options.put("database.password", postgres.password());
    options.put("engine.name", engine);
    options.putDefault("http.port", "0");
    options.putDefault("log.level", "error");
    return options.load();
  }

  private DemoTally enqueue(BrokerConfig config, Console console) {
    var demo = new DemoMessages();
    var messages = new ArrayList<DemoMessages.Message>();
    int every = Math.max(1, steps / demo.failingCount());
    for (int i = 0; i < steps; i++) {
      messages.add(demo.succeeding(i));
      if (i % every == 0 && i / every < demo.failingCount()) {
        messages.add(demo.failing(i / every));
      }
    }
    for (int i = (steps + every - 1) / every; i < demo.failingCount(); i++) {
      messages.add(demo.failing(i));
    }
    try (var database = Database.open(config.database(), "wasm-broker demo")) {
      var pgmq = new Pgmq(database);
      pgmq.createIfMissing(config.queue().queue());
      for (int from = 0; from < messages.size(); from += BATCH) {
        var batch = messages.subList(from, Math.min(messages.size(), from + BATCH));
        pgmq.sendBatch(
            config.queue().queue(),
            batch.stream().map(DemoMessages.Message::json).toList(),
            List.of());
        console.progress("Enqueuing", from + batch.size(), messages.size(), "");
      }
      console.progressDone();
    }
    return new DemoTally(messages);
  }

  /** Waits for the results; false if they stop arriving before all are there. */
  private boolean watch(DemoResultReader results, StopSignals stop, Console console)
      throws InterruptedException {
    long lastProgress = System.nanoTime();
    while (!results.tally().isComplete()) {
      if (results.poll() > 0) {
        lastProgress = System.nanoTime();
      } else if (System.nanoTime() - lastProgress > RESULT_TIMEOUT.toNanos()) {
        console.progressDone();
        console.error(console.failure("no result within " + RESULT_TIMEOUT.toSeconds() + " s"));
        return false;
      }
      var tally = results.tally();
      console.progress(
          "Running",
          tally.ended(),
          tally.expected(),
          "(%d failed as expected)".formatted(tally.failed()));
      if (stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        console.progressDone();
        console.error("interrupted");
        return false;
      }
    }
    console.progressDone();
    return true;
  }
}
