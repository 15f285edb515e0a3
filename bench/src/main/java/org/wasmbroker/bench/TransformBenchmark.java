package org.wasmbroker.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.wasmbroker.app.Engines;
import org.wasmbroker.bench.TransformDocuments.Case;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;

/**
 * Compares a module of {@code transform} with another build of it, in turns on one engine, and with
 * the native build, on the demo's filters and documents of several sizes: processor time of a run
 * in a fresh instance, instantiation included, the best of several rounds.
 */
public final class TransformBenchmark {
  private static final long ROUND_NANOS = 8_000_000;

  /** What the native build prints for each document. */
  private static final Pattern NATIVE = Pattern.compile("min ([0-9.]+) µs");

  private record Figure(double micros, long memoryBytes) {
    Figure best(Figure other) {
      return new Figure(Math.min(micros, other.micros), Math.max(memoryBytes, other.memoryBytes));
    }
  }

  private TransformBenchmark() {}

  /**
   * @param arguments the number of rounds, the demo's resources, the native binary or "-", the
   *     module, and optionally the module that it is compared to
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int rounds = Integer.parseInt(arguments[0]);
    var cases = new TransformDocuments(Path.of(arguments[1])).cases();
    var nativeMicros = nativeMicros(arguments[2], cases);
    var files = List.of(arguments).subList(3, arguments.length);
    try (var engine = Engines.start(BenchGuest.engine("wasmtime"), EngineConfig.of(1))) {
      var modules = new ArrayList<CompiledModule>();
      for (var file : files) {
        var wasm = new WasmBinary(Files.readAllBytes(Path.of(file)));
        modules.add(engine.compile(wasm, Limits.DEFAULTS));
      }
      nameOtherResults(modules, cases);
      print(cases, measure(modules, cases, rounds), nativeMicros);
      modules.forEach(CompiledModule::close);
    }
  }

  private static void nameOtherResults(List<CompiledModule> modules, List<Case> cases) {
    for (var example : cases) {
      var document = Document.of(example.document());
      var results = modules.stream().map(module -> run(module, document).output()).distinct();
      if (results.count() != 1) {
        System.out.printf("%s of %d bytes: results differ%n", example.filter(), example.size());
      }
    }
  }

  /** The figures of all modules for each case. */
  private static Map<Case, Figure[]> measure(
      List<CompiledModule> modules, List<Case> cases, int rounds) {
    var figures = new LinkedHashMap<Case, Figure[]>();
    for (var example : cases) {
      var document = Document.of(example.document());
      var best = new Figure[modules.size()];
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < best.length; i++) {
          var figure = figure(modules.get(i), document);
          best[i] = best[i] == null ? figure : best[i].best(figure);
        }
      }
      figures.put(example, best);
    }
    return figures;
  }

  private static Figure figure(CompiledModule module, Document document) {
    var threads = ManagementFactory.getThreadMXBean();
    long memory = 0;
    long runs = 0;
    long begin = threads.getCurrentThreadCpuTime();
    long took;
    do {
      for (int i = 0; i < 8; i++) {
        memory = Math.max(memory, run(module, document).receipt().memoryHighWaterBytes());
      }
      runs += 8;
      took = threads.getCurrentThreadCpuTime() - begin;
    } while (took < ROUND_NANOS);
    return new Figure(took / 1e3 / runs, memory);
  }

  private static Completed run(CompiledModule module, Document document) {
    var result =
        module.run(
            new Invocation(
                "handler",
                document,
                Limits.DEFAULTS,
                new Cancellation(),
                GuestLog.NONE,
                Capabilities.STANDARD.basicAccess()));
    if (!(result instanceof Completed completed) || isFailure(completed.output())) {
      throw new IllegalStateException("the step did not complete: " + result);
    }
    return completed;
  }

  private static boolean isFailure(Document output) {
    return !output.text().startsWith("{\"status\":\"completed\"");
  }

  /**
   * The shortest time of the native build for each case; empty without one.
   *
   * @param binary the program, or "-"
   */
  public static List<Double> nativeMicros(String binary, List<Case> cases)
      throws IOException, InterruptedException {
    if (binary.equals("-")) {
      return List.of();
    }
    var process =
        new ProcessBuilder(binary, "--bench", "400")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (var stdin = process.outputWriter(StandardCharsets.UTF_8)) {
      for (var example : cases) {
        stdin.write(example.document());
        stdin.write('\n');
      }
    }
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(binary + " failed");
    }
    return NATIVE.matcher(output).results().map(result -> Double.valueOf(result.group(1))).toList();
  }

  private static void print(
      List<Case> cases, Map<Case, Figure[]> figures, List<Double> nativeMicros) {
    boolean compared = figures.values().iterator().next().length > 1;
    System.out.printf(
        "%nOne run of transform in a fresh instance, and of its native build%n%-20s %7s %9s %9s %6s"
            + " %9s %6s %8s %8s%n",
        "filter", "input B", "µs", "then µs", "ratio", "native", "times", "KiB", "then KiB");
    var ratios = new LinkedHashMap<String, List<Double>>();
    for (int i = 0; i < cases.size(); i++) {
      var example = cases.get(i);
      var measured = Objects.requireNonNull(figures.get(example));
      var now = measured[0];
      var then = compared ? measured[1] : now;
      double alone = nativeMicros.isEmpty() ? Double.NaN : nativeMicros.get(i);
      double ratio = now.micros() / then.micros();
      ratios.computeIfAbsent(example.filter(), name -> new ArrayList<>()).add(ratio);
      System.out.printf(
          Locale.ROOT,
          "%-20s %7d %9.1f %9.1f %6.2f %9.1f %6.2f %8d %8d%n",
          example.filter(),
          example.size(),
          now.micros(),
          then.micros(),
          ratio,
          alone,
          now.micros() / alone,
          now.memoryBytes() >> 10,
          then.memoryBytes() >> 10);
    }
    if (compared) {
      printRatios(ratios);
    }
  }

  private static void printRatios(Map<String, List<Double>> ratios) {
    System.out.printf("%nratio by filter, geometric mean over the documents from 1,000 bytes%n");
    ratios.forEach(
        (filter, each) -> {
          var large = each.subList(1, each.size()).stream().mapToDouble(x -> x).toArray();
          double mean = Math.exp(Arrays.stream(large).map(Math::log).average().orElse(Double.NaN));
          double worst = Arrays.stream(large).max().orElse(Double.NaN);
          System.out.printf(Locale.ROOT, "%-20s %6.2f, worst %.2f%n", filter, mean, worst);
        });
  }
}
