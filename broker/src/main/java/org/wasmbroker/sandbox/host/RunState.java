package org.wasmbroker.sandbox.host;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;

/**
 * One run as the host sees it: what the guest was given, what it wrote and called, how much time is
 * left, and why the host ended it. Its time starts when this is created. Used by the run's thread
 * only.
 *
 * <p>An engine creates one, calls {@link #instantiated()} when the instance is ready, calls {@link
 * #shouldStop()} at its ticks, passes what a host function threw to {@link #hostFunctionFailed},
 * and ends with {@link #finish}.
 */
public final class RunState implements RunDeadline {
  private final Invocation invocation;
  private final GuestKind kind;
  private final HostClocks clocks;
  private final long started;
  private final long timeLimit;
  private final CallCounts callCounts;
  private final GuestTime time;
  private final LogBudget log;
  private long instantiated;
  private long hostCalls;
  private long refusedMemoryBytes;
  private @Nullable Document output;
  private @Nullable StandardStreams streams;
  private @Nullable Map<RunLocal<?>, Object> locals;
  private @Nullable StopReason stopReason;

  public RunState(
      HostFunctionTable functions, Invocation invocation, GuestKind kind, HostClocks clocks) {
    this.callCounts = new CallCounts(functions);
    this.invocation = invocation;
    this.kind = kind;
    this.clocks = clocks;
    this.log = new LogBudget(invocation.log(), invocation.access(), invocation.limits());
    var stepTime = invocation.access().find(GuestTime.class);
    this.time = stepTime == null ? GuestTime.of(Duration.ZERO) : stepTime;
    this.timeLimit = invocation.limits().time().toNanos();
    this.started = clocks.monotonic().getAsLong();
  }

  public Invocation invocation() {
    return invocation;
  }

  public Limits limits() {
    return invocation.limits();
  }

  public GuestKind kind() {
    return kind;
  }

  @Override
  public Cancellation cancellation() {
    return invocation.cancellation();
  }

  /** Store, limits, instance and start function are done; what follows is execution. */
  public void instantiated() {
    instantiated = elapsed();
  }

  /** Nanoseconds since the run started. */
  public long elapsed() {
    return clocks.monotonic().getAsLong() - started;
  }

  @Override
  public long remainingNanos() {
    return Math.max(0, timeLimit - elapsed());
  }

  /**
   * Records a limit that the module exceeds before its guest has run: a guest is created only if
   * this returns false.
   *
   * @param memoryBytes the initial size of the guest's memory
   * @param tableElements the initial size of its table
   */
  public boolean exceedsLimitsAtStart(long memoryBytes, long tableElements) {
    var limits = limits();
    if (invocation.input().size() > limits.inputBytes()) {
      exceeded(LimitKind.INPUT, limits.inputBytes(), invocation.input().size());
    } else if (memoryBytes > limits.memoryBytes()) {
      exceeded(LimitKind.MEMORY, limits.memoryBytes(), memoryBytes);
    } else if (tableElements > limits.tableElements()) {
      exceeded(LimitKind.TABLE_ELEMENTS, limits.tableElements(), tableElements);
    }
    return stopReason != null;
  }

  /** Whether the guest must stop: cancelled, out of time, or ended by a host function. */
  public boolean shouldStop() {
    if (stopReason == null) {
      var reason = invocation.cancellation().reason();
      if (reason != null) {
        stopReason = new StopReason.Cancelled(reason);
      } else {
        long elapsed = elapsed();
        if (elapsed >= timeLimit) {
          stopReason =
              new StopReason.LimitExceeded(
                  LimitKind.TIME, limits().time().toMillis(), elapsed / 1_000_000);
        }
      }
    }
    return stopReason != null;
  }

  /** Why the host stopped the run, or null if it did not. */
  public @Nullable StopReason stopReason() {
    return stopReason;
  }

  /**
   * Records the memory size that the guest requested when the limit refused its last growth; 0 if
   * the limit refused nothing.
   */
  public void growthRefused(long requestedBytes) {
    refusedMemoryBytes = requestedBytes;
  }

  /**
   * Records what a host function threw, other than {@link GuestStoppedException}; the guest must be
   * stopped.
   */
  public void hostFunctionFailed(Throwable cause) {
    if (stopReason == null) {
      stopReason = new StopReason.HostFault(cause);
    }
  }

  /**
   * Creates the result of the run. Called once, when no native resource of the run remains.
   *
   * @param reported why the guest stopped, as far as the engine knows; the host's own {@link
   *     #stopReason} takes precedence
   * @param memoryBytes the size of the guest's memory at the end, which is its high-water mark
   * @throws IllegalStateException if a host function failed
   */
  public InvocationResult finish(StopReason reported, EngineInfo engine, long memoryBytes) {
    return result(stopReason == null ? reported : stopReason, engine, memoryBytes);
  }

  /**
   * Creates the result of a run that the host stopped before a guest was created.
   *
   * @param memoryBytes the initial size that the guest's memory would have had, or 0
   */
  public InvocationResult finishWithoutGuest(EngineInfo engine, long memoryBytes) {
    var stopped = Objects.requireNonNull(stopReason, "the host has not stopped the run");
    return result(stopped, engine, memoryBytes);
  }

  private InvocationResult result(StopReason reason, EngineInfo engine, long memoryBytes) {
    long elapsed = elapsed();
    long instantiation = instantiated == 0 ? elapsed : instantiated;
    if (streams != null) {
      streams.flush();
    }
    if (locals != null) {
      var open = locals;
      List.copyOf(open.keySet()).forEach(local -> local.close(open));
    }
    var written = output();
    var receipt =
        new Receipt(
            null,
            engine,
            Duration.ZERO,
            Duration.ofNanos(instantiation),
            Duration.ofNanos(elapsed - instantiation),
            memoryBytes,
            callCounts.toList(),
            invocation.input().size(),
            written == null ? 0 : written.size(),
            log.dropped(),
            GrantUsage.NONE);
    return new RunSummary(limits(), written, stderrTail(), refusedMemoryBytes, receipt)
        .toResult(reason);
  }

  CallCounts callCounts() {
    return callCounts;
  }

  /** The remaining log budget of the guest. */
  public LogBudget log() {
    return log;
  }

  StandardStreams streams() {
    if (streams == null) {
      streams = new StandardStreams(this);
    }
    return streams;
  }

  Map<RunLocal<?>, Object> locals() {
    if (locals == null) {
      locals = new LinkedHashMap<>();
    }
    return locals;
  }

  /** The smallest step between two times that the guest sees, in nanoseconds. */
  long guestTimeResolution() {
    return time.resolution();
  }

  /** Nanoseconds since 1970, as the guest sees them; they never go back within a step. */
  public long guestWallTime() {
    return time.roundDown(time.wallClock(clocks.wall(), clocks.monotonic().getAsLong()));
  }

  /** {@link #elapsed} as the guest sees it. */
  public long guestElapsedTime() {
    return time.roundDown(elapsed());
  }

  /** {@link #remainingNanos} as the guest sees it. */
  public long guestRemainingTime() {
    return time.roundDown(remainingNanos());
  }

  void enterHostCall() throws GuestStoppedException {
    throwIfStopped();
    hostCalls++;
    if (hostCalls > limits().hostCalls()) {
      throw exceeded(LimitKind.HOST_CALLS, limits().hostCalls(), hostCalls);
    }
  }

  /** Ends the run if it was cancelled or its time is up. */
  public void throwIfStopped() throws GuestStoppedException {
    if (shouldStop()) {
      throw new GuestStoppedException("the run is over");
    }
  }

  /** Records that a limit is exceeded; a host function throws the returned exception. */
  public GuestStoppedException exceeded(LimitKind limit, long allowed, long used) {
    stopReason = new StopReason.LimitExceeded(limit, allowed, used);
    return new GuestStoppedException("the limit of " + limit.text() + " is exceeded");
  }

  GuestStoppedException exited(int code) {
    stopReason = new StopReason.Exited(code);
    return new GuestStoppedException("proc_exit");
  }

  /** The guest gave up. Its text is cut and cleared of secrets as a log line is. */
  GuestStoppedException aborted(String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(bytes.length, log.maxLineBytes());
    var visible = log.toLogText(Arrays.copyOf(bytes, length), length < bytes.length);
    stopReason = new StopReason.Trapped(TrapKind.ABORTED, visible, List.of());
    return new GuestStoppedException("abort");
  }

  GuestStoppedException cancelled(String reason) {
    stopReason = new StopReason.Cancelled(reason);
    return new GuestStoppedException("cancelled");
  }

  /** What the guest wrote with {@code write_output} or, as a command, to its stdout. */
  public @Nullable Document output() {
    return kind == GuestKind.COMMAND && streams != null ? streams.output() : output;
  }

  /** Stores the result document. */
  public void output(Document document) {
    output = document;
  }

  private List<String> stderrTail() {
    return streams == null ? List.of() : streams.stderrTail();
  }
}
