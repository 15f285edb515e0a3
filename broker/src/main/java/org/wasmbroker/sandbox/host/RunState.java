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
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.InvocationResult;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.RunDeadline;
import org.wasmbroker.sandbox.TrapKind;
import org.wasmbroker.sandbox.files.Descriptors;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.sandbox.files.UnusableContentException;
import org.wasmbroker.sandbox.host.RunTape.Clock;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.EngineInfo;
import org.wasmbroker.step.GrantUsage;
import org.wasmbroker.step.Receipt;

/**
 * One run as the host sees it: what the guest was given, what it wrote and called, how much time is
 * left, and why the host ended it. Its time starts when this is created, and stands while the guest
 * waits for a compute permit. Used by the run's thread only.
 *
 * <p>An engine creates one, calls {@link #instantiated()} when the instance is ready, calls {@link
 * #tick()} at its ticks, passes what a host function threw to {@link #hostFunctionFailed}, and ends
 * with {@link #finish}.
 */
public final class RunState implements RunDeadline {
  private final HostFunctionTable functions;
  private final Invocation invocation;
  private final GuestKind kind;
  private final HostClocks clocks;
  private long started;
  private final long timeLimit;
  private final ComputePermit permit;
  private long permitWaitBefore;

  /** Of the step, by the clock on the wall. */
  private final long timeout;

  private final CallCounts callCounts;
  private final GuestTime time;
  private final LogBudget log;
  private final @Nullable RunTape tape;
  private final boolean preparing;
  private final @Nullable GuestCommand command;
  private long instantiated;
  private long bytesIn;
  private long hostCalls;
  private long refusedMemoryBytes;
  private final RunOutput output = new RunOutput();
  private @Nullable Document commandOutput;
  private @Nullable StandardStreams streams;
  private @Nullable Descriptors descriptors;
  private @Nullable Map<RunLocal<?>, Object> locals;
  private @Nullable HostCall currentCall;
  private @Nullable StopReason stopReason;

  /** A run. */
  public RunState(
      HostFunctionTable functions, Invocation invocation, GuestKind kind, HostClocks clocks) {
    this(functions, invocation, kind, clocks, false);
  }

  private RunState(
      HostFunctionTable functions,
      Invocation invocation,
      GuestKind kind,
      HostClocks clocks,
      boolean preparing) {
    this.functions = functions;
    this.callCounts = new CallCounts(functions);
    this.invocation = invocation;
    this.kind = kind;
    this.clocks = clocks;
    this.preparing = preparing;
    this.bytesIn = invocation.input().size();
    this.log = new LogBudget(invocation.log(), invocation.access(), invocation.limits());
    var stepTime = invocation.access().find(GuestTime.class);
    this.time = stepTime == null ? GuestTime.of(Duration.ZERO) : stepTime;
    this.timeLimit = invocation.limits().time().toNanos();
    this.command = kind == GuestKind.COMMAND ? invocation.access().find(GuestCommand.class) : null;
    this.tape = preparing ? null : invocation.access().find(RunTape.class);
    if (tape != null) {
      tape.runStarted();
    }
    this.permit = invocation.permit();
    this.permitWaitBefore = permit.waitedNanos();
    this.timeout = permit.timeoutNanos();
    this.started = clocks.monotonic().getAsLong();
  }

  /** A preparation in an instance of its own. */
  public static RunState of(
      HostFunctionTable functions, Preparation preparation, HostClocks clocks) {
    var invocation =
        new Invocation(
            preparation.handler(),
            preparation.configuration(),
            preparation.limits(),
            preparation.cancellation(),
            preparation.log(),
            preparation.access(),
            preparation.permit());
    return new RunState(functions, invocation, GuestKind.REACTOR, clocks, true);
  }

  /**
   * The part of this run in which {@code _initialize} and {@code prepare} are called in its
   * instance. It has the run's deadline, and all other limits for itself, so that it does what a
   * preparation in an instance of its own would do. If it ends well, {@link #prepared} is called;
   * if not, its result is the run's.
   */
  public RunState preparation() {
    var preparation =
        new Preparation(
            invocation.handler(),
            HandlerConfiguration.of(invocation.input()).document(),
            invocation.limits(),
            invocation.cancellation(),
            invocation.log().preparation(),
            invocation.access(),
            invocation.permit(),
            Long.MAX_VALUE);
    var part = of(functions, preparation, clocks);
    part.started = started;
    part.permitWaitBefore = permitWaitBefore;
    part.instantiated = instantiated;
    part.bytesIn = bytesIn;
    return part;
  }

  /**
   * The run's preparation ended well. Its calls are not the run's: a receipt counts the same,
   * whether the run began with an image or prepared itself.
   */
  public void prepared(RunState preparation) {
    preparation.closeAll();
  }

  /** Whether the guest is in {@code prepare}, or in {@code _initialize} before it. */
  public boolean isPreparing() {
    return preparing;
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
    instantiated = used();
    invocation.log().instantiated();
  }

  /** Nanoseconds since the run started. */
  public long elapsed() {
    return clocks.monotonic().getAsLong() - started;
  }

  /** The same without the time in which the guest waited for a permit: what its limit bounds. */
  private long used() {
    return elapsed() - permitWait();
  }

  private long permitWait() {
    return permit.waitedNanos() - permitWaitBefore;
  }

  @Override
  public long remainingNanos() {
    return Math.max(0, Math.min(timeLimit - used(), timeout - elapsed()));
  }

  @Override
  public void beginWait() {
    permit.giveBack(memoryBytes());
  }

  @Override
  public void endWait() {
    permit.take();
  }

  private long memoryBytes() {
    return currentCall == null ? ComputePermit.MEMORY_UNKNOWN : currentCall.guestMemoryBytes();
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
        long used = used();
        long elapsed = elapsed();
        if (used >= timeLimit) {
          stopReason =
              new StopReason.LimitExceeded(
                  LimitKind.TIME, limits().time().toMillis(), used / 1_000_000);
        } else if (elapsed >= timeout) {
          stopReason =
              new StopReason.LimitExceeded(
                  LimitKind.TIME, timeout / 1_000_000, elapsed / 1_000_000);
        }
      }
    }
    return stopReason != null;
  }

  /**
   * Lets other guests compute if this one has done so for long, and thus may take long.
   *
   * @return whether the guest must stop
   */
  public boolean tick() {
    if (shouldStop()) {
      return true;
    }
    permit.tick();
    return shouldStop();
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

  /**
   * The receipt of a preparation that ended well. Called once, when no native resource of it
   * remains.
   *
   * @param memoryBytes the size of the guest's memory at the end
   */
  public Receipt finishPreparation(EngineInfo engine, long memoryBytes) {
    return receipt(engine, memoryBytes);
  }

  private InvocationResult result(StopReason reason, EngineInfo engine, long memoryBytes) {
    var ended = command == null ? reason : endCommand(command, reason);
    var receipt = receipt(engine, memoryBytes);
    return new RunSummary(
            limits(),
            output(),
            stderrTail(),
            refusedMemoryBytes,
            preparing,
            commandOutput != null,
            receipt)
        .toResult(ended);
  }

  /** Has the result document of a command that ended by itself made; returns how the run ends. */
  private StopReason endCommand(GuestCommand ended, StopReason reason) {
    int code;
    switch (reason) {
      case StopReason.Returned returned -> code = returned.code();
      case StopReason.Exited exited -> code = exited.code();
      default -> {
        return reason;
      }
    }
    long limit = limits().outputBytes();
    try {
      var written = streams();
      var document =
          ended.end(
              new GuestCommand.End(
                  code,
                  written.standardOutput(),
                  written.standardError(),
                  ended.looksAtFiles() ? files() : null,
                  limit));
      if (document.size() > limit) {
        return new StopReason.LimitExceeded(LimitKind.OUTPUT, limit, document.size());
      }
      commandOutput = document;
      return reason;
    } catch (GuestCommand.TooMuchOutputException tooMuch) {
      return new StopReason.LimitExceeded(LimitKind.OUTPUT, limit, tooMuch.bytes());
    } catch (UnusableContentException unusable) {
      return new StopReason.Trapped(TrapKind.OTHER, unusable.message(), List.of());
    }
  }

  /** Those of the run, even if the guest did not look at them; null if it called nothing at all. */
  private @Nullable FileSystem files() {
    return currentCall == null ? null : descriptors().filesIfAny();
  }

  private Receipt receipt(EngineInfo engine, long memoryBytes) {
    long used = used();
    long instantiation = instantiated == 0 ? used : instantiated;
    closeAll();
    var written = output();
    return new Receipt(
        null,
        engine,
        Duration.ZERO,
        Duration.ofNanos(permitWait()),
        Duration.ofNanos(instantiation),
        Duration.ofNanos(used - instantiation),
        memoryBytes,
        callCounts.toList(),
        bytesIn,
        written == null ? 0 : written.size(),
        log.dropped(),
        GrantUsage.NONE,
        invocation.image() != null,
        null);
  }

  private void closeAll() {
    if (streams != null) {
      streams.flush();
    }
    if (descriptors != null) {
      descriptors.closeAll();
    }
    if (locals != null) {
      var open = locals;
      List.copyOf(open.keySet()).forEach(local -> local.close(open));
    }
  }

  CallCounts callCounts() {
    return callCounts;
  }

  /** The remaining log budget of the guest. */
  public LogBudget log() {
    return log;
  }

  /** What the guest is run with if it is a command that knows nothing of step documents. */
  @Nullable GuestCommand command() {
    return command;
  }

  StandardStreams streams() {
    if (streams == null) {
      streams = new StandardStreams(this);
    }
    return streams;
  }

  /** The open files; of a preparation, and of a step without a grant, there are none. */
  Descriptors descriptors() {
    if (descriptors == null) {
      var granted = preparing ? null : invocation.access().find(GuestFiles.class);
      descriptors = new Descriptors(granted == null ? null : begin(granted));
    }
    return descriptors;
  }

  private FileSystem begin(GuestFiles granted) {
    try {
      return granted.begin(this::guestWallTime, currentCall == null ? null : currentCall.content());
    } catch (UnusableContentException unusable) {
      stopReason = new StopReason.Trapped(TrapKind.OTHER, unusable.message(), List.of());
      throw unusable;
    }
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
    return taped(
        Clock.WALL, time.roundDown(time.wallClock(clocks.wall(), clocks.monotonic().getAsLong())));
  }

  /** {@link #elapsed} as the guest sees it. */
  public long guestElapsedTime() {
    return taped(Clock.ELAPSED, time.roundDown(elapsed()));
  }

  /** {@link #remainingNanos} as the guest sees it. */
  public long guestRemainingTime() {
    return taped(Clock.REMAINING, time.roundDown(remainingNanos()));
  }

  /** {@link #elapsed} as a call that waits sees it. */
  long waitTime() {
    return taped(Clock.WAIT, elapsed());
  }

  /** Whether a call that waits has to wait; in a replay it has not. */
  boolean timePasses() {
    return tape == null || tape.timePasses();
  }

  private long taped(Clock clock, long reading) {
    return tape == null ? reading : tape.time(clock, reading);
  }

  /** What the guest gets as random bytes, once the array has random ones. */
  void tapeRandom(byte[] bytes, int count) {
    if (tape != null) {
      tape.random(bytes, count);
    }
  }

  /**
   * A call of a component that no function of the table answers by itself: it counts as a host
   * call.
   *
   * @throws GuestStoppedException if the run is over, or has made too many calls
   */
  public void enterComponentCall(HostCall call) throws GuestStoppedException {
    enterHostCall(call);
  }

  void enterHostCall(HostCall call) throws GuestStoppedException {
    currentCall = call;
    throwIfStopped(true);
    hostCalls++;
    if (hostCalls > limits().hostCalls()) {
      throw exceeded(LimitKind.HOST_CALLS, limits().hostCalls(), hostCalls);
    }
  }

  /** Ends the run if it was cancelled or its time is up. */
  public void throwIfStopped() throws GuestStoppedException {
    throwIfStopped(false);
  }

  private void throwIfStopped(boolean entering) throws GuestStoppedException {
    boolean stopped = shouldStop();
    if (tape != null) {
      stopReason = tape.check(hostCalls, entering, stopReason);
      stopped = stopReason != null;
    }
    if (stopped) {
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

  /**
   * The guest broke a rule of the interface with the host; a host function throws what is returned.
   */
  public GuestStoppedException violated(String rule) {
    stopReason = new StopReason.Trapped(TrapKind.HOST_FUNCTION, rule, List.of());
    return new GuestStoppedException("violated");
  }

  GuestStoppedException cancelled(String reason) {
    stopReason = new StopReason.Cancelled(reason);
    return new GuestStoppedException("cancelled");
  }

  /** What the guest wrote as its result or, as a command, to its stdout. */
  private @Nullable Document output() {
    if (command != null) {
      return commandOutput;
    }
    return kind == GuestKind.COMMAND && streams != null ? streams.output() : output.end();
  }

  /** Whether the guest has written its result document as a whole. */
  public boolean isOutputWritten() {
    return output.isWritten();
  }

  /** Stores the result document, in place of what was appended. */
  public void writeOutput(Document document) {
    output.write(document);
  }

  /** Adds to the result document. */
  public void appendOutput(byte[] piece) {
    output.append(piece);
  }

  /** How many bytes were appended. */
  public long appendedBytes() {
    return output.appendedBytes();
  }

  private List<String> stderrTail() {
    return streams == null ? List.of() : streams.stderrTail();
  }
}
