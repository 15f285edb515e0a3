package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.HostileGuests;

/**
 * Every hostile guest at work beside good steps: it ends as it has to, they get what they would
 * have got without it, and afterwards everything is free again. One broker lives through all of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostileGuestContract {
  private static final int GOOD_STEPS = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LONG = Duration.ofSeconds(30);

  private HostileStage stage;

  abstract Engine start(EngineConfig config);

  @BeforeAll
  void openStage(@TempDir Path made) throws IOException {
    stage = new HostileStage(this::start, made);
  }

  @AfterAll
  void closeStage() {
    stage.close();
  }

  static Stream<Crime> crimes() {
    return Crimes.all();
  }

  @ParameterizedTest
  @MethodSource("crimes")
  void aHostileStepEndsAsItHasToAndTheStepsBesideItAreAsGoodAsEver(Crime crime) {
    var hostile = new ArrayList<CompletableFuture<Outcome>>();
    var good = new ArrayList<GoodStep>();
    for (int i = 0; i < GOOD_STEPS; i++) {
      if (i % (GOOD_STEPS / 2) == 0) {
        hostile.add(stage.run(crime));
      }
      good.add(GoodStep.on(stage, i));
    }

    for (var end : hostile) {
      var outcome = await(end);
      assertThat(Crime.end(outcome)).as(Crime.message(outcome)).isEqualTo(crime.end());
      assertThat(Crime.message(outcome)).contains(crime.message());
      assertThat(outcome.receipt().memoryHighWaterBytes())
          .isLessThanOrEqualTo(HostileStage.LIMITS.memoryBytes());
    }
    for (var step : good) {
      step.assertUnharmed(await(step.outcome()));
    }
    assertThatNobodyWasReachedWhoWasNotTo();
    assertThatEverySlotIsFree();
  }

  @Test
  void everyHostileGuestIsInTheTable() {
    var built = new TreeSet<>(HostileGuests.names());
    built.addAll(MadeModules.names());

    assertThat(crimes().map(Crime::name)).doesNotHaveDuplicates();
    assertThat(crimes().map(Crime::guest).distinct()).hasSameElementsAs(built);
  }

  @Test
  void whatARunLeftInMemoryTableAndGlobalsIsGoneInTheNext() {
    var runs =
        IntStream.range(0, 10 * HostileStage.SLOTS)
            .mapToObj(i -> stage.run("stale-memory", Document.of("{}"), LONG))
            .toList();

    assertThat(runs.stream().map(run -> Crime.end(await(run)))).containsOnly(Crime.COMPLETED);
  }

  @Test
  void aGuestThatLooksForANeighbourFindsWhatIsInItsOwnInput() {
    var outcome = await(stage.run("foreign-input", GoodStep.document(1), LONG));

    assertThat(Crime.end(outcome)).isEqualTo("guest_failed/2");
  }

  @Test
  void whatAGuestLogsIsCappedAndCannotSteerATerminal() {
    assertThat(logged("log-lines").stream().mapToInt(String::length).sum())
        .isBetween(1, HostileStage.LIMITS.logBytes());
    assertThat(logged("log-size"))
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line).hasSizeLessThanOrEqualTo(HostileStage.LIMITS.logLineBytes() + 1));
    assertThat(logged("log-escapes"))
        .containsExactly(
            " [2J ]0;owned  31m  2026-01-01T00:00:00Z ERROR forged  ",
            " [2J ]0;owned  31m  2026-01-01T00:00:00Z ERROR forged  {\"a\":\" \", \"b\":1}");
  }

  @Test
  void theReceiptCountsTheLogLinesThatWereDropped() {
    var outcome = await(stage.run("log-lines", Document.of("{}"), LONG));

    assertThat(outcome.receipt().logLinesDropped()).isBetween(18_000L, 20_000L);
  }

  @Test
  void theValueOfASecretIsInNoLogLineAndNoResult() {
    var logged = new ListAppender<ILoggingEvent>();
    var root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    logged.start();
    root.addAppender(logged);
    try {
      var told =
          crimes()
              .filter(crime -> crime.name().startsWith("secret-"))
              .map(crime -> await(stage.run(crime)))
              .map(outcome -> Crime.message(outcome) + outcome)
              .toList();

      assertThat(told).noneMatch(HostileGuestContract::hasASecret);
    } finally {
      root.detachAppender(logged);
    }
    assertThat(logged.list)
        .isNotEmpty()
        .noneMatch(line -> hasASecret(line.getFormattedMessage() + line.getKeyValuePairs()));
  }

  private static boolean hasASecret(String text) {
    return text.contains(HostileStage.KEY) || text.contains(HostileStage.BOUND);
  }

  private void assertThatNobodyWasReachedWhoWasNotTo() {
    var peers = stage.peers();
    assertThat(peers.victims()).as("connections to an address that nobody listed").isZero();
    assertThat(peers.requests())
        .noneMatch(request -> request.contains("/forged") || hasASecret(request));
  }

  /** All slots at once hold a guest that waits for the others. */
  private void assertThatEverySlotIsFree() {
    var together = new CyclicBarrier(HostileStage.SLOTS);
    GuestLog meeting = (level, message, fields) -> meet(together);
    var limits = HostileStage.LIMITS;
    try (var module = stage.engine().compile(Guests.guest("last-words"), limits);
        var threads = Executors.newFixedThreadPool(HostileStage.SLOTS)) {
      var runs = new ArrayList<Future<InvocationResult>>();
      for (int i = 0; i < HostileStage.SLOTS; i++) {
        runs.add(
            threads.submit(
                () ->
                    module.run(
                        new Invocation(Document.EMPTY, limits, new Cancellation(), meeting))));
      }
      for (var run : runs) {
        assertThat(run.get(1, TimeUnit.MINUTES)).isInstanceOf(InvocationResult.Trapped.class);
      }
    } catch (Exception notAll) {
      throw new AssertionError("a slot is not free", notAll);
    }
    stage.awaitIdle();
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await(30, TimeUnit.SECONDS);
    } catch (Exception alone) {
      throw new IllegalStateException("the other slots are not free", alone);
    }
  }

  private List<String> logged(String guest) {
    var lines = new ArrayList<String>();
    GuestLog log =
        (level, message, fields) -> lines.add(fields == null ? message : message + fields);
    try (var module = stage.engine().compile(HostileGuests.module(guest), HostileStage.LIMITS)) {
      module.run(new Invocation(Document.EMPTY, HostileStage.LIMITS, new Cancellation(), log));
    }
    return lines;
  }

  private static Outcome await(CompletableFuture<Outcome> outcome) {
    return outcome.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
  }
}
