package org.wasmbroker.sandbox.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.sandbox.GuestSecrets;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult.Cancelled;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.InvocationResult.GuestFailed;
import org.wasmbroker.sandbox.InvocationResult.LimitExceeded;
import org.wasmbroker.sandbox.InvocationResult.Trapped;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.testing.RecordingGuestLog;

final class RunStateTest {
  private static final EngineInfo ENGINE = new EngineInfo("test", "1");
  private static final StopReason RETURNED = new StopReason.Returned(0);
  private static final StopReason.Trapped DIVISION =
      new StopReason.Trapped(TrapKind.INTEGER_DIVISION_BY_ZERO, "division by zero", List.of("f"));

  private final Cancellation cancellation = new Cancellation();
  private final RecordingGuestLog log = new RecordingGuestLog();
  private Instant wall = Instant.parse("2026-01-01T00:00:00Z");
  private long nanos = 1_000;

  @Test
  void wallTimeNeverGoesBackwardsWithinAStepAcrossRuns() {
    var access = Capabilities.STANDARD.basicAccess();
    var run = run(GuestKind.REACTOR, access);
    long first = run.guestWallTime();
    wall = wall.minusSeconds(3600);
    nanos += 5;

    assertThat(run.guestWallTime()).isEqualTo(first + 5);
    assertThat(run(GuestKind.REACTOR, access).guestWallTime()).isEqualTo(first + 5);
    assertThat(run(GuestKind.REACTOR).guestWallTime()).isLessThan(first);
  }

  @Test
  void clocksAdvanceInMultiplesOfTheirResolution() {
    var coarse = GuestTime.of(Duration.ofMillis(10));
    var run = run(GuestKind.REACTOR, access(GuestSecrets.NONE, coarse));
    nanos += 19_999_999;

    assertThat(run.guestElapsedTime()).isEqualTo(10_000_000);
    assertThat(run.guestRemainingTime() % 10_000_000).isZero();
    long first = run.guestWallTime();
    assertThat(first % 10_000_000).isZero();
    nanos += 1;
    assertThat(run.guestElapsedTime()).isEqualTo(20_000_000);
    nanos += 9_000_000;
    assertThat(run.guestWallTime() - first).isIn(0L, 10_000_000L);
    assertThat(run.elapsed()).isEqualTo(29_000_000);
  }

  @Test
  void theTimeLimitStandsWhileTheGuestWaitsForAPermitAndTheStepsTimeoutDoesNot() {
    var permit = new WaitingPermit();
    var run = run(permit);
    long limit = Limits.DEFAULTS.time().toNanos();
    permit.waited += limit;
    nanos += limit + 1_000_000;

    assertThat(run.shouldStop()).isFalse();
    assertThat(run.remainingNanos()).isEqualTo(limit - 1_000_000);
    assertThat(run.elapsed()).isEqualTo(limit + 1_000_000);
    permit.waited += 2 * limit;
    nanos += 2 * limit;
    assertThat(run.remainingNanos()).isZero();
    assertThat(run.shouldStop()).as("at the step's own timeout").isTrue();
    var receipt = run.finish(RETURNED, ENGINE, 0).receipt();
    assertThat(receipt.permitWait()).isEqualTo(Limits.DEFAULTS.time().multipliedBy(3));
    assertThat(receipt.instantiation().plus(receipt.execution())).isEqualTo(Duration.ofMillis(1));
  }

  private RunState run(ComputePermit permit) {
    return new RunState(
        Capabilities.STANDARD.functions(),
        new Invocation(
            "handler",
            Document.of("{}"),
            Limits.DEFAULTS,
            cancellation,
            log,
            Capabilities.STANDARD.basicAccess(),
            permit),
        GuestKind.REACTOR,
        new HostClocks(() -> wall, () -> nanos));
  }

  /** Has waited as long as the test says; its step has three times the time of a run. */
  private static final class WaitingPermit implements ComputePermit {
    private long waited;

    @Override
    public void giveBack(long memoryBytes) {}

    @Override
    public void take() {}

    @Override
    public void tick() {}

    @Override
    public long waitedNanos() {
      return waited;
    }

    @Override
    public long timeoutNanos() {
      return Limits.DEFAULTS.time().multipliedBy(3).toNanos();
    }
  }

  @Test
  void secretsAreRedactedInLogLinesAndTheStderrTailBeforeTruncation()
      throws GuestStoppedException, FileException {
    var secret = "s3cret".repeat(40);
    GuestSecrets secrets =
        new GuestSecrets() {
          @Override
          public byte[] read(String name) {
            return secret.getBytes(StandardCharsets.UTF_8);
          }

          @Override
          public String redact(String text, boolean cut) {
            return text.replace(secret, "[secret TOKEN]");
          }
        };
    var run = run(GuestKind.REACTOR, access(secrets, GuestTime.of(Duration.ZERO)));
    run.streams().write(2, utf8("no " + secret + " for you\n"));

    assertThat(log.lines()).containsExactly("WARN no [secret TOKEN] for you");
    assertThat(run.finish(DIVISION, ENGINE, 0))
        .isInstanceOfSatisfying(
            Trapped.class,
            it ->
                assertThat(it.message())
                    .endsWith("last lines on stderr: no [secret TOKEN] for you"));
  }

  @Test
  void instantiationAndExecutionAreTimedSeparately() {
    var run = run(GuestKind.REACTOR);
    nanos += 30;
    run.instantiated();
    nanos += 70;
    var receipt = run.finish(RETURNED, ENGINE, 65_536).receipt();

    assertThat(receipt.instantiation()).isEqualTo(Duration.ofNanos(30));
    assertThat(receipt.execution()).isEqualTo(Duration.ofNanos(70));
    assertThat(receipt.memoryHighWaterBytes()).isEqualTo(65_536);
  }

  @Test
  void theDeadlineStopsTheRunExactlyOnTime() {
    var run = run(GuestKind.REACTOR);
    nanos += Duration.ofSeconds(30).toNanos() - 1;
    assertThat(run.shouldStop()).isFalse();
    assertThat(run.remainingNanos()).isEqualTo(1);
    nanos += 1;
    assertThat(run.shouldStop()).isTrue();
    assertThat(run.remainingNanos()).isZero();

    assertThat(run.finish(StopReason.Trapped.interrupted(), ENGINE, 0))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.TIME);
              assertThat(exceeded.allowed()).isEqualTo(30_000);
              assertThat(exceeded.used()).isEqualTo(30_000);
            });
  }

  @Test
  void cancellationTakesPrecedenceOverTheDeadline() {
    var run = run(GuestKind.REACTOR);
    nanos += Duration.ofHours(1).toNanos();
    cancellation.request("drained");
    run.shouldStop();

    assertThat(run.finish(DIVISION, ENGINE, 0))
        .isInstanceOfSatisfying(
            Cancelled.class, it -> assertThat(it.reason()).isEqualTo("drained"));
  }

  @Test
  void aTrapRemainsATrapIfTheDeadlinePassesAfterwards() {
    var run = run(GuestKind.REACTOR);
    nanos += Duration.ofHours(1).toNanos();

    assertThat(run.finish(DIVISION, ENGINE, 0)).isInstanceOf(Trapped.class);
  }

  @Test
  void aFailingHostFunctionIsAnInternalError() {
    var run = run(GuestKind.REACTOR);
    run.hostFunctionFailed(new IllegalArgumentException("ours"));

    assertThatThrownBy(() -> run.finish(DIVISION, ENGINE, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("ours");
  }

  @Test
  void aStackOverflowInAHostFunctionIsReportedAsTheGuests() {
    var run = run(GuestKind.REACTOR);
    run.hostFunctionFailed(new StackOverflowError());

    assertThat(run.finish(DIVISION, ENGINE, 0))
        .isInstanceOfSatisfying(
            Trapped.class, it -> assertThat(it.kind()).isEqualTo(TrapKind.STACK_OVERFLOW));
  }

  @Test
  void exitCodeZeroWithAnOutputIsSuccess() {
    var run = run(GuestKind.REACTOR);
    run.writeOutput(Document.of("{}"));
    run.exited(0);

    assertThat(run.finish(DIVISION, ENGINE, 0)).isInstanceOf(Completed.class);
  }

  @Test
  void aCommandsOutputIsTheConcatenationOfItsWrites() throws GuestStoppedException, FileException {
    var run = run(GuestKind.COMMAND);
    run.streams().write(1, utf8("{\"a\""));
    run.streams().write(1, utf8(":1}"));

    assertThat(run.finish(RETURNED, ENGINE, 0))
        .isInstanceOfSatisfying(
            Completed.class, it -> assertThat(it.output().text()).isEqualTo("{\"a\":1}"));
  }

  @Test
  void partialWritesAreJoinedIntoLines() throws GuestStoppedException, FileException {
    var run = run(GuestKind.REACTOR);
    run.streams().write(1, utf8("one\r\n\ntw"));
    run.streams().write(1, utf8("o\nthree"));
    run.finish(RETURNED, ENGINE, 0);

    assertThat(log.lines()).containsExactly("INFO one", "INFO two", "INFO three");
  }

  @Test
  void aLongLineOnStderrIsTruncatedAndTheNextOneIsNot()
      throws GuestStoppedException, FileException {
    var run = run(GuestKind.REACTOR);
    run.streams().write(2, utf8("x".repeat(10_000) + "\nnext\n"));

    assertThat(log.lines()).containsExactly("WARN " + "x".repeat(8192) + "…", "WARN next");
  }

  @Test
  void theStderrTailIsTheLastThreeLines() throws GuestStoppedException, FileException {
    var run = run(GuestKind.REACTOR);
    run.streams()
        .write(
            2,
            utf8(
                """
                warming up
                thread 'main' panicked at src/lib.rs:3:5:
                no bananas left
                note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
                """));
    var result = run.finish(new StopReason.Returned(3), ENGINE, 0);

    assertThat(((GuestFailed) result).message())
        .isEqualTo(
            "the guest returned code 3; last lines on stderr: warming up"
                + " / thread 'main' panicked at src/lib.rs:3:5: / no bananas left");
  }

  @Test
  void aGuestThatTrapsAfterARefusedGrowthExceededItsMemoryLimit() {
    var unreachable = new StopReason.Trapped(TrapKind.UNREACHABLE, "unreachable", List.of());
    var refused = run(GuestKind.REACTOR);
    refused.growthRefused(40L << 20);

    assertThat(refused.finish(unreachable, ENGINE, 65_536))
        .isInstanceOfSatisfying(
            LimitExceeded.class,
            exceeded -> {
              assertThat(exceeded.limit()).isEqualTo(LimitKind.MEMORY);
              assertThat(exceeded.allowed()).isEqualTo(Limits.DEFAULTS.memoryBytes());
              assertThat(exceeded.used()).isEqualTo(40L << 20);
            });
    assertThat(run(GuestKind.REACTOR).finish(unreachable, ENGINE, 65_536))
        .isInstanceOf(Trapped.class);
  }

  @Test
  void aDivisionByZeroIsATrapEvenAfterARefusedGrowth() {
    var run = run(GuestKind.REACTOR);
    run.growthRefused(40L << 20);

    assertThat(run.finish(DIVISION, ENGINE, 65_536)).isInstanceOf(Trapped.class);
  }

  private RunState run(GuestKind kind) {
    return run(kind, Capabilities.STANDARD.basicAccess());
  }

  private static Access access(GuestSecrets secrets, GuestTime time) {
    return new Access(Capabilities.STANDARD.basicFunctions(), List.of(secrets, time));
  }

  private RunState run(GuestKind kind, Access access) {
    return new RunState(
        Capabilities.STANDARD.functions(),
        new Invocation("handler", Document.of("{}"), Limits.DEFAULTS, cancellation, log, access),
        kind,
        new HostClocks(() -> wall, () -> nanos));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
