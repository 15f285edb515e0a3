package org.wasmbroker.bench.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** How long commands take from their start, as a user sees it. */
final class StartPart implements Part {
  private static final int DEMO_ROUNDS = 3;

  private final StepQueue queue;
  private final Path input;
  private int rounds;

  StartPart(EmbeddedPostgres postgres, Path directory) throws Exception {
    this.queue = new StepQueue(postgres, "start");
    this.input =
        Files.writeString(
            directory.resolve("input.json"),
            """
            {"config":{"filter":".context|add"},"context":[1,2]}\
            """);
  }

  @Override
  public String name() {
    return "start";
  }

  @Override
  public String about() {
    return "from the start of ./wasm-broker, with the modules in the compile cache; the demo with"
        + " caches that are empty, and with ones that are not";
  }

  @Override
  public List<Figure> figures() {
    return List.of(
        Figure.of("invoke", "ms", "`invoke transform` as a whole").ratioAtMost(0.5),
        Figure.of("invoke-processor", "ms", "its processor time"),
        Figure.of("run", "ms", "`run` to the first completed step").ratioAtMost(0.5),
        Figure.of("run-processor", "ms", "its processor time until then"),
        Figure.of("demo-cold", "ms", "`demo` with 1,000 steps as a whole, caches empty")
            .ratioAtMost(0.5),
        Figure.of("demo-cold-processor", "ms", "its processor time, Postgres included"),
        Figure.of("demo", "ms", "the same with full caches"));
  }

  @Override
  public int rounds() {
    return 7;
  }

  @Override
  public void round(Build build, Samples samples) throws Exception {
    var invoke = List.of("invoke", "transform", "-i", input.toString());
    if (rounds < 2) { // compiles what the rounds find compiled
      command(build, invoke, Map.of());
    }
    var invoked = command(build, invoke, Map.of());
    samples.add("invoke", millis(invoked.elapsed()));
    samples.add("invoke-processor", millis(invoked.processor()));
    run(build, samples);
    if (rounds++ < 2 * DEMO_ROUNDS) {
      demo(build, samples);
    }
  }

  private void run(Build build, Samples samples) throws Exception {
    queue.empty();
    queue.send(
        List.of(StepQueue.message("transform", "{\"filter\":\".context|add\"}", "[1,2]")),
        () -> {});
    long start = System.nanoTime();
    try (var broker = BrokerProcess.start(build, queue.settings())) {
      queue.await(1, broker);
      samples.add("run", millis(Duration.ofNanos(System.nanoTime() - start)));
      samples.add("run-processor", millis(broker.processorTime()));
    }
    queue.check(1);
  }

  private static void demo(Build build, Samples samples) throws Exception {
    var caches = Files.createTempDirectory(build.work(), "caches-");
    var settings = Map.of("engine.compile-cache", caches.resolve("compiled").toString());
    var cold = command(build, List.of("demo"), settings);
    samples.add("demo-cold", millis(cold.elapsed()));
    samples.add("demo-cold-processor", millis(cold.processor()));
    samples.add("demo", millis(command(build, List.of("demo"), settings).elapsed()));
  }

  private record Ended(Duration elapsed, Duration processor) {}

  private static Ended command(Build build, List<String> arguments, Map<String, String> settings)
      throws IOException, InterruptedException {
    var output = Files.createTempFile(build.work(), "command-", ".log").toFile();
    var processor = ProcessorTime.ofChildren();
    long start = System.nanoTime();
    var process =
        build.start(arguments, new TreeMap<>(settings), output, Path.of(output + ".err").toFile());
    int status = process.waitFor();
    var elapsed = Duration.ofNanos(System.nanoTime() - start);
    if (status != 0) {
      throw new IllegalStateException(
          "%s of %s ended with %d:%n%s%n%s"
              .formatted(
                  arguments,
                  build.label(),
                  status,
                  BrokerProcess.tail(output.toPath()),
                  BrokerProcess.tail(Path.of(output + ".err"))));
    }
    return new Ended(elapsed, ProcessorTime.ofChildren().minus(processor));
  }

  private static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }

  @Override
  public void close() {
    queue.close();
  }
}
