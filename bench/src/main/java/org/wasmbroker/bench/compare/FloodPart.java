package org.wasmbroker.bench.compare;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.wasmbroker.bench.BenchQueue;
import org.wasmbroker.bench.SqlCeiling;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** Floods of no-op and transform steps, from the queue to the result. */
final class FloodPart implements Part {
  private static final List<String> WORKLOADS = List.of("noop", "transform");

  /** The JVM's compilers are busy until then, and their time is the broker's. */
  private static final int WARM_UP = 60_000;

  private final StepQueue queue;
  private final BenchQueue ceiling;
  private final int steps;

  /**
   * @param compiled a directory for compiled modules
   * @param steps the steps of one flood
   */
  FloodPart(EmbeddedPostgres postgres, Path compiled, int steps) throws Exception {
    this.queue = new StepQueue(postgres, "flood");
    this.ceiling = new BenchQueue(postgres, compiled, "ceiling");
    this.steps = steps;
  }

  @Override
  public String name() {
    return "flood";
  }

  @Override
  public String about() {
    return "%,d steps that are all queued at once, to a broker that did %,d before, with one result each in the database; the ceiling is the same claims and results in the same batches by SQL alone, with today's statements"
        .formatted(steps, WARM_UP);
  }

  @Override
  public List<Figure> figures() {
    return List.of(
        Figure.of(
                "noop-processor",
                "µs/step",
                "no-op step: processor time of broker and Postgres together")
            .ratioAtMost(0.7),
        Figure.of("noop-processor-broker", "µs/step", "no-op step: processor time of the broker"),
        Figure.of("noop-processor-postgres", "µs/step", "no-op step: processor time of Postgres"),
        Figure.of("noop-rate", "steps/s", "no-op steps"),
        Figure.of("noop-ceiling", "of the SQL ceiling", "no-op steps: rate to that of SQL alone")
            .atLeast(0.9),
        Figure.of(
            "transform-processor",
            "µs/step",
            "transform step: processor time of broker and Postgres together"),
        Figure.of("transform-rate", "steps/s", "transform steps"),
        Figure.of(
                "transform-ceiling",
                "of the SQL ceiling",
                "transform steps: rate to that of SQL alone")
            .atLeast(0.8));
  }

  @Override
  public int rounds() {
    return 5;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    for (var workload : WORKLOADS) {
      flood(build, workload, samples);
    }
  }

  private void flood(Build build, String workload, Samples samples) throws Exception {
    queue.empty();
    try (var broker = BrokerProcess.start(build, queue.settings())) {
      queue.send(messages(workload, WARM_UP), () -> {});
      queue.await(WARM_UP, broker);
      queue.execute("checkpoint");
      var start = new Reading[1];
      queue.send(messages(workload, steps), () -> start[0] = reading(broker));
      queue.await(WARM_UP + steps, broker);
      var end = reading(broker);
      double seconds = (end.nanos() - start[0].nanos()) / 1e9;
      double ofBroker = perStep(end.broker().minus(start[0].broker()));
      double ofPostgres = perStep(end.postgres().minus(start[0].postgres()));
      samples.add(workload + "-processor", ofBroker + ofPostgres);
      if (workload.equals("noop")) {
        samples.add("noop-processor-broker", ofBroker);
        samples.add("noop-processor-postgres", ofPostgres);
      }
      samples.add(workload + "-rate", steps / seconds);
    }
    queue.check(WARM_UP + steps);
    ceiling.fill(workload, steps);
    var sql = SqlCeiling.measure(ceiling, steps, queue.averageBatch(), queue.result());
    double rate = Objects.requireNonNull(samples.values().get(workload + "-rate"));
    samples.add(workload + "-ceiling", rate / sql.perSecond());
  }

  private static List<StepQueue.Message> messages(String workload, int count) {
    return Stream.generate(() -> new StepQueue.Message("", BenchQueue.message(workload)))
        .limit(count)
        .toList();
  }

  private record Reading(long nanos, Duration broker, Duration postgres) {}

  private Reading reading(BrokerProcess broker) {
    return new Reading(System.nanoTime(), broker.processorTime(), ProcessorTime.of(queue.server()));
  }

  private double perStep(Duration time) {
    return time.toNanos() / 1e3 / steps;
  }

  @Override
  public void close() {
    queue.close();
  }
}
