package org.wasmbroker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import org.wasmbroker.testing.RecordedCases;
import tools.jackson.databind.json.JsonMapper;

/**
 * The handlers of the catalog that only compute answer generated documents in the sandbox, with and
 * without an image, byte for byte as the same source does as a native program. The same documents
 * each time, or different ones for {@code -Dfuzz.seconds} ({@code make fuzz}).
 */
class GeneratedDocumentsIT {
  private static final Path FOLDER = Path.of("target", "fuzz", "documents").toAbsolutePath();
  private static final int DOCUMENTS = 1_000;
  private static final int MAX_DIFFERENCES = 20;

  /** Generated filters may never end; those are not compared. */
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofSeconds(1));

  /** For what is known to end. */
  private static final Limits PATIENT = LIMITS.withTime(Duration.ofMinutes(10));

  @ParameterizedTest
  @ValueSource(strings = {"aggregate", "decide", "fan_out", "gate", "transform", "validate"})
  void theSandboxAnswersAsTheNativeProgram(String handler) throws Exception {
    long seconds = Integer.getInteger("fuzz.seconds", 0);
    long seed = seconds == 0 ? 1 : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
    var generator =
        new DocumentGenerator(
            seed, RecordedCases.of(handler).stream().map(RecordedCases.Case::document).toList());
    var program = NativeHandler.of(handler);
    var differences = new ArrayList<Map<String, String>>();
    int compared = 0;
    int made = 0;
    long began = System.nanoTime();
    try (var engine =
            WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
        var module = engine.compile(PrebuiltHandlers.module(handler), LIMITS)) {
      while (seconds == 0
          ? made < DOCUMENTS
          : System.nanoTime() - began < Duration.ofSeconds(seconds).toNanos()) {
        var document = generator.next();
        made++;
        var comparison = compare(module, program, document);
        if (comparison == Comparison.NONE) {
          continue;
        }
        compared++;
        if (comparison == Comparison.DIFFERENT) {
          differences.add(caseOf(handler, seed, made, document, program));
        }
        if (differences.size() == MAX_DIFFERENCES) {
          break;
        }
      }
    }
    System.out.printf(
        "fuzz %-20s %d of %d documents compared (seed %d)%n", handler, compared, made, seed);
    assertThat(compared).isPositive();
    assertThat(differences.size()).as(() -> recorded(handler, differences)).isZero();
  }

  private enum Comparison {
    /** Without a result in the sandbox, such as at a limit, or one that depends on the time. */
    NONE,
    EQUAL,
    DIFFERENT
  }

  /** A difference counts if the sandbox gives one answer before and after the program's. */
  private static Comparison compare(CompiledModule module, NativeHandler program, String document)
      throws IOException, InterruptedException {
    var before = answers(module, document);
    if (before.isEmpty()) {
      return Comparison.NONE;
    }
    var expected = program.answer(document);
    if (before.stream().allMatch(expected::equals)) {
      return Comparison.EQUAL;
    }
    return answers(module, document).equals(before) ? Comparison.DIFFERENT : Comparison.NONE;
  }

  /** Of a plain run and one from an image; none if the first gives no result. */
  private static List<String> answers(CompiledModule module, String document) {
    var plain = Invocations.basic(Document.of(document), LIMITS, new Cancellation(), GuestLog.NONE);
    var result = module.run(plain);
    return result instanceof InvocationResult.Completed
        ? List.of(
            text(result),
            text(module.run(PreparedInvocations.prepared(module, plain.withLimits(PATIENT)))))
        : List.of();
  }

  private static String text(InvocationResult result) {
    return result instanceof InvocationResult.Completed(var output, var _)
        ? output.text()
        : result.toString();
  }

  private static Map<String, String> caseOf(
      String handler, long seed, int number, String document, NativeHandler program)
      throws IOException, InterruptedException {
    return Map.of(
        "name",
        "generated for %s: seed %d, number %d".formatted(handler, seed, number),
        "document",
        document,
        "expect",
        program.answer(document));
  }

  /** Writes the differences as a file of cases. */
  private static String recorded(String handler, List<Map<String, String>> differences) {
    var file = FOLDER.resolve(handler + ".json");
    try {
      Files.createDirectories(FOLDER);
      Files.write(file, JsonMapper.shared().writeValueAsBytes(differences));
    } catch (IOException unwritable) {
      throw new AssertionError(unwritable);
    }
    return "the sandbox answers differently; add the cases of %s to handlers-wasm/catalog/%s/cases"
        .formatted(file, handler);
  }
}
