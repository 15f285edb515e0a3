package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wasmbroker.testing.Guests.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.testing.RecordingGuestLog;

/**
 * The contract of {@code prepare} on every engine: a run does the same with an image as with a
 * preparation in its own instance, where an engine has both.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PreparationContract {
  static final int PAGE = 64 << 10;
  static final Limits LIMITS =
      Limits.DEFAULTS.withTime(Duration.ofSeconds(20)).withMemoryBytes(10 * PAGE);

  private Engine engine;

  abstract Engine start(EngineConfig config);

  Engine engine() {
    return engine;
  }

  @BeforeAll
  void startEngine() {
    engine = start(EngineConfig.of(4));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  @Test
  void runSeesEverythingThatPrepareLeft() {
    try (var module = engine.compile(guest("prepared"), LIMITS)) {
      for (var completed : runs(module, "\"configuration\"", "{}", 3)) {
        var state = output(completed).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(state.getInt(0)).as("calls of _initialize").isEqualTo(1);
        assertThat(state.getInt(4)).as("calls of prepare").isEqualTo(1);
        assertThat(state.getInt(8)).as("calls of run").isEqualTo(1);
        assertThat(state.getInt(12)).isEqualTo(15);
        assertThat(state.getInt(16)).isEqualTo(-100);
        assertThat(state.getLong(24)).isEqualTo(-200);
        assertThat(state.getFloat(32)).isEqualTo(-0.5f);
        assertThat(state.getLong(40)).isEqualTo(0x7ff8000000000000L);
        assertThat(state.getLong(48)).isEqualTo(-500);
        assertThat(state.getLong(56)).isEqualTo(-600);
        assertThat(state.getInt(64)).as("pages").isEqualTo(2);
        assertThat(state.getInt(68)).isEqualTo(state.getInt(1024));
        assertThat(state.getInt(72)).as("length of the input").isEqualTo(39);
        assertThat(state.getInt(76)).isEqualTo(7);
        assertThat(state.getInt(80)).isEqualTo(8);
        assertThat(text(state, 1024, 15)).isEqualTo("\"configuration\"");
        assertThat(text(state, 2048, 39)).isEqualTo(step("\"configuration\"", "{}"));
        assertThat(text(state, 3000, 15)).isEqualTo("From the module");
      }
    }
  }

  @Test
  void everyRunOfAConfigurationHasTheSameOutput() {
    try (var module = engine.compile(guest("prepared"), LIMITS)) {
      assertThat(runs(module, "[1]", "{}", 5))
          .extracting(result -> ((Completed) result).output())
          .containsOnly(((Completed) runs(module, "[1]", "{}", 1).getFirst()).output());
    }
  }

  @Test
  void configurationsThatArePreparedAndRunAtOnceDoNotMeet() throws Exception {
    try (var module = engine.compile(guest("prepared"), LIMITS);
        var threads = Executors.newFixedThreadPool(4)) {
      var all =
          IntStream.range(0, 4)
              .mapToObj(
                  number ->
                      threads.submit(
                          () -> {
                            var configuration = "\"%d\"".formatted(number);
                            for (int i = 0; i < 20; i++) {
                              for (var result : runs(module, configuration, "{}", 2)) {
                                assertThat(text(output(result), 1024, 3)).isEqualTo(configuration);
                              }
                            }
                          }))
              .toList();
      for (var one : all) {
        one.get();
      }
    }
  }

  @Test
  void aRunReportsTheLargestSizeOfItsMemoryAndItsOwnCalls() {
    try (var module = engine.compile(guest("prepared"), LIMITS)) {
      for (var result : runs(module, "{}", "{\"a\":1}", 1)) {
        assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(5 * PAGE);
        assertThat(result.receipt().bytesIn()).isEqualTo(step("{}", "{\"a\":1}").length());
        assertThat(result.receipt().hostCalls())
            .contains(new HostCallCount("write_output", 1, 0, 0));
      }
    }
  }

  @Test
  void inPrepareAGuestCanCallWhatDependsOnTheConfigurationOnly() {
    var log = new RecordingGuestLog();
    try (var module = engine.compile(guest("prepare-calls"), LIMITS)) {
      for (var result : runs(module, "{}", "[true]", 1, LIMITS, log)) {
        var answers = output(result).order(ByteOrder.LITTLE_ENDIAN);
        var preparing = new long[] {2, 0, -4, -4, -4, 63, 63, 0, 63, 63, 63, 63, 8, 0};
        assertThat(longs(answers, 0)).as("in _initialize").startsWith(preparing);
        assertThat(longs(answers, 256)).as("in prepare").startsWith(preparing).endsWith(-4, 0);
        assertThat(longs(answers, 512))
            .as("in run")
            .startsWith(step("{}", "[true]").length(), 0, -2, -5, -5, 0, 0, 0, 0, 0, 0, 0, 8, 0);
      }
    }
    var lines = List.of("INFO logged", "WARN a line on stderr");
    assertThat(log.lines()).hasSizeGreaterThanOrEqualTo(6).isSubsetOf(lines);
  }

  @Test
  void whatIsNotGrantedIsDeniedInPrepareAsWell() {
    var nothing = new Access(Set.of("write_output"), List.of());
    var log = new RecordingGuestLog();
    try (var module = engine.compile(guest("prepare-calls"), LIMITS)) {
      for (var result : runs(module, "{}", "{}", 1, LIMITS, log, nothing)) {
        var answers = output(result).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(longs(answers, 256)).startsWith(-5, -5, -4, -4, -4);
      }
    }
    assertThat(log.lines()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"u, UNREACHABLE", "a, ABORTED", "r, STACK_OVERFLOW"})
  void aTrapInPrepareIsTheRunsAndNamesItsPlace(String letter, TrapKind kind) {
    for (var result : ends(letter, LIMITS)) {
      assertThat(result)
          .isInstanceOfSatisfying(
              Trapped.class,
              trapped -> {
                assertThat(trapped.kind()).isEqualTo(kind);
                assertThat(trapped.message()).startsWith("in prepare: ");
              });
    }
  }

  @ParameterizedTest
  @CsvSource({
    "c, 7, in prepare: the guest returned code 7",
    "e, 0, in prepare: the guest exited with code 0",
    "x, 3, in prepare: the guest exited with code 3"
  })
  void aPrepareThatDoesNotReturnZeroFailsTheRun(String letter, int code, String message) {
    for (var result : ends(letter, LIMITS)) {
      assertThat(result)
          .isInstanceOfSatisfying(
              GuestFailed.class,
              failed -> {
                assertThat(failed.code()).isEqualTo(code);
                assertThat(failed.message()).isEqualTo(message);
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"l, TIME", "m, MEMORY", "h, HOST_CALLS"})
  void theLimitsHoldInPrepare(String letter, LimitKind limit) {
    var limits =
        LIMITS.withHostCalls(1000).withTime(Duration.ofMillis(letter.equals("l") ? 50 : 20_000));
    for (var result : ends(letter, limits)) {
      assertThat(result)
          .isInstanceOfSatisfying(
              LimitExceeded.class, exceeded -> assertThat(exceeded.limit()).isEqualTo(limit));
    }
  }

  @Test
  void memoryThatPrepareGrewToTheLimitIsTheRuns() {
    for (var result : ends("g", LIMITS)) {
      assertThat(output(result).order(ByteOrder.LITTLE_ENDIAN).getInt(0)).isEqualTo(10);
      assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(10 * PAGE);
    }
  }

  @Test
  void hostCallsAndLogLinesOfPrepareLeaveThoseOfTheRun() {
    var limits = LIMITS.withHostCalls(30).with(LimitKind.LOG, 10);
    var log = new RecordingGuestLog();
    try (var module = engine.compile(guest("prepare-calls"), LIMITS)) {
      for (var result : runs(module, "{}", "{}", 1, limits, log)) {
        var answers = output(result).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(answers.getLong(8)).as("the first line").isZero();
        assertThat(answers.getLong(256 + 8)).as("beyond the budget of prepare").isEqualTo(-10);
        assertThat(answers.getLong(512 + 8)).as("within the budget of run").isZero();
      }
    }
  }

  @Test
  void aCancelledPreparationIsACancelledRun() throws Exception {
    try (var module = engine.compile(guest("prepare-ends"), LIMITS);
        var threads = Executors.newFixedThreadPool(1)) {
      var cancellation = new Cancellation();
      var log = new RecordingGuestLog();
      var invocation = invocation(step("l", "{}"), LIMITS, log, cancellation);
      var running = threads.submit(() -> module.run(invocation));
      log.awaitFirstLine();
      cancellation.request("its lease is lost");

      assertThat(running.get()).isInstanceOf(Cancelled.class);
    }
  }

  @Test
  void withoutAConfigurationItIsAnEmptyObject() {
    try (var module = engine.compile(guest("prepared"), LIMITS)) {
      var result = module.run(invocation("{}", LIMITS, GuestLog.NONE, new Cancellation()));
      assertThat(text(output(result), 1024, 2)).isEqualTo("{}");
    }
  }

  @Test
  void aModuleWithoutPrepareCannotBePrepared() {
    try (var module = engine.compile(guest("echo"), LIMITS)) {
      assertThat(module.prepares()).isFalse();
      assertThat(module.imageMaker()).isEmpty();
    }
  }

  private List<InvocationResult> ends(String letter, Limits limits) {
    try (var module = engine.compile(guest("prepare-ends"), LIMITS)) {
      return runs(module, letter, "{}", 1, limits, GuestLog.NONE);
    }
  }

  /** Runs without an image, and with one if the engine makes them; as often each. */
  final List<InvocationResult> runs(
      CompiledModule module, String configuration, String input, int times) {
    return runs(module, configuration, input, times, LIMITS, GuestLog.NONE);
  }

  private List<InvocationResult> runs(
      CompiledModule module,
      String configuration,
      String input,
      int times,
      Limits limits,
      GuestLog log) {
    return runs(
        module, configuration, input, times, limits, log, Capabilities.STANDARD.basicAccess());
  }

  private static List<InvocationResult> runs(
      CompiledModule module,
      String configuration,
      String input,
      int times,
      Limits limits,
      GuestLog log,
      Access access) {
    var invocation =
        new Invocation(
            "handler",
            document(step(configuration, input)),
            limits,
            new Cancellation(),
            log,
            access);
    var results = new ArrayList<InvocationResult>();
    for (int i = 0; i < times; i++) {
      results.add(module.run(invocation));
    }
    var maker = module.imageMaker();
    if (maker.isPresent()) {
      var preparation =
          new Preparation(
              "handler",
              document(configuration),
              limits,
              new Cancellation(),
              log,
              access,
              ComputePermit.UNSHARED,
              Long.MAX_VALUE);
      switch (maker.orElseThrow().prepare(preparation)) {
        case PreparationResult.Prepared(var image, var _) -> {
          for (int i = 0; i < times; i++) {
            results.add(module.run(invocation.withImage(image)));
          }
        }
        case PreparationResult.Failed(var result) -> results.add(result);
        case PreparationResult.TooLarge(var bytes, var _) ->
            throw new AssertionError("an image of " + bytes + " bytes");
      }
    }
    return results;
  }

  /** A step document. */
  static String step(String configuration, String context) {
    return "{\"config\":%s,\"context\":%s}".formatted(configuration, context);
  }

  static Preparation preparation(String configuration, Limits limits) {
    return new Preparation(
        "handler",
        document(configuration),
        limits,
        new Cancellation(),
        GuestLog.NONE,
        Capabilities.STANDARD.basicAccess(),
        ComputePermit.UNSHARED,
        Long.MAX_VALUE);
  }

  static Invocation invocation(
      String input, Limits limits, GuestLog log, Cancellation cancellation) {
    return new Invocation(
        "handler", document(input), limits, cancellation, log, Capabilities.STANDARD.basicAccess());
  }

  static Document document(String text) {
    return Document.of(text);
  }

  static ByteBuffer output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return ByteBuffer.wrap(((Completed) result).output().bytes());
  }

  private static String text(ByteBuffer output, int at, int length) {
    var bytes = new byte[length];
    output.get(at, bytes);
    return Document.of(bytes).text();
  }

  private static long[] longs(ByteBuffer output, int at) {
    return IntStream.range(0, 16).mapToLong(i -> output.getLong(at + 8 * i)).toArray();
  }
}
