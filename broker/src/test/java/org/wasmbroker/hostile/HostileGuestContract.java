package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
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
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.Engine;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.Invocations;

/**
 * Every hostile guest next to good steps: it ends as expected, the good steps are unaffected, and
 * afterwards all resources are free again. One broker survives all of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HostileGuestContract {
  private static final int GOOD_STEPS = 20;
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);
  private static final Duration STEP_TIMEOUT = Duration.ofSeconds(30);

  private HostileRig rig;

  abstract Engine start(EngineConfig config);

  @BeforeAll
  void openRig(@TempDir Path generated) throws IOException {
    rig = new HostileRig(this::start, generated);
  }

  @AfterAll
  void closeRig() {
    rig.close();
  }

  static Stream<HostileCase> cases() {
    return HostileCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aHostileStepEndsAsExpectedAndOtherStepsAreUnaffected(HostileCase hostileCase) {
    var hostile = new ArrayList<CompletableFuture<Outcome>>();
    var good = new ArrayList<GoodStep>();
    for (int i = 0; i < GOOD_STEPS; i++) {
      if (i % (GOOD_STEPS / 2) == 0) {
        hostile.add(rig.run(hostileCase));
      }
      good.add(GoodStep.on(rig, i));
    }

    for (var end : hostile) {
      var outcome = await(end);
      assertThat(HostileCase.end(outcome))
          .as(HostileCase.message(outcome))
          .isEqualTo(hostileCase.expectedEnd());
      assertThat(HostileCase.message(outcome)).contains(hostileCase.message());
      assertThat(outcome.receipt().memoryHighWaterBytes())
          .isLessThanOrEqualTo(HostileRig.LIMITS.memoryBytes());
    }
    for (var step : good) {
      step.assertUnharmed(await(step.outcome()));
    }
    assertNoForbiddenServerWasReached();
    assertEverySlotIsFree();
  }

  @Test
  void goodStepsEndBesideAsManyEndlessLoopsAsCanBeInFlight() {
    goodStepsEndBesideAsManyAsCanBeInFlight("endless-loop");
  }

  /** Each wait gives the processor back, and each end of one takes it again. */
  @Test
  void goodStepsEndBesideAStormOfVeryShortWaitsInAsManyStepsAsCanBeInFlight() {
    goodStepsEndBesideAsManyAsCanBeInFlight("wasi-naps");
  }

  private void goodStepsEndBesideAsManyAsCanBeInFlight(String name) {
    var loop = cases().filter(each -> each.name().equals(name)).findFirst().orElseThrow();
    var hostile = new ArrayList<CompletableFuture<Outcome>>();
    var good = new ArrayList<GoodStep>();
    for (int i = 0; i < HostileRig.SLOTS; i++) {
      hostile.add(rig.run(loop));
      good.add(GoodStep.on(rig, i));
    }

    for (var step : good) {
      step.assertUnharmed(await(step.outcome()));
    }
    assertThat(hostile.stream().map(end -> HostileCase.end(await(end))))
        .containsOnly(loop.expectedEnd());
    assertEverySlotIsFree();
  }

  @Test
  void everyHostileGuestHasACase() {
    var existing = new TreeSet<>(HostileGuests.names());
    existing.addAll(GeneratedModules.names());

    assertThat(cases().map(HostileCase::name)).doesNotHaveDuplicates();
    assertThat(cases().map(HostileCase::guest).distinct()).hasSameElementsAs(existing);
  }

  @ParameterizedTest
  @ValueSource(strings = {"stale-memory", "prepare-stale"})
  void memoryTablesAndGlobalsDoNotSurviveARun(String guest) {
    var runs =
        IntStream.range(0, 10 * HostileRig.SLOTS)
            .mapToObj(i -> rig.run(guest, Document.of("{}"), STEP_TIMEOUT))
            .toList();

    assertThat(runs.stream().map(run -> HostileCase.end(await(run))))
        .containsOnly(HostileCase.COMPLETED);
  }

  @Test
  void aGuestSearchingForOtherInputsFindsOnlyItsOwn() {
    var outcome = await(rig.run("foreign-input", GoodStep.document(1), STEP_TIMEOUT));

    assertThat(HostileCase.end(outcome)).isEqualTo("guest_failed/2");
  }

  @Test
  void guestLogsAreCappedAndFreeOfTerminalEscapes() {
    assertThat(logged("log-lines").stream().mapToInt(String::length).sum())
        .isBetween(1, HostileRig.LIMITS.logBytes());
    assertThat(logged("log-size"))
        .isNotEmpty()
        .allSatisfy(
            line ->
                assertThat(line).hasSizeLessThanOrEqualTo(HostileRig.LIMITS.logLineBytes() + 1));
    assertThat(logged("log-escapes"))
        .containsExactly(
            " [2J ]0;owned  31m  2026-01-01T00:00:00Z ERROR forged  ",
            " [2J ]0;owned  31m  2026-01-01T00:00:00Z ERROR forged  {\"a\":\" \", \"b\":1}");
  }

  @Test
  void theReceiptCountsDroppedLogLines() {
    var outcome = await(rig.run("log-lines", Document.of("{}"), STEP_TIMEOUT));

    assertThat(outcome.receipt().logLinesDropped()).isBetween(18_000L, 20_000L);
  }

  @Test
  void secretValuesAreInNoLogLineAndNoResult() {
    try (var log = CapturedLog.ofEverything(Level.INFO)) {
      var messages =
          cases()
              .filter(hostileCase -> hostileCase.name().startsWith("secret-"))
              .map(hostileCase -> await(rig.run(hostileCase)))
              .map(outcome -> HostileCase.message(outcome) + outcome)
              .toList();

      assertThat(messages).noneMatch(HostileGuestContract::containsSecret);
      assertThat(log.events())
          .isNotEmpty()
          .noneMatch(line -> containsSecret(line.getFormattedMessage() + line.getKeyValuePairs()));
    }
  }

  private static boolean containsSecret(String text) {
    return text.contains(HostileRig.READABLE_SECRET) || text.contains(HostileRig.BOUND_SECRET);
  }

  private void assertNoForbiddenServerWasReached() {
    var peers = rig.peers();
    assertThat(peers.victimConnections())
        .as("connections to an address that is not listed")
        .isZero();
    assertThat(peers.requests())
        .noneMatch(request -> request.contains("/forged") || containsSecret(request));
  }

  /** Occupies all slots at once with guests that wait for each other. */
  private void assertEverySlotIsFree() {
    var barrier = new CyclicBarrier(HostileRig.SLOTS);
    GuestLog meeting = (level, message, fields) -> awaitOthers(barrier);
    var limits = HostileRig.LIMITS;
    try (var module = rig.engine().compile(Guests.guest("last-words"), limits);
        var threads = Executors.newFixedThreadPool(HostileRig.SLOTS)) {
      var runs = new ArrayList<Future<InvocationResult>>();
      for (int i = 0; i < HostileRig.SLOTS; i++) {
        runs.add(
            threads.submit(
                () ->
                    module.run(
                        Invocations.basic(Document.EMPTY, limits, new Cancellation(), meeting))));
      }
      for (var run : runs) {
        assertThat(run.get(1, TimeUnit.MINUTES)).isInstanceOf(InvocationResult.Trapped.class);
      }
    } catch (Exception notAll) {
      throw new AssertionError("a slot is not free", notAll);
    }
    rig.awaitIdle();
  }

  private static void awaitOthers(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception alone) {
      throw new IllegalStateException("the other slots are not free", alone);
    }
  }

  private List<String> logged(String guest) {
    var lines = new ArrayList<String>();
    GuestLog log =
        (level, message, fields) -> lines.add(fields == null ? message : message + fields);
    try (var module = rig.engine().compile(HostileGuests.module(guest), HostileRig.LIMITS)) {
      module.run(Invocations.basic(Document.EMPTY, HostileRig.LIMITS, new Cancellation(), log));
    }
    return lines;
  }

  private static Outcome await(CompletableFuture<Outcome> outcome) {
    return outcome.orTimeout(MAX_WAIT.toSeconds(), TimeUnit.SECONDS).join();
  }
}
