package org.wasmbroker.bench.compare;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.bench.NativeWorker;
import org.wasmbroker.bench.TaskerTables;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** A flood of no-op steps as a worker of Tasker, without an orchestrator. */
final class TaskerPart implements Part {
  private static final int WARM_UP = 3_000;
  private static final int NATIVE_STEPS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final long POLL_NANOS = 5_000_000;

  private final EmbeddedPostgres postgres;
  private final Path migrations;
  private final Path compiled;
  private final int steps;
  private final @Nullable Path nativeWorker;
  private final Map<String, TaskerTables> tables = new HashMap<>();

  /**
   * @param migrations the directory of Tasker's migrations
   * @param steps the steps of one flood
   * @param nativeWorker Tasker's own worker, to compare with; null for none
   */
  TaskerPart(
      EmbeddedPostgres postgres,
      Path migrations,
      Path compiled,
      int steps,
      @Nullable Path nativeWorker) {
    this.postgres = postgres;
    this.migrations = migrations;
    this.compiled = compiled;
    this.steps = steps;
    this.nativeWorker = nativeWorker;
  }

  @Override
  public String name() {
    return "tasker";
  }

  @Override
  public String about() {
    return "%,d no-op steps of Tasker, all ready at once, to a broker that is warm, each build with a database of its own on one server"
        .formatted(steps);
  }

  @Override
  public List<Figure> figures() {
    var figures = new ArrayList<Figure>();
    figures.add(
        Figure.of("postgres-processor", "µs/step", "processor time of Postgres").ratioAtMost(0.75));
    figures.add(Figure.of("broker-processor", "µs/step", "processor time of the broker"));
    figures.add(Figure.of("rate", "steps/s", "from the first claim to the last result"));
    if (nativeWorker != null) {
      figures.add(
          Figure.of(
              "native-rate",
              "steps/s",
              "Tasker's own worker by notification, %,d steps".formatted(NATIVE_STEPS)));
      figures.add(
          Figure.of("times-native", "times", "the broker's rate to that of Tasker's own worker")
              .atLeast(45));
    }
    return figures;
  }

  @Override
  public int rounds() {
    return nativeWorker == null ? 5 : 3;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    var database = tables(build);
    database.fill(WARM_UP);
    long before = database.resultsEver();
    try (var broker = BrokerProcess.start(build, settings(database))) {
      awaitStart(database, broker);
      database.send(() -> {});
      await(database, broker, before + WARM_UP);
      database.fill(steps);
      var start = new Reading[1];
      database.send(() -> start[0] = reading(broker));
      await(database, broker, before + WARM_UP + steps);
      var end = reading(broker);
      samples.add("postgres-processor", perStep(end.postgres().minus(start[0].postgres())));
      samples.add("broker-processor", perStep(end.broker().minus(start[0].broker())));
      samples.add("rate", steps / (database.elapsed().toNanos() / 1e9));
    }
    if (database.results() != steps) {
      throw new IllegalStateException(
          "%,d results of %,d steps".formatted(database.results(), steps));
    }
    if (nativeWorker != null) {
      double perSecond = NativeWorker.flood(database, nativeWorker, NATIVE_STEPS, true);
      samples.add("native-rate", perSecond);
      double rate = Objects.requireNonNull(samples.values().get("rate"));
      samples.add("times-native", rate / perSecond);
    }
  }

  private TaskerTables tables(Build build) throws SQLException {
    var database = tables.get(build.label());
    if (database == null) {
      database =
          TaskerTables.createDatabase(postgres, "tasker_" + build.label(), migrations, compiled);
      tables.put(build.label(), database);
    }
    return database;
  }

  private Map<String, String> settings(TaskerTables database) {
    var settings = new TreeMap<String, String>();
    settings.put("database.url", database.jdbcUrl());
    settings.put("database.user", postgres.user());
    settings.put("database.password", postgres.password());
    settings.put("protocol", "tasker");
    settings.put("tasker.namespaces", TaskerTables.NAMESPACE);
    return settings;
  }

  private record Reading(Duration broker, Duration postgres) {}

  private Reading reading(BrokerProcess broker) {
    return new Reading(broker.processorTime(), ProcessorTime.of(postgres));
  }

  private double perStep(Duration time) {
    return time.toNanos() / 1e3 / steps;
  }

  /** Until its own tables exist, which it makes before it takes steps. */
  private static void awaitStart(TaskerTables database, BrokerProcess broker) {
    long start = System.nanoTime();
    while (!broker.takesSteps()) {
      broker.check();
      checkTime(start, database);
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static void await(TaskerTables database, BrokerProcess broker, long results)
      throws SQLException {
    long start = System.nanoTime();
    while (database.resultsEver() < results) {
      broker.check();
      checkTime(start, database);
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static void checkTime(long start, TaskerTables database) {
    if (System.nanoTime() - start > LIMIT.toNanos()) {
      throw new IllegalStateException("no progress in " + database.jdbcUrl());
    }
  }
}
