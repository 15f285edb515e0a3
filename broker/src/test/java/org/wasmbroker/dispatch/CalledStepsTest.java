package org.wasmbroker.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.execution.StepInvoker;
import org.wasmbroker.execution.StepRules;
import org.wasmbroker.execution.StepRunner;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.DispatchConfigs;
import org.wasmbroker.testing.FakeEngine;
import org.wasmbroker.testing.Outcomes;

/** Calls with room in memory for one guest and a half. */
class CalledStepsTest {
  private static final long MEMORY = Limits.DEFAULTS.memoryBytes() * 3 / 2;

  private final BlockingQueue<String> entered = new LinkedBlockingQueue<>();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final GuestLog log = (level, message, fields) -> lines.add(message);
  private final FakeEngine engine =
      new FakeEngine()
          .with("quick", this::quick)
          .with("obedient", this::untilCancelled)
          .with("broken", _ -> failing());
  private final CalledSteps steps = steps();

  private CalledSteps steps() {
    var config = DispatchConfigs.of(4, 4, MEMORY);
    return new CalledSteps(
        config,
        1 << 20,
        this::resolve,
        new StepRunner(
                StepAccessFactory.BASIC,
                StepRules.NONE,
                config.retryPolicy(),
                TimeSource.SYSTEM,
                () -> 0.5,
                EventSink.NONE)
            .withLogs(CalledSteps::log),
        TimeSource.SYSTEM,
        EventSink.NONE);
  }

  private Resolution resolve(HandlerRef ref) {
    var binary = new WasmBinary(Document.of(ref.name()).bytes());
    return new Resolution.Resolved(
        Outcomes.module(ref.name()),
        engine.compile(binary, Limits.DEFAULTS),
        Grants.basic(Limits.DEFAULTS),
        null);
  }

  @AfterEach
  void close() {
    steps.close();
  }

  @Test
  void aCallHasItsOutcomeItsLinesAndItsReceipt() {
    steps.start();

    var outcome = result(call("quick", new Cancellation()));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Completed.class,
            completed -> {
              assertThat(completed.result().text()).isEqualTo("1");
              assertThat(completed.receipt().module()).isNotNull();
            });
    assertThat(lines).containsExactly("hello");
  }

  @Test
  void aCallWaitsUntilItsMemoryFitsBesideTheOthers() {
    steps.start();
    var large = new Cancellation();
    var first = call("obedient", large);
    awaitEntered("obedient");
    var second = call("quick", new Cancellation());

    Await.until("a call waits", () -> steps.dispatcher().waitingForMemory() == 1);
    assertThat(second).isNotDone();

    large.request("enough");
    assertThat(result(first)).isNull();
    assertThat(result(second)).isInstanceOf(Outcome.Completed.class);
  }

  @Test
  void aCancelledCallLeavesTheQueueOrStopsItsGuest() {
    steps.start();
    var running = new Cancellation();
    var first = call("obedient", running);
    awaitEntered("obedient");
    var waiting = new Cancellation();
    var second = call("obedient", waiting);
    Await.until("a call waits", () -> steps.dispatcher().waiting() == 1);

    waiting.request("not needed");

    assertThat(result(second)).isNull();
    assertThat(steps.dispatcher().waiting()).isZero();
    assertThat(first).isNotDone();
    running.request("not needed");
    assertThat(result(first)).isNull();
    assertThat(entered).as("the other one never ran").isEmpty();
  }

  @Test
  void aCallThatWasCancelledBeforeItBeganEnds() {
    steps.start();
    var cancelled = new Cancellation();
    cancelled.request("too late");

    assertThat(result(call("obedient", cancelled))).isNull();
  }

  @Test
  void aFaultInTheBrokerIsTheOutcomeOfItsCallAlone() {
    steps.start();

    assertThat(result(call("broken", new Cancellation())))
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.error().type()).isEqualTo("broker_fault"));
    assertThat(result(call("quick", new Cancellation()))).isInstanceOf(Outcome.Completed.class);
  }

  @Test
  void whenItIsClosedNoCallIsLeftWaiting() {
    steps.start();
    var first = call("obedient", new Cancellation());
    awaitEntered("obedient");
    var second = call("quick", new Cancellation());

    steps.close();

    assertThat(result(first)).isNull();
    assertThat(result(second)).isNull();
    assertThat(result(call("quick", new Cancellation()))).isNull();
  }

  private CompletableFuture<@Nullable Outcome> call(String handler, Cancellation cancellation) {
    return steps.call(
        StepInvoker.newStep(HandlerRef.parse(handler), Document.EMPTY), cancellation, log);
  }

  private static @Nullable Outcome result(CompletableFuture<@Nullable Outcome> call) {
    return call.orTimeout(Duration.ofMinutes(5).toSeconds(), TimeUnit.SECONDS).join();
  }

  private void awaitEntered(String guest) {
    try {
      assertThat(entered.poll(5, TimeUnit.MINUTES)).isEqualTo(guest);
    } catch (InterruptedException stop) {
      throw new IllegalStateException(stop);
    }
  }

  private InvocationResult quick(Invocation invocation) {
    invocation.log().line(GuestLog.Level.INFO, "hello", null);
    return FakeEngine.writing("{\"status\":\"completed\",\"result\":1}").run(invocation);
  }

  private InvocationResult untilCancelled(Invocation invocation) {
    entered.add("obedient");
    return FakeEngine.untilCancelled(invocation);
  }

  private static InvocationResult failing() {
    throw new IllegalStateException("a fault of the engine");
  }
}
