package org.wasmbroker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HostCallCount;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.Invocations;
import org.wasmbroker.testing.RecordingGuestLog;

/** The contract of every engine. The test of an engine extends this class and starts the engine. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class EngineContract {
  private static final int SLOTS = 8;

  /** Far more time than any guest here needs on any machine; those that need all have little. */
  private static final Limits LIMITS = Limits.DEFAULTS.withTime(Duration.ofMinutes(10));

  private static final int PAGE = 64 << 10;

  private Engine engine;

  abstract Engine start(EngineConfig config);

  /** Whether traps have a backtrace. Everything else is required of every engine. */
  boolean hasBacktraces() {
    return true;
  }

  @BeforeAll
  void startEngine() {
    engine = start(EngineConfig.of(SLOTS));
  }

  @AfterAll
  void closeEngine() {
    engine.close();
  }

  // Results

  @Test
  void echoReturnsItsInput() {
    var result = run("echo", "{\"a\":1}");

    assertThat(result)
        .asInstanceOf(InstanceOfAssertFactories.type(Completed.class))
        .satisfies(completed -> assertThat(completed.output().text()).isEqualTo("{\"a\":1}"));
  }

  @Test
  void aLargeDocumentArrivesIntact() {
    var text = "x".repeat(100_000);

    assertThat(output(run("echo", text))).isEqualTo(text);
  }

  @Test
  void theReceiptIsExact() {
    var before = System.nanoTime();
    var result = run("echo", "{}");
    var took = Duration.ofNanos(System.nanoTime() - before);

    var receipt = result.receipt();
    assertThat(receipt.engine()).isEqualTo(engine.info());
    assertThat(receipt.bytesIn()).isEqualTo(2);
    assertThat(receipt.bytesOut()).isEqualTo(2);
    assertThat(receipt.memoryHighWaterBytes()).isEqualTo(2 * PAGE);
    assertThat(receipt.logLinesDropped()).isZero();
    assertThat(receipt.hostCalls())
        .containsExactly(
            new HostCallCount("read_input", 1, 0, 0), new HostCallCount("write_output", 1, 0, 0));
    assertThat(receipt.instantiation()).isPositive();
    assertThat(receipt.execution()).isPositive();
    assertThat(receipt.instantiation().plus(receipt.execution())).isLessThan(took);
  }

  @Test
  void theMemoryHighWaterMarkIsTheSizeAfterGrowth() {
    var result = run("grow", littleEndian(3));

    assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(4 * PAGE);
  }

  @Test
  void initializeRunsBeforeRunAndAfterTheStartFunction() {
    assertThat(output(run("initialized", "started"))).isEqualTo("started");
  }

  @Test
  void aReactorWithoutOutputFails() {
    assertThat(run("no-output", ""))
        .asInstanceOf(InstanceOfAssertFactories.type(GuestFailed.class))
        .satisfies(failed -> assertThat(failed.code()).isZero())
        .satisfies(failed -> assertThat(failed.message()).contains("without an output"));
  }

  @Test
  void aSecondOutputIsRefused() {
    var result = run("output", littleEndian(5));

    assertThat(code(result)).isEqualTo(-4);
    assertThat(result.receipt().hostCalls()).contains(new HostCallCount("write_output", 1, 0, 1));
    assertThat(result.receipt().bytesOut()).isEqualTo(5);
  }

  @Test
  void aDocumentOfSixteenMebibytesPassesThroughAGuestOfOnePage() {
    var limits = LIMITS.withMemoryBytes(PAGE).with(LimitKind.OUTPUT, 16 << 20);
    var document = new byte[16 << 20];
    for (int i = 0; i < document.length; i++) {
      document[i] = (byte) (i * 31 + (i >> 12));
    }

    var result = run("pieces", document, limits, GuestLog.NONE);

    assertThat(result)
        .isInstanceOfSatisfying(
            Completed.class,
            completed -> assertThat(completed.output().bytes()).isEqualTo(document));
    assertThat(result.receipt().bytesOut()).isEqualTo(document.length);
    assertThat(result.receipt().memoryHighWaterBytes()).isEqualTo(PAGE);
  }

  @Test
  void whatIsWrittenAtOnceTakesThePlaceOfPiecesAndEndsTheOutput() {
    var result = run("pieces", "f" + "x".repeat(100_000));

    assertThat(code(result)).as("one more piece").isEqualTo(-4);
    assertThat(result.receipt().bytesOut()).isEqualTo(2);
  }

  @Test
  void piecesOfARunThatFailsAreNoOutput() {
    assertThat(code(run("pieces", "n pieces"))).isEqualTo(5);
    assertThat(run("pieces", "traps")).isInstanceOf(Trapped.class);
    assertThat(run("pieces", ""))
        .isInstanceOfSatisfying(
            GuestFailed.class,
            failed -> assertThat(failed.message()).contains("without an output"));
  }

  @Test
  void piecesTogetherAboveTheLimitEndTheRun() {
    var limits = LIMITS.with(LimitKind.OUTPUT, 100_000);

    assertThat(run("pieces", new byte[130_000], limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.OUTPUT);
              assertThat(exceeded.used()).isEqualTo(120_000);
            });
  }

  @Test
  void eachRunStartsWithMemoryAndGlobalsAsTheModuleDefinesThem() {
    try (var module = engine.compile(guest("stale-memory"), LIMITS)) {
      for (int i = 0; i < 3 * SLOTS; i++) {
        assertThat(module.run(invocation(""))).isInstanceOf(Completed.class);
      }
    }
  }

  @Test
  void clocksAreMonotonicAndAccurate() {
    var before = Instant.now();
    long began = System.nanoTime();
    var result = run("clock", "");
    long took = System.nanoTime() - began;

    var times = longs(((Completed) result).output());
    long limit = LIMITS.time().toNanos();
    assertThat(times.get(0)).isBetween(nanos(before), nanos(Instant.now().plusMillis(1)));
    assertThat(times.get(1)).isBetween(0L, took);
    assertThat(times.get(2)).isBetween(limit - took, limit);
    assertThat(times.get(3)).isEqualTo(-2);
  }

  // WASI

  @Test
  void aCommandReadsItsInputOnStdinAndWritesItsOutputOnStdout() {
    var log = new RecordingGuestLog();
    var result = run("command", bytes("{\"some\":\"document\"}"), LIMITS, log);

    assertThat(output(result)).isEqualTo("{\"some\":\"document\"}");
    assertThat(result.receipt().bytesOut()).isEqualTo(19);
    assertThat(log.lines()).containsExactly("WARN read it all");
  }

  @Test
  void aCommandThatExitsWithANonZeroCodeFailsWithThatCode() {
    assertThat(code(run("command", "7 is not an answer"))).isEqualTo(7);
  }

  @Test
  void aCommandThatExitsWithZeroCompletes() {
    assertThat(output(run("command", "0 is"))).isEqualTo("0 is");
  }

  @Test
  void aCommandThatWritesNothingFails() {
    assertThat(code(run("command", ""))).isZero();
  }

  @Test
  void tooMuchOnStdoutEndsTheRun() {
    var limits = LIMITS.with(LimitKind.OUTPUT, 20);

    assertThat(run("command", bytes("x".repeat(21)), limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.OUTPUT);
              assertThat(exceeded.allowed()).isEqualTo(20);
              assertThat(exceeded.used()).isEqualTo(21);
            });
  }

  @Test
  void stderrLinesAreLoggedAndTheLastOnesExplainTheFailure() {
    var log = new RecordingGuestLog();
    var result = run("last-words", new byte[0], LIMITS, log);

    assertThat(log.lines())
        .containsExactly(
            "WARN first line",
            "WARN no bananas [31m left",
            "WARN note: run with `RUST_BACKTRACE=1`",
            "INFO on stdout");
    assertThat(((Trapped) result).message())
        .contains("last lines on stderr: first line / no bananas [31m left")
        .doesNotContain("RUST_BACKTRACE");
  }

  @Test
  void aSleepEndsByItself() {
    assertThat(run("sleep", littleEndian(2_000_000L))).isInstanceOf(Completed.class);
  }

  @Test
  void aSleepEndsNoLaterThanTheDeadline() {
    var limits = LIMITS.withTime(Duration.ofMillis(30));
    var result = run("sleep", littleEndian(3_600_000_000_000L), limits, GuestLog.NONE);

    assertThat(result)
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME));
  }

  @Test
  void aSleepEndsWhenTheRunIsCancelled() throws Exception {
    var log = new RecordingGuestLog();
    var cancellation = new Cancellation();
    try (var module = engine.compile(guest("sleep"), LIMITS);
        var threads = Executors.newFixedThreadPool(1)) {
      var input = Document.of(littleEndian(3_600_000_000_000L));
      var running =
          threads.submit(() -> module.run(Invocations.basic(input, LIMITS, cancellation, log)));
      log.awaitFirstLine();
      cancellation.request("enough slept");

      assertThat(running.get())
          .isInstanceOfSatisfying(
              Cancelled.class, it -> assertThat(it.reason()).isEqualTo("enough slept"));
    }
  }

  // Traps

  @ParameterizedTest
  @CsvSource({
    "u, UNREACHABLE",
    "m, MEMORY_OUT_OF_BOUNDS",
    "s, STACK_OVERFLOW",
    "d, INTEGER_DIVISION_BY_ZERO",
    "o, INTEGER_OVERFLOW",
    "c, BAD_CONVERSION_TO_INTEGER",
    "n, INDIRECT_CALL_TO_NULL",
    "b, BAD_SIGNATURE",
    "t, TABLE_OUT_OF_BOUNDS"
  })
  void aTrapIsIdentifiedAndTheJvmSurvives(String letter, TrapKind kind) {
    try (var module = engine.compile(guest("traps"), LIMITS)) {
      for (int i = 0; i < 1000; i++) {
        assertThat(module.run(invocation(letter)))
            .isInstanceOfSatisfying(
                Trapped.class,
                trapped -> {
                  assertThat(trapped.kind()).isEqualTo(kind);
                  assertThat(trapped.message()).isNotBlank();
                  if (hasBacktraces()) {
                    assertThat(trapped.backtrace()).hasSizeBetween(1, 32);
                  } else {
                    assertThat(trapped.backtrace()).isEmpty();
                  }
                });
      }
    }
    assertThatTheJvmIsIntact();
  }

  @Test
  void aGuestThatRecursesThroughHostCallsOverflowsOnlyItsOwnStack() {
    assertThat(run("recursion-in-host-calls", ""))
        .isInstanceOfSatisfying(
            Trapped.class,
            trapped -> assertThat(trapped.kind()).isEqualTo(TrapKind.STACK_OVERFLOW));
    assertThatTheJvmIsIntact();
  }

  // Limits

  @Test
  void anEndlessLoopIsStoppedWithinTwoTicksAndTwentyMillisecondsOfItsDeadline() {
    var limits = LIMITS.withTime(Duration.ofMillis(50));
    try (var module = engine.compile(guest("loop"), limits)) {
      var overruns =
          IntStream.range(0, 9)
              .mapToLong(
                  i -> {
                    long begin = System.nanoTime();
                    var result = module.run(invocation("", limits, GuestLog.NONE));
                    long took = System.nanoTime() - begin;
                    assertThat(((LimitExceeded) result).limit()).isEqualTo(LimitKind.TIME);
                    assertThat(((LimitExceeded) result).allowed()).isEqualTo(50);
                    return took - 50_000_000;
                  })
              .sorted()
              .toArray();

      // The median, since the machine may suspend any thread for any length of time.
      assertThat(Duration.ofNanos(overruns[overruns.length / 2]))
          .isBetween(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  @Test
  void anEndlessStartFunctionIsStoppedAtTheDeadline() {
    var limits = LIMITS.withTime(Duration.ofMillis(30));

    assertThat(run("start-loop", new byte[0], limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.TIME));
  }

  /** More than a guest can make during a test. */
  protected long maxHostCalls() {
    return LimitKind.HOST_CALLS.maximum();
  }

  @Test
  void anInputAboveTheLimitEndsTheRunBeforeInstantiation() {
    var limits = LIMITS.with(LimitKind.INPUT, 10);

    assertThat(
            run(
                "start-loop",
                bytes("\"12345678\""),
                limits.withTime(Duration.ofMillis(30)),
                GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.TIME));
    assertThat(run("start-loop", bytes("\"123456789\""), limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.INPUT);
              assertThat(exceeded.allowed()).isEqualTo(10);
              assertThat(exceeded.used()).isEqualTo(11);
              assertThat(exceeded.receipt().hostCalls()).isEmpty();
            });
  }

  @Test
  void aGuestThatCallsAHostFunctionForeverIsStoppedAtTheDeadline() {
    var limits = LIMITS.withTime(Duration.ofMillis(30)).withHostCalls(maxHostCalls());

    assertThat(run("host-call-storm", new byte[0], limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class, it -> assertThat(it.limit()).isEqualTo(LimitKind.TIME));
  }

  @Test
  void memoryGrowsToItsLimitAndNoFurther() {
    var limits = LIMITS.withMemoryBytes(10 * PAGE);
    try (var module = engine.compile(guest("grow"), limits)) {
      assertThat(grownBy(module, limits, 9)).containsExactly(1, 10);
      assertThat(grownBy(module, limits, 10)).containsExactly(-1, 1);
      assertThat(grownBy(module, limits, 65_535)).containsExactly(-1, 1);
    }
  }

  @Test
  void aGuestThatFailsWithItsMemoryExhaustedExceedsTheLimit() {
    var limits = LIMITS.withMemoryBytes(10 * PAGE);

    assertThat(run("memory-steps", new byte[0], limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
              assertThat(exceeded.allowed()).isEqualTo(10 * PAGE);
              assertThat(exceeded.used()).isEqualTo(11 * PAGE);
              assertThat(exceeded.receipt().memoryHighWaterBytes()).isEqualTo(10 * PAGE);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "0, 20, 0, 21", // requested 20 more than the one it has
    "5, 6, 0, 12",
    "0, 20, 1, 21", // and ended with a code
    "9, 1, 0, 11"
  })
  void aGuestThatFailsBecauseGrowthWasRefusedExceedsTheLimit(
      int first, int second, int failureMode, long wanted) {
    assertThat(runGreedyGuest(first, second, failureMode))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
              assertThat(exceeded.allowed()).isEqualTo(10 * PAGE);
              assertThat(exceeded.used()).isEqualTo(wanted * PAGE);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "4, 5, 0, UNREACHABLE", // got all it requested, which is all there is
    "20, 1, 0, UNREACHABLE", // was refused, then made do with less
    "0, 200, 0, UNREACHABLE", // its own maximum is 100
    "0, 20, 2, INTEGER_DIVISION_BY_ZERO"
  })
  void aGuestThatFailsForAnotherReasonTraps(int first, int second, int failureMode, TrapKind kind) {
    assertThat(runGreedyGuest(first, second, failureMode))
        .isInstanceOfSatisfying(
            Trapped.class, trapped -> assertThat(trapped.kind()).isEqualTo(kind));
  }

  @Test
  void anOutputAboveTheLimitEndsTheRun() {
    var limits = LIMITS.with(LimitKind.OUTPUT, 1000);

    assertThat(run("output", littleEndian(1001), limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.OUTPUT);
              assertThat(exceeded.allowed()).isEqualTo(1000);
              assertThat(exceeded.used()).isEqualTo(1001);
              assertThat(exceeded.message()).contains("1001 bytes of output");
            });
  }

  @Test
  void oneHostCallMoreThanTheLimitEndsTheRun() {
    var limits = LIMITS.withHostCalls(1000);

    assertThat(run("host-call-storm", new byte[0], limits, GuestLog.NONE))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.HOST_CALLS);
              assertThat(exceeded.allowed()).isEqualTo(1000);
              assertThat(exceeded.used()).isEqualTo(1001);
              assertThat(exceeded.receipt().hostCalls())
                  .containsExactly(new HostCallCount("get_time", 1000, 0, 0));
            });
  }

  @Test
  void logLinesOverTheBudgetAreDroppedAndCounted() {
    var limits = LIMITS.with(LimitKind.LOG, 35);
    var log = new RecordingGuestLog();
    var result = run("talk", bytes("ten \tbytes"), limits, log);

    assertThat(code(result)).isEqualTo(-10);
    assertThat(log.lines())
        .containsExactly("DEBUG ten  bytes", "DEBUG ten  bytes", "DEBUG ten  bytes");
    assertThat(result.receipt().logLinesDropped()).isEqualTo(1);
  }

  @Test
  void aLogLineIsTruncatedBetweenCharacters() {
    var limits = LIMITS.with(LimitKind.LOG, 12).with(LimitKind.LOG_LINE, 10);
    var log = new RecordingGuestLog();
    run("talk", bytes("ten bytüüü"), limits, log);

    assertThat(log.lines()).containsExactly("DEBUG ten bytü…");
  }

  @Test
  void aRunMayNotUseMoreMemoryThanTheModuleWasCompiledFor() {
    var limits = LIMITS.withMemoryBytes(10 * PAGE);
    try (var module = engine.compile(guest("echo"), limits)) {
      assertThatThrownBy(() -> module.run(invocation("{}")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("655360");
    }
  }

  @Test
  void aRunWithLessMemoryThanTheModuleStartsWithExceedsTheLimit() {
    try (var module = engine.compile(guest("echo"), LIMITS)) {
      assertThat(module.run(invocation("{}", LIMITS.withMemoryBytes(PAGE), GuestLog.NONE)))
          .isInstanceOfSatisfying(
              LimitExceeded.class,
              exceeded -> {
                assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
                assertThat(exceeded.used()).isEqualTo(2 * PAGE);
              });
    }
  }

  // Cancellation

  @Test
  void oneOfTwoRunningGuestsCanBeCancelledIndependently() throws Exception {
    try (var module = engine.compile(guest("loop"), LIMITS);
        var threads = Executors.newFixedThreadPool(2)) {
      var one = new Cancellation();
      var two = new Cancellation();
      var first = runLoop(threads, module, one);
      var second = runLoop(threads, module, two);

      one.request("its lease is lost");
      one.request("a later reason");
      assertThat(first.get())
          .isInstanceOfSatisfying(
              Cancelled.class, it -> assertThat(it.reason()).isEqualTo("its lease is lost"));
      assertThat(second.isDone()).isFalse();

      two.request("the end of the test");
      assertThat(second.get()).isInstanceOf(Cancelled.class);
    }
  }

  @Test
  void aRunCancelledBeforeItStartsRunsNothing() {
    try (var module = engine.compile(guest("echo"), LIMITS)) {
      var cancellation = new Cancellation();
      cancellation.request("too late");
      var result =
          module.run(Invocations.basic(Document.of("{}"), LIMITS, cancellation, GuestLog.NONE));

      assertThat(result).isInstanceOf(Cancelled.class);
      assertThat(result.receipt().hostCalls()).isEmpty();
    }
  }

  // Modules and threads

  @Test
  void tenThousandRunsOnEightThreadsEachReceiveTheirOwnOutput() throws Exception {
    try (var module = engine.compile(guest("echo"), LIMITS);
        var threads = Executors.newFixedThreadPool(8)) {
      var all = new ArrayList<Future<?>>();
      for (int thread = 0; thread < 8; thread++) {
        int number = thread;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 1250; i++) {
                    var text = number + ":" + i;
                    assertThat(output(module.run(invocation(text)))).isEqualTo(text);
                  }
                }));
      }
      for (var one : all) {
        one.get();
      }
    }
  }

  @Test
  void concurrentRunsBeyondTheSlotsWaitForASlot() throws Exception {
    try (var small = start(EngineConfig.of(1));
        var module = small.compile(guest("echo"), LIMITS);
        var threads = Executors.newFixedThreadPool(4)) {
      var runs =
          IntStream.range(0, 100)
              .mapToObj(i -> threads.submit(() -> output(module.run(invocation("" + i)))))
              .toList();
      for (int i = 0; i < runs.size(); i++) {
        assertThat(runs.get(i).get()).isEqualTo("" + i);
      }
    }
  }

  @Test
  void aModuleClosedDuringARunIsFreedAfterwards() throws Exception {
    var module = engine.compile(guest("loop"), LIMITS);
    try (var threads = Executors.newFixedThreadPool(1)) {
      var cancellation = new Cancellation();
      var running = runLoop(threads, module, cancellation);

      module.close();
      module.close();

      cancellation.request("the end of the test");
      assertThat(running.get()).isInstanceOf(Cancelled.class);
      assertThat(module.hold()).isFalse();
      assertThatThrownBy(() -> module.run(invocation("")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aClosedModuleRunsAsLongAsItIsHeld() {
    var module = engine.compile(guest("echo"), LIMITS);
    assertThat(module.hold()).isTrue();
    assertThat(module.hold()).isTrue();

    module.close();
    module.unhold();
    assertThat(output(module.run(invocation("1")))).isEqualTo("1");

    module.unhold();
    assertThat(module.hold()).isFalse();
  }

  @Test
  void aModuleThatStartsWithMoreThanLaterLimitsAllowIsRefusedForThem() {
    try (var module = engine.compile(guest("echo"), LIMITS)) {
      module.requireStartsWithin(LIMITS);

      assertThatThrownBy(() -> module.requireStartsWithin(LIMITS.withMemoryBytes(64 << 10)))
          .isInstanceOf(ModuleRefusedException.class)
          .hasMessageContaining("the limit is 65536");
    }
  }

  @Test
  void codeDependsOnNoTimeLimit() {
    assertThat(engine.compileLimits(LIMITS.withTime(Duration.ofMillis(7)).withHostCalls(3)))
        .isEqualTo(engine.compileLimits(LIMITS));
  }

  @Test
  void closingAnEngineClosesItsModules() {
    var closing = start(EngineConfig.of(1));
    var module = closing.compile(guest("echo"), LIMITS);

    closing.close();
    closing.close();

    assertThatThrownBy(() -> module.run(invocation("")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    module.close();
  }

  @Test
  void aModuleReportsItsDigest() {
    var wasm = guest("echo");
    try (var module = engine.compile(wasm, LIMITS)) {
      assertThat(module.digest()).isEqualTo(wasm.digest());
    }
  }

  private Future<InvocationResult> runLoop(
      ExecutorService threads, CompiledModule module, Cancellation cancellation)
      throws InterruptedException {
    var log = new RecordingGuestLog();
    var running =
        threads.submit(
            () -> module.run(Invocations.basic(Document.EMPTY, LIMITS, cancellation, log)));
    log.awaitFirstLine();
    return running;
  }

  private static void assertThatTheJvmIsIntact() {
    for (int i = 0; i < 1000; i++) {
      assertThatThrownBy(() -> lengthOf(null)).isInstanceOf(NullPointerException.class);
    }
    assertThatThrownBy(() -> depth(0)).isInstanceOf(StackOverflowError.class);
  }

  @SuppressWarnings("NullAway") // the JVM's implicit null check, which uses a signal, is under test
  private static int lengthOf(@Nullable String text) {
    return text.length();
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int depth(int above) {
    return 1 + depth(above + 1);
  }

  private InvocationResult run(String guest, String input) {
    return run(guest, bytes(input));
  }

  private InvocationResult run(String guest, byte[] input) {
    return run(guest, input, LIMITS, GuestLog.NONE);
  }

  private InvocationResult run(String guest, byte[] input, Limits limits, GuestLog log) {
    try (var module = engine.compile(guest(guest), limits)) {
      return module.run(Invocations.basic(Document.of(input), limits, new Cancellation(), log));
    }
  }

  /** Grows twice, by these numbers of pages with 10 allowed, then fails in the given way. */
  private InvocationResult runGreedyGuest(int first, int second, int failureMode) {
    var input = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
    input.putInt(first).putInt(second).putInt(failureMode);
    return run("greedy", input.array(), LIMITS.withMemoryBytes(10 * PAGE), GuestLog.NONE);
  }

  /** A guest for engine tests, or a hostile one. */
  private static WasmBinary guest(String name) {
    return HostileGuests.names().contains(name) ? HostileGuests.module(name) : Guests.guest(name);
  }

  private static int[] grownBy(CompiledModule module, Limits limits, int pages) {
    var invocation =
        Invocations.basic(
            Document.of(littleEndian(pages)), limits, new Cancellation(), GuestLog.NONE);
    var output = ByteBuffer.wrap(((Completed) module.run(invocation)).output().bytes());
    output.order(ByteOrder.LITTLE_ENDIAN);
    return new int[] {output.getInt(), output.getInt()};
  }

  private static Invocation invocation(String input) {
    return invocation(input, LIMITS, GuestLog.NONE);
  }

  private static Invocation invocation(String input, Limits limits, GuestLog log) {
    return Invocations.basic(Document.of(input), limits, new Cancellation(), log);
  }

  private static String output(InvocationResult result) {
    assertThat(result).isInstanceOf(Completed.class);
    return ((Completed) result).output().text();
  }

  private static int code(InvocationResult result) {
    assertThat(result).isInstanceOf(GuestFailed.class);
    return ((GuestFailed) result).code();
  }

  private static byte[] bytes(String text) {
    return Document.of(text).bytes();
  }

  private static byte[] littleEndian(int number) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array();
  }

  private static byte[] littleEndian(long number) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
  }

  private static List<Long> longs(Document document) {
    var longs = new long[document.size() / 8];
    ByteBuffer.wrap(document.bytes()).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(longs);
    return Arrays.stream(longs).boxed().toList();
  }

  private static long nanos(Instant instant) {
    return instant.getEpochSecond() * 1_000_000_000 + instant.getNano();
  }
}
