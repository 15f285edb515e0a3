package org.wasmbroker.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.fuzz.NativeHandler.Answered;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.AnsweredHttp;
import org.wasmbroker.testing.EngineConfigs;
import org.wasmbroker.testing.HostAnswer;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.PreparedInvocations;
import org.wasmbroker.testing.RecordedCases;
import tools.jackson.databind.json.JsonMapper;

/**
 * The handlers of the catalog answer generated documents in the sandbox, with and without an image,
 * byte for byte as the same source does as a native program. Those that send requests get the same
 * generated answers from both hosts, and send the same requests. The same documents each time, or
 * different ones for {@code -Dfuzz.seconds} ({@code make fuzz}).
 */
class GeneratedDocumentsIT {
  private static final Path FOLDER = Path.of("target", "fuzz", "documents").toAbsolutePath();
  private static final int DOCUMENTS = 1_000;
  private static final int MAX_DIFFERENCES = 20;

  /** Generated filters may never end; those are not compared. */
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofSeconds(1));

  private static final Set<String> FUNCTIONS = Set.copyOf(Capabilities.STANDARD.functionNames());

  /** For what is known to end. */
  private static final Limits PATIENT = LIMITS.withTime(Duration.ofMinutes(10));

  /**
   * What is generated.
   *
   * @param answers to the requests of the step
   */
  private record Generated(int number, Document document, List<HostAnswer> answers) {}

  @ParameterizedTest
  @ValueSource(strings = {"aggregate", "decide", "fan_out", "gate", "transform", "validate"})
  void theSandboxAnswersAsTheNativeProgram(String handler) throws Exception {
    long seed = seed();
    var documents = documents(seed, handler);
    compare(
        handler, seed, number -> new Generated(number, Document.of(documents.next()), List.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http_request", "notify"})
  void theSandboxSendsAndAnswersAsTheNativeProgram(String handler) throws Exception {
    long seed = seed();
    var documents = documents(seed, handler);
    var answers = new AnswerGenerator(seed, RecordedCases.of(handler), documents);
    int sent =
        compare(
            handler,
            seed,
            number -> {
              var document = documents.next();
              return new Generated(number, Document.of(document), answers.next(document));
            });
    assertThat(sent).isPositive();
  }

  private static long seed() {
    return seconds() == 0 ? 1 : ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE);
  }

  private static long seconds() {
    return Integer.getInteger("fuzz.seconds", 0);
  }

  private static DocumentGenerator documents(long seed, String handler) {
    return new DocumentGenerator(
        seed,
        RecordedCases.of(handler).stream()
            .map(one -> one.document().replaceAll("@(PORT|CLOSED)@", "8080"))
            .toList());
  }

  /** Returns of how many of the compared documents a request was sent. */
  private static int compare(String handler, long seed, IntFunction<Generated> generator)
      throws IOException, InterruptedException {
    var program = NativeHandler.of(handler);
    var differences = new ArrayList<Map<String, Object>>();
    int compared = 0;
    int sent = 0;
    int made = 0;
    long began = System.nanoTime();
    try (var engine =
            WasmtimeEngine.start(EngineConfigs.cached(1), Capabilities.STANDARD.functions());
        var module = engine.compile(PrebuiltHandlers.module(handler), LIMITS)) {
      while (seconds() == 0
          ? made < DOCUMENTS
          : System.nanoTime() - began < Duration.ofSeconds(seconds()).toNanos()) {
        made++;
        var generated = generator.apply(made);
        var before = answers(module, generated);
        if (before.isEmpty()) {
          continue;
        }
        compared++;
        var expected = answered(program, generated);
        if (!expected.requests().isEmpty()) {
          sent++;
        }
        if (isDifferent(module, generated, before, expected)) {
          differences.add(caseOf(handler, seed, generated, expected));
        }
        if (differences.size() == MAX_DIFFERENCES) {
          break;
        }
      }
    }
    System.out.printf(
        "fuzz %-20s %d of %d documents compared, %d of them with requests (seed %d)%n",
        handler, compared, made, sent, seed);
    assertThat(compared).isPositive();
    assertThat(differences.size()).as(() -> recorded(handler, differences)).isZero();
    return sent;
  }

  /**
   * A difference counts if the sandbox gives one answer before and after the program's, and so does
   * not depend on the time.
   */
  private static boolean isDifferent(
      CompiledModule module, Generated generated, List<Answered> before, Answered expected) {
    return !before.stream().allMatch(expected::equals) && answers(module, generated).equals(before);
  }

  /**
   * Of a plain run and one from an image; none if the first gives no result, such as at a limit.
   */
  private static List<Answered> answers(CompiledModule module, Generated generated) {
    var http = http(generated);
    var result = module.run(invocation(generated, http));
    if (!(result instanceof InvocationResult.Completed)) {
      return List.of();
    }
    var httpOfPrepared = http(generated);
    var patient = invocation(generated, httpOfPrepared).withLimits(PATIENT);
    var prepared = module.run(PreparedInvocations.prepared(module, patient));
    return List.of(answered(http, result), answered(httpOfPrepared, prepared));
  }

  /** Bodies come in pieces of random sizes, on which nothing may depend. */
  private static AnsweredHttp http(Generated generated) {
    var random = new Random(generated.number());
    return new AnsweredHttp(generated.answers(), most -> 1 + random.nextInt(most));
  }

  private static Invocation invocation(Generated generated, AnsweredHttp http) {
    return new Invocation(
        "handler",
        generated.document(),
        LIMITS,
        new Cancellation(),
        GuestLog.NONE,
        new Access(FUNCTIONS, List.of(GuestTime.of(Duration.ZERO), http)));
  }

  private static Answered answered(AnsweredHttp http, InvocationResult result) {
    return new Answered(
        http.requests(),
        result instanceof InvocationResult.Completed(var output, var _)
            ? RecordedCases.withoutTime(output.text())
            : result.toString());
  }

  private static Answered answered(NativeHandler program, Generated generated)
      throws IOException, InterruptedException {
    var answered = program.answer(generated.document(), generated.answers());
    return new Answered(answered.requests(), RecordedCases.withoutTime(answered.result()));
  }

  private static Map<String, Object> caseOf(
      String handler, long seed, Generated generated, Answered expected) {
    var one = new LinkedHashMap<String, Object>();
    one.put(
        "name",
        "generated for %s: seed %d, number %d".formatted(handler, seed, generated.number()));
    one.put("document", generated.document().text());
    if (!generated.answers().isEmpty() || !expected.requests().isEmpty()) {
      one.put("answers", HostAnswer.written(generated.answers()));
      one.put("requests", expected.requests());
    }
    one.put("expect", expected.result());
    return one;
  }

  /** Writes the differences as a file of cases. */
  private static String recorded(String handler, List<Map<String, Object>> differences) {
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
