package org.wasmbroker.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.wasmbroker.app.Engines;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;

/**
 * The same reshaping of a document of 10 KB by a JavaScript handler of a hundred lines and by
 * {@code transform}, both from images of their configuration; and by the same script in an engine
 * that is set up in each run, as a plain command does it. In turns, processor time of a run in a
 * fresh instance, instantiation included, the best of several rounds.
 */
public final class JavaScriptBenchmark {
  private static final long ROUND_NANOS = 20_000_000;
  private static final int DOCUMENT_BYTES = 10 << 10;

  /** One of those that are compared. */
  private record Contestant(
      String name, CompiledModule module, Document document, boolean prepared) {}

  private JavaScriptBenchmark() {}

  /**
   * @param arguments the number of rounds, the module of {@code transform}, that of {@code
   *     javascript}, and what the latter is before its snapshot is taken, or "-"
   */
  public static void main(String[] arguments) throws IOException {
    int rounds = Integer.parseInt(arguments[0]);
    var script = resource("reshape.js");
    var filter = resource("reshape.jq");
    var scriptDocument = document("{}");
    var filterDocument =
        document("{\"filter\":%s}".formatted(JsonMapper.shared().writeValueAsString(filter)));
    try (var engine = Engines.start(BenchGuest.engine("wasmtime"), EngineConfig.of(1))) {
      var contestants = new ArrayList<Contestant>();
      var transform = engine.compile(module(arguments[1]), Limits.DEFAULTS);
      contestants.add(new Contestant("transform", transform, filterDocument, true));
      var javascript = withScript(engine, arguments[2], script);
      contestants.add(new Contestant("JavaScript", javascript, scriptDocument, true));
      contestants.add(
          new Contestant(
              "JavaScript, script loaded in the run", javascript, scriptDocument, false));
      if (!arguments[3].equals("-")) {
        contestants.add(
            new Contestant(
                "JavaScript, engine set up in the run",
                withScript(engine, arguments[3], script),
                scriptDocument,
                false));
      }
      requireEqualResults(contestants);
      print(contestants, measure(contestants, rounds), script, scriptDocument);
      contestants.stream().map(Contestant::module).distinct().forEach(CompiledModule::close);
    }
  }

  private static CompiledModule withScript(Engine engine, String file, String script)
      throws IOException {
    var content = script.getBytes(StandardCharsets.UTF_8);
    return engine.compile(ModuleContent.put(module(file), content), Limits.DEFAULTS);
  }

  private static WasmBinary module(String file) throws IOException {
    return new WasmBinary(Files.readAllBytes(Path.of(file)));
  }

  private static String resource(String name) {
    try (var stream = JavaScriptBenchmark.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Orders until there are 10 KB of them. */
  private static Document document(String config) {
    var orders = new StringBuilder();
    for (int i = 0; orders.length() < DOCUMENT_BYTES; i++) {
      orders.append(i == 0 ? "" : ",").append(order(i));
    }
    return Document.of(
        "{\"step\":{\"name\":\"reshape\",\"attempt\":1},\"config\":%s,\"context\":{\"orders\":[%s]}}"
            .formatted(config, orders));
  }

  private static String order(int number) {
    var cities = List.of("Berlin", "Lyon", "Porto", "Graz", "Gent");
    var lines = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      lines
          .append(i == 0 ? "" : ",")
          .append(
              "{\"sku\":\"SKU-%d-%d\",\"name\":\"Article %d of the catalog\",\"price\":%d,\"quantity\":%d}"
                  .formatted(number, i, i, 199 + 7 * number + 31 * i, 1 + (number + i) % 5));
    }
    return """
    {"id":%d,"status":"%s","customer":{"first":"Ada","last":"Number %d","address":{"street":"Long Street %d","city":"%s"}},"lines":[%s]}"""
        .formatted(
            number,
            number % 6 == 5 ? "cancelled" : "paid",
            number,
            number,
            cities.get(number % cities.size()),
            lines);
  }

  private static void requireEqualResults(List<Contestant> contestants) {
    var json = JsonMapper.shared();
    var results =
        contestants.stream()
            .map(one -> json.readTree(run(one, invocation(one)).output().bytes()))
            .distinct();
    if (results.count() != 1) {
      throw new IllegalStateException("the results differ");
    }
  }

  private static double[] measure(List<Contestant> contestants, int rounds) {
    var best = new double[contestants.size()];
    var invocations = contestants.stream().map(JavaScriptBenchmark::invocation).toList();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < best.length; i++) {
        double micros = micros(contestants.get(i), invocations.get(i));
        best[i] = round == 0 ? micros : Math.min(best[i], micros);
      }
    }
    return best;
  }

  private static double micros(Contestant contestant, Invocation invocation) {
    var threads = ManagementFactory.getThreadMXBean();
    long begin = threads.getCurrentThreadCpuTime();
    long runs = 0;
    long took;
    do {
      run(contestant, invocation);
      runs++;
      took = threads.getCurrentThreadCpuTime() - begin;
    } while (took < ROUND_NANOS);
    return took / 1e3 / runs;
  }

  private static Invocation invocation(Contestant contestant) {
    var invocation =
        new Invocation(
            "handler",
            contestant.document(),
            Limits.DEFAULTS,
            new Cancellation(),
            GuestLog.NONE,
            Capabilities.STANDARD.basicAccess());
    return contestant.prepared() ? withImage(contestant.module(), invocation) : invocation;
  }

  private static Invocation withImage(CompiledModule module, Invocation invocation) {
    var result =
        module
            .imageMaker()
            .orElseThrow()
            .prepare(
                new Preparation(
                    invocation.handler(),
                    HandlerConfiguration.of(invocation.input()).document(),
                    invocation.limits(),
                    invocation.cancellation(),
                    invocation.log(),
                    invocation.access(),
                    ComputePermit.UNSHARED,
                    Long.MAX_VALUE));
    if (result instanceof PreparationResult.Prepared(var image, var _)) {
      return invocation.withImage(image);
    }
    throw new IllegalStateException("no image: " + result);
  }

  private static Completed run(Contestant contestant, Invocation invocation) {
    var result = contestant.module().run(invocation);
    if (result instanceof Completed completed
        && completed.output().text().startsWith("{\"status\":\"completed\"")) {
      return completed;
    }
    throw new IllegalStateException(contestant.name() + " did not complete: " + result);
  }

  private static void print(
      List<Contestant> contestants, double[] micros, String script, Document document) {
    System.out.printf(
        "%nA document of %,d bytes, a script of %d lines%n%n",
        document.size(), script.lines().count());
    System.out.printf("%-40s %10s %12s %12s%n", "", "µs", "× transform", "memory KiB");
    for (int i = 0; i < micros.length; i++) {
      var one = contestants.get(i);
      var receipt = run(one, invocation(one)).receipt();
      System.out.printf(
          "%-40s %10.1f %12.2f %12d%n",
          one.name(), micros[i], micros[i] / micros[0], receipt.memoryHighWaterBytes() >> 10);
    }
  }
}
