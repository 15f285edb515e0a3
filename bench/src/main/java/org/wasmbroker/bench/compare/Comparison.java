package org.wasmbroker.bench.compare;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.embedded.EmbeddedPostgres;

/** Measures two builds in turns and prints for each figure both values and their ratio. */
public final class Comparison {
  private static final Duration COMPILE_LIMIT = Duration.ofMinutes(3);

  private final Options options;

  private Comparison(Options options) {
    this.options = options;
  }

  /** Makes a part on a server of its own. */
  private interface PartFactory {
    Part create(EmbeddedPostgres postgres, Options options) throws Exception;
  }

  private static Map<String, PartFactory> parts() {
    var parts = new LinkedHashMap<String, PartFactory>();
    parts.put("start", (postgres, options) -> new StartPart(postgres, options.work()));
    parts.put("prepared", (postgres, options) -> new PreparedPart(postgres, options.work()));
    parts.put(
        "guest",
        (postgres, options) ->
            new GuestPart(
                postgres,
                options.checkout().resolve("demo/src/main/resources/org/wasmbroker/demo"),
                options.checkout().resolve("handlers-wasm/target/release/transform-native")));
    parts.put(
        "flood",
        (postgres, options) ->
            new FloodPart(postgres, options.work().resolve("compiled"), options.steps(20_000)));
    parts.put("waiting", (postgres, options) -> new WaitingPart(postgres, options.work()));
    parts.put(
        "tasker",
        (postgres, options) ->
            new TaskerPart(
                postgres,
                Path.of(System.getProperty("tasker.schema")),
                options.work().resolve("compiled"),
                options.steps(10_000),
                System.getProperty("tasker.native") == null
                    ? null
                    : Path.of(System.getProperty("tasker.native"))));
    return parts;
  }

  /**
   * @param today today's build
   * @param then the other one
   * @param machine a line about the machine
   * @param revisions a line about the two commits
   * @param document where the results are written; null for none
   */
  private record Options(
      Path today,
      Path then,
      Path work,
      String machine,
      String revisions,
      @Nullable Path document,
      List<String> parts) {
    static Options of(String[] arguments) {
      var parts = List.of(arguments).subList(6, arguments.length);
      return new Options(
          Path.of(arguments[0]),
          Path.of(arguments[1]),
          Path.of(arguments[2]),
          arguments[3],
          arguments[4],
          arguments[5].isEmpty() ? null : Path.of(arguments[5]),
          parts.isEmpty() ? List.copyOf(Comparison.parts().keySet()) : parts);
    }

    /** Where the sources are that today's build was made from. */
    Path checkout() {
      return Path.of(System.getProperty("checkout", today.toString()));
    }

    int steps(int otherwise) {
      var given = System.getenv("STEPS");
      return given == null ? otherwise : Integer.parseInt(given);
    }
  }

  /**
   * @param arguments today's checkout, that of then, a directory for files, a line about the
   *     machine, a line about the commits, the document or nothing, and the parts; without parts
   *     all
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      parts().keySet().forEach(System.out::println);
      return;
    }
    new Comparison(Options.of(arguments)).run();
  }

  private void run() throws Exception {
    System.out.printf("machine: %s%n%s%n", options.machine(), options.revisions());
    var today = build("today", options.today());
    var then = build("then", options.then());
    compileModules(List.of(today, then));
    for (var name : options.parts()) {
      var factory = parts().get(name);
      if (factory == null) {
        throw new IllegalArgumentException("there is no part " + name + ": " + parts().keySet());
      }
      try (var postgres = EmbeddedPostgres.start();
          var part = factory.create(postgres, options)) {
        measure(part, today, then);
      }
    }
  }

  private Build build(String label, Path home) throws Exception {
    return new Build(label, home, Files.createDirectories(options.work().resolve(label)));
  }

  /** So that no compilation disturbs the first rounds. */
  private static void compileModules(List<Build> builds) throws Exception {
    try (var postgres = EmbeddedPostgres.start();
        var queue = new StepQueue(postgres, "modules")) {
      for (var build : builds) {
        long modules;
        try (var handlers = Files.list(build.home().resolve("handlers-wasm/prebuilt"))) {
          modules = handlers.filter(Files::isDirectory).count();
        }
        try (var broker = BrokerProcess.start(build, queue.settings())) {
          long start = System.nanoTime();
          while (broker.logged("module loaded") < modules
              && System.nanoTime() - start < COMPILE_LIMIT.toNanos()) {
            broker.check();
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          }
        }
      }
    }
  }

  private void measure(Part part, Build today, Build then) throws Exception {
    long start = System.nanoTime();
    System.out.printf("%n%s: %s%n", part.name(), part.about());
    var results = new Results(part);
    var given = System.getenv("ROUNDS");
    int rounds = given == null ? part.rounds() : Integer.parseInt(given);
    for (int i = 0; i < rounds; i++) {
      var ofToday = new Samples();
      var ofThen = new Samples();
      if (i % 2 == 0) {
        part.round(then, ofThen);
        part.round(today, ofToday);
      } else {
        part.round(today, ofToday);
        part.round(then, ofThen);
      }
      results.add(ofToday, ofThen);
      System.err.printf("%s: round %d of %d%n", part.name(), i + 1, rounds);
    }
    System.out.print(results.text());
    var took = Duration.ofNanos(System.nanoTime() - start);
    System.out.printf("%d rounds in %d s%n", results.rounds(), took.toSeconds());
    if (options.document() != null) {
      new BenchmarksDocument(options.document()).write(part.name(), section(part, results));
    }
  }

  private String section(Part part, Results results) {
    var lines = new ArrayList<String>();
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%s. Median of %d rounds; %s; %s.",
            capitalized(part.about()),
            results.rounds(),
            options.revisions(),
            options.machine()));
    lines.add("");
    lines.add(results.markdown());
    return String.join("\n", lines);
  }

  private static String capitalized(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }
}
