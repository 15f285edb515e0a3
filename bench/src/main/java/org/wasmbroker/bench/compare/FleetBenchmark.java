package org.wasmbroker.bench.compare;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.EmbeddedPostgresConfig;

/**
 * Several brokers on one database. A broker serves one queue, so there are at least as many brokers
 * as queues.
 */
public final class FleetBenchmark {
  private static final List<Integer> BROKERS = List.of(1, 2, 4, 8);
  private static final List<Integer> QUEUES = List.of(1, 4, 16);
  private static final int WARM_UP = 1_000;
  private static final int PARTITIONS = 20;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long POLL_NANOS = 2_000_000;
  private static final Duration COMPILE = Duration.ofMillis(500);

  private final EmbeddedPostgres postgres;
  private final Build build;
  private final int steps;

  private FleetBenchmark(EmbeddedPostgres postgres, Build build, int steps) {
    this.postgres = postgres;
    this.build = build;
    this.steps = steps;
  }

  private record Fleet(int brokers, int queues, boolean partitioned) {
    private static final Pattern FORM = Pattern.compile("([0-9]+)x([0-9]+)(p?)");

    /** Brokers and queues, and p if they are partitioned: 4x1 or 4x1p. */
    static Fleet of(String text) {
      var parts = FORM.matcher(text);
      if (!parts.matches()) {
        throw new IllegalArgumentException("a fleet is such as 4x1 or 4x1p, was " + text);
      }
      int brokers = Integer.parseInt(parts.group(1));
      int queues = Integer.parseInt(parts.group(2));
      if (queues < 1 || brokers < queues) {
        throw new IllegalArgumentException("a queue needs a broker of its own: " + text);
      }
      return new Fleet(brokers, queues, !parts.group(3).isEmpty());
    }
  }

  /**
   * @param arguments the checkout, a directory for files, the steps of a flood, a line about
   *     machine and commit, and the document to write or nothing
   */
  public static void main(String[] arguments) throws Exception {
    var work = Path.of(arguments[1]);
    var build = new Build("today", Path.of(arguments[0]), work);
    int steps = Integer.parseInt(arguments[2]);
    var document = arguments[4].isEmpty() ? null : Path.of(arguments[4]);
    System.out.println(arguments[3]);
    var settings = EmbeddedPostgresConfig.DEFAULTS.withSettings(Map.of("max_connections", "300"));
    try (var postgres = EmbeddedPostgres.start(settings)) {
      new FleetBenchmark(postgres, build, steps).run(arguments[3], document);
    }
  }

  private void run(String machine, @Nullable Path document) throws Exception {
    var rows = new ArrayList<String>();
    measure(new Fleet(1, 1, false), 2 * WARM_UP); // compiles and warms the server
    var only = System.getenv("FLEETS");
    var fleets = only == null ? fleets() : Stream.of(only.split(",", -1)).map(Fleet::of).toList();
    for (var fleet : fleets) {
      var row = measure(fleet, steps);
      System.out.println(row.text());
      rows.add(row.markdown());
    }
    if (document != null) {
      var table =
          "\n%,d no-op steps, all queued at once, to brokers that are warm; %s.\n\n%s%s\n"
              .formatted(steps, machine, Row.HEAD, String.join("", rows));
      new BenchmarksDocument(document).write("fleet", table);
    }
  }

  private static List<Fleet> fleets() {
    var fleets = new ArrayList<Fleet>();
    for (int queues : QUEUES) {
      for (int brokers : BROKERS) {
        if (brokers >= queues) {
          fleets.add(new Fleet(brokers, queues, false));
        }
      }
      if (queues > BROKERS.getLast()) {
        fleets.add(new Fleet(queues, queues, false));
      }
    }
    fleets.add(new Fleet(1, 1, true));
    fleets.add(new Fleet(4, 1, true));
    fleets.add(new Fleet(4, 4, true));
    return fleets;
  }

  private Row measure(Fleet fleet, int count) throws Exception {
    var queues = new ArrayList<StepQueue>();
    var brokers = new ArrayList<BrokerProcess>();
    try {
      for (int i = 0; i < fleet.queues(); i++) {
        var queue =
            new StepQueue(postgres, (fleet.partitioned() ? "fleet_partitioned_" : "fleet_") + i);
        queues.add(queue);
        if (fleet.partitioned()) {
          queue.partition(PARTITIONS, count + 2L * WARM_UP * fleet.brokers());
        }
      }
      for (int i = 0; i < fleet.brokers(); i++) {
        brokers.add(BrokerProcess.start(build, queues.get(i % fleet.queues()).settings()));
      }
      awaitStart(brokers);
      int warmUp = WARM_UP * fleet.brokers() / fleet.queues();
      for (var queue : queues) {
        queue.send(noops(warmUp), () -> {});
      }
      await(queues, warmUp, brokers);
      return flood(fleet, queues, brokers, count, warmUp);
    } finally {
      brokers.parallelStream().forEach(BrokerProcess::close);
      queues.forEach(StepQueue::close);
    }
  }

  private static void awaitStart(List<BrokerProcess> brokers) throws InterruptedException {
    for (var broker : brokers) {
      while (!broker.takesSteps()) {
        broker.check();
        Thread.sleep(10);
      }
    }
    Thread.sleep(COMPILE);
  }

  private static void await(List<StepQueue> queues, long steps, List<BrokerProcess> brokers)
      throws SQLException {
    long start = System.nanoTime();
    for (var queue : queues) {
      for (long done = queue.resultCount(); done < steps; done = queue.resultCount()) {
        brokers.forEach(BrokerProcess::check); // what a dead one held comes late, from another
        if (System.nanoTime() - start > LIMIT.toNanos()) {
          throw new IllegalStateException(
              "%,d of %,d results of a queue within %s".formatted(done, steps, LIMIT));
        }
        LockSupport.parkNanos(POLL_NANOS);
      }
    }
  }

  private Row flood(
      Fleet fleet, List<StepQueue> queues, List<BrokerProcess> brokers, int count, int warmUp)
      throws Exception {
    int each = count / queues.size();
    var batches = new ArrayList<List<StepQueue.Message>>();
    queues.forEach(_ -> batches.add(noops(each)));
    double runs = runs(brokers);
    var start = new long[1];
    var broker = new Duration[1];
    var server = new Duration[1];
    try (var waits = new WaitSampler(postgres)) {
      for (int i = 0; i < queues.size(); i++) {
        boolean first = i == 0;
        queues
            .get(i)
            .send(
                batches.get(i),
                () -> {
                  if (first) {
                    broker[0] = processorTime(brokers);
                    server[0] = ProcessorTime.of(postgres);
                    waits.begin();
                    start[0] = System.nanoTime();
                  }
                });
      }
      await(queues, warmUp + each, brokers);
      double seconds = (System.nanoTime() - start[0]) / 1e9;
      var samples = waits.end();
      double done = (double) each * queues.size();
      var row =
          new Row(
              fleet.brokers(),
              fleet.queues(),
              fleet.partitioned(),
              done / seconds,
              processorTime(brokers).minus(broker[0]).toNanos() / 1e3 / done,
              ProcessorTime.of(postgres).minus(server[0]).toNanos() / 1e3 / done,
              samples,
              Math.round(runs(brokers) - runs - done));
      for (var queue : queues) {
        queue.check(warmUp + each);
      }
      return row;
    }
  }

  /** How many guests the brokers have run. */
  private static double runs(List<BrokerProcess> brokers) throws Exception {
    double runs = 0;
    for (var broker : brokers) {
      runs += BrokerMetrics.sum(broker.port(), "wasm_broker_step_execution_seconds_count");
    }
    return runs;
  }

  private static Duration processorTime(List<BrokerProcess> brokers) {
    return brokers.stream().map(BrokerProcess::processorTime).reduce(Duration.ZERO, Duration::plus);
  }

  private static List<StepQueue.Message> noops(int count) {
    var messages = new ArrayList<StepQueue.Message>();
    for (int i = 0; i < count; i++) {
      messages.add(StepQueue.message("noop", "{}", "{}"));
    }
    return messages;
  }

  /**
   * One line of the table.
   *
   * @param broker the processor time of all brokers for each step, in µs
   * @param server that of Postgres
   * @param waits how often a session was seen at work, and waiting
   * @param doubled runs beyond one for each step
   */
  private record Row(
      int brokers,
      int queues,
      boolean partitioned,
      double perSecond,
      double broker,
      double server,
      WaitSampler.Samples waits,
      long doubled) {
    static final String HEAD =
        """
        | brokers | queues | steps/s | broker, µs/step | Postgres, µs/step | sessions at work | waiting for locks | for latches | for the disk | run twice |
        |--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
        """;

    String text() {
      return String.format(
          Locale.ROOT,
          "%2d brokers, %2d queues%s: %,7.0f steps/s; µs/step: brokers %.0f, Postgres %.0f;"
              + " sessions at work %.1f, waiting for locks %.2f, latches %.2f, disk %.2f; %d run"
              + " twice",
          brokers,
          queues,
          partitioned ? " (partitioned)" : "",
          perSecond,
          broker,
          server,
          waits.active(),
          waits.locks(),
          waits.latches(),
          waits.disk(),
          doubled);
    }

    String markdown() {
      return String.format(
          Locale.ROOT,
          "| %d | %d%s | %,.0f | %.0f | %.0f | %.1f | %.2f | %.2f | %.2f | %d |%n",
          brokers,
          queues,
          partitioned ? " partitioned" : "",
          perSecond,
          broker,
          server,
          waits.active(),
          waits.locks(),
          waits.latches(),
          waits.disk(),
          doubled);
    }
  }
}
