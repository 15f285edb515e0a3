package org.wasmbroker.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.cli.Console;
import org.wasmbroker.cli.StopSignals;
import org.wasmbroker.cli.UsageException;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.TaskerClient;
import org.wasmbroker.embedded.TaskerOrchestrator;
import org.wasmbroker.embedded.TaskerOrchestratorConfig;
import org.wasmbroker.embedded.TaskerSchema;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateReader;

/**
 * Workflows of the real Tasker on one machine: its schema on an embedded Postgres, its orchestrator
 * as a process, and a broker as its only worker. Each example template is run once, with the
 * context of the same name.
 */
final class TaskerDemo {
  private static final String CONTEXTS = "contexts";
  private static final Duration PROGRESS_TIMEOUT = Duration.ofMinutes(5);
  private static final long POLL_MILLIS = 20;

  private final Console console;
  private final TaskerParts parts;
  private final List<Example> examples;

  /**
   * @param context the task's input, JSON
   */
  private record Example(TaskTemplate template, String context) {}

  /**
   * @throws UsageException if there are no examples
   */
  TaskerDemo(Console console, TaskerParts parts) {
    this.console = console;
    this.parts = parts;
    this.examples = examples(parts.examples());
    if (examples.isEmpty()) {
      throw new UsageException(
          "%s has no template with a context of the same name in %s/"
              .formatted(parts.examples(), CONTEXTS));
    }
  }

  /** The broker's settings, except for the database. */
  Map<String, String> settings() {
    return Map.of(
        "protocol",
        "tasker",
        "tasker.templates",
        parts.examples().toString(),
        "tasker.namespaces",
        String.join(
            ",",
            examples.stream().map(example -> example.template().namespace()).distinct().toList()));
  }

  /** Returns whether every task completed. */
  boolean run(EmbeddedPostgres postgres, BrokerConfig config, StopSignals stop, boolean keep)
      throws InterruptedException {
    console.line("Creating Tasker's schema …");
    TaskerSchema.apply(parts.schema(), postgres.jdbcUrl(), postgres.user(), postgres.password());
    console.line("Starting the broker as a worker of Tasker, and Tasker's orchestrator …");
    try (var broker = Broker.start(config);
        var orchestrator =
            TaskerOrchestrator.start(
                TaskerOrchestratorConfig.of(
                    parts.server(), postgres.jdbcUrl(), postgres.user(), postgres.password()));
        var database = Database.open(config.database(), "wasm-broker demo")) {
      console.line("");
      var tasks = new ArrayList<TaskerDemoTask>();
      for (var example : examples) {
        tasks.add(submit(orchestrator.client(), example));
      }
      var queries = new TaskerDemoQueries(database);
      boolean allEnded = watch(queries, tasks, stop);
      new TaskerDemoReport(console, queries).print(tasks);
      if (keep && !stop.arrived()) {
        printAddresses(postgres, broker, orchestrator.client());
        stop.await();
      }
      return allEnded && tasks.stream().allMatch(task -> queries.state(task).equals("complete"));
    }
  }

  private TaskerDemoTask submit(TaskerClient client, Example example) {
    var template = example.template();
    var id =
        client.submit(
            new TaskerClient.TaskRequest(
                template.namespace(), template.name(), template.version(), example.context()));
    return new TaskerDemoTask(id, template.name());
  }

  private boolean watch(TaskerDemoQueries queries, List<TaskerDemoTask> tasks, StopSignals stop)
      throws InterruptedException {
    long lastProgress = System.nanoTime();
    while (!tasks.stream().allMatch(queries::hasEnded)) {
      var transitions = queries.newTransitions(tasks);
      transitions.forEach(line -> console.line("  " + line));
      if (!transitions.isEmpty()) {
        lastProgress = System.nanoTime();
      } else if (System.nanoTime() - lastProgress > PROGRESS_TIMEOUT.toNanos()) {
        console.error(console.failure("no progress for " + PROGRESS_TIMEOUT.toSeconds() + " s"));
        return false;
      }
      if (stop.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        console.error("interrupted");
        return false;
      }
    }
    queries.newTransitions(tasks).forEach(line -> console.line("  " + line));
    return true;
  }

  private void printAddresses(EmbeddedPostgres postgres, Broker broker, TaskerClient client) {
    var http = broker.httpAddress();
    console.line("");
    console.line(console.bold("Still running, until Ctrl-C:"));
    console.line(
        "  database      %s?user=%s&password=%s"
            .formatted(postgres.jdbcUrl(), postgres.user(), postgres.password()));
    console.line("  orchestrator  " + client.address());
    console.line("  broker        http://%s:%d".formatted(http.getHostString(), http.getPort()));
  }

  private static List<Example> examples(Path directory) {
    try (var files = Files.list(directory)) {
      return files
          .filter(file -> Files.exists(contextOf(file)))
          .sorted()
          .map(TaskerDemo::example)
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read " + directory, unreadable);
    }
  }

  private static Example example(Path file) {
    try {
      return new Example(
          TemplateReader.readFile(file.getFileName().toString(), Files.readAllBytes(file)),
          Files.readString(contextOf(file)));
    } catch (IOException unreadable) {
      throw new UncheckedIOException("cannot read " + file, unreadable);
    }
  }

  /** {@code contexts/orders.json} belongs to {@code orders.yaml}. */
  private static Path contextOf(Path template) {
    var name = template.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return template
        .resolveSibling(CONTEXTS)
        .resolve((dot < 0 ? name : name.substring(0, dot)) + ".json");
  }
}
