package org.wasmbroker.bench.compare;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** Steps that wait for a server that takes 200 ms, and steps that compute beside them. */
final class WaitingPart implements Part {
  private static final Duration DELAY = Duration.ofMillis(200);

  /** The JVM's compilers take most of the processors until then. */
  private static final Duration SETTLE = Duration.ofSeconds(30);

  private static final Duration WINDOW = Duration.ofSeconds(4);
  private static final int QUEUED = 100_000;
  private static final int MANY = 512;
  private static final int FLOOD = 10_000;
  private static final int STREAM = 400;
  private static final Duration STREAM_LIMIT = Duration.ofSeconds(20);
  private static final int STREAM_PER_SECOND = 100;
  private static final int WAITING_PER_SECOND = 500;

  private final StepQueue queue;
  private final SlowServer server;
  private final Path policy;

  WaitingPart(EmbeddedPostgres postgres, Path directory) throws Exception {
    this.queue = new StepQueue(postgres, "waiting");
    this.server = new SlowServer(DELAY);
    this.policy = server.writePolicy(directory);
  }

  @Override
  public String name() {
    return "waiting";
  }

  @Override
  public String about() {
    return "http_request to a loopback server that answers after %d ms, in %d s of a flood after %d s of it; the stream is %d no-op steps at %d per second, alone and beside %d waiting ones per second; one without a result %d s later counts as so long"
        .formatted(
            DELAY.toMillis(),
            WINDOW.toSeconds(),
            SETTLE.toSeconds(),
            STREAM,
            STREAM_PER_SECOND,
            WAITING_PER_SECOND,
            STREAM_LIMIT.toSeconds());
  }

  @Override
  public List<Figure> figures() {
    return List.of(
        Figure.of("default-rate", "steps/s", "waiting steps with the default configuration")
            .ratioAtLeast(50),
        Figure.of("many-rate", "steps/s", "waiting steps with %d in flight".formatted(MANY))
            .atLeast(2_000),
        Figure.of(
            "many-memory",
            "KiB",
            "largest resident memory of the broker with %d in flight less that with 2, for each"
                .formatted(MANY)),
        Figure.of("stream-alone", "ms", "stream alone: 99th percentile from queue to result"),
        Figure.of("stream-beside", "ms", "stream beside waiting steps: the same"),
        Figure.of("stream-ratio", "times", "the latter to the former").atMost(1.5),
        Figure.of("compute-2", "steps/s", "no-op steps with 2 in flight"),
        Figure.of("compute-16", "of that with 2", "no-op steps with 16 in flight").atLeast(0.95),
        Figure.of("compute-256", "of that with 2", "no-op steps with 256 in flight").atLeast(0.95));
  }

  @Override
  public int rounds() {
    return 3;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    samples.add("default-rate", flood(build, Map.of()).perSecond());
    var few = flood(build, Map.of("dispatch.slots", "2"));
    var many = flood(build, Map.of("dispatch.slots", Integer.toString(MANY)));
    samples.add("many-rate", many.perSecond());
    samples.add("many-memory", (many.memory() - few.memory()) / 1024.0 / (MANY - 2));
    stream(build, samples);
    double two = compute(build, 2);
    samples.add("compute-2", two);
    samples.add("compute-16", compute(build, 16) / two);
    samples.add("compute-256", compute(build, 256) / two);
  }

  /**
   * A flood that is left after a while.
   *
   * @param memory the broker's largest resident memory, in bytes
   */
  private record Waiting(double perSecond, long memory) {}

  private Waiting flood(Build build, Map<String, String> settings) throws Exception {
    queue.empty();
    queue.send(requests(QUEUED), () -> {});
    try (var broker = BrokerProcess.start(build, settings(settings))) {
      queue.await(1, broker);
      pause(SETTLE);
      long before = queue.resultCount();
      long start = System.nanoTime();
      pause(WINDOW);
      double results = queue.resultCount() - before;
      double seconds = (System.nanoTime() - start) / 1e9;
      broker.check();
      long memory = broker.peakMemory();
      queue.execute("truncate pgmq.q_waiting"); // so that it has nothing to give back
      return new Waiting(results / seconds, memory);
    }
  }

  private void stream(Build build, Samples samples) throws Exception {
    queue.empty();
    try (var broker = BrokerProcess.start(build, settings(Map.of()))) {
      warmUp(broker);
      double alone = stream(broker, 0);
      double beside = stream(broker, WAITING_PER_SECOND);
      samples.add("stream-alone", alone);
      samples.add("stream-beside", beside);
      samples.add("stream-ratio", beside / alone);
      queue.execute("truncate pgmq.q_waiting");
    }
  }

  /** As many waiting steps as there is time for, and a stream. */
  private void warmUp(BrokerProcess broker) throws SQLException {
    queue.send(requests(QUEUED), () -> {});
    queue.await(1, broker);
    pause(SETTLE);
    queue.execute("truncate pgmq.q_waiting");
    stream(broker, 0);
  }

  /** The 99th percentile from sending a no-op step to its result, in milliseconds. */
  private double stream(BrokerProcess broker, int waitingPerSecond) throws SQLException {
    queue.forgetResults();
    long interval = 1_000_000_000L / STREAM_PER_SECOND;
    long due = System.nanoTime();
    for (int i = 0; i < STREAM; i++) {
      var batch = new ArrayList<StepQueue.Message>();
      batch.add(StepQueue.message("noop", "{}", "{}"));
      batch.addAll(requests(waitingPerSecond / STREAM_PER_SECOND));
      queue.send(batch, () -> {});
      due += interval;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
    }
    return queue.latency("noop", 0.99, STREAM, STREAM_LIMIT, broker);
  }

  private double compute(Build build, int slots) throws Exception {
    queue.empty();
    var settings = settings(Map.of("dispatch.slots", Integer.toString(slots)));
    try (var broker = BrokerProcess.start(build, settings)) {
      queue.send(noops(FLOOD), () -> {});
      queue.await(FLOOD, broker);
      var start = new long[1];
      queue.send(noops(FLOOD), () -> start[0] = System.nanoTime());
      queue.await(2L * FLOOD, broker);
      return FLOOD / ((System.nanoTime() - start[0]) / 1e9);
    }
  }

  private static List<StepQueue.Message> noops(int count) {
    var messages = new ArrayList<StepQueue.Message>();
    for (int i = 0; i < count; i++) {
      messages.add(StepQueue.message("noop", "{}", "{}"));
    }
    return messages;
  }

  private List<StepQueue.Message> requests(int count) {
    var config = "{\"url\":\"%s\"}".formatted(server.url());
    var messages = new ArrayList<StepQueue.Message>();
    for (int i = 0; i < count; i++) {
      messages.add(StepQueue.message("http_request", config, "{}"));
    }
    return messages;
  }

  private Map<String, String> settings(Map<String, String> additional) {
    var settings = queue.settings();
    settings.put("policy.file", policy.toString());
    settings.putAll(additional);
    return settings;
  }

  private static void pause(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      LockSupport.parkNanos(end - System.nanoTime());
    }
  }

  @Override
  public void close() {
    server.close();
    queue.close();
  }
}
