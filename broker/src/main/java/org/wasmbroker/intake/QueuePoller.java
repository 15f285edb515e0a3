package org.wasmbroker.intake;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;

/**
 * Claims steps for the dispatcher.
 *
 * <p>Room comes first: no step is claimed that has no place. A claim asks for all the room there is
 * in one round trip, and the dispatcher says that there is none while a later claim would be a
 * larger one.
 *
 * <p>A full read means that there is more, and the next claim follows at once. A short one means
 * that the queue is empty: the poller waits to be told of an arrival. Notices can be lost, so it
 * looks by itself too: some times soon after a read that brought something, since Postgres tells of
 * arrivals only so often, and then at longer and longer intervals up to the configured one.
 *
 * <p>Without room it waits to be told of room by a guest thread. Room also comes when the reporter
 * has written outcomes, of which it is not told, so it looks every few milliseconds.
 *
 * <p>When the queue cannot be read, it backs off with jitter and goes on trying.
 */
public final class QueuePoller implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueuePoller.class);
  private static final Duration MIN_DELAY = Duration.ofMillis(10);

  /** Together as long as no notice may come after the last one, at the default interval. */
  private static final int QUICK_POLLS = 5;

  private static final Duration CAPACITY_POLL_INTERVAL = Duration.ofMillis(50);
  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(1);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private final Duration pollInterval;
  private final StepProtocol protocol;
  private final Dispatcher dispatcher;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final EventSink events;
  private final TaskLoop loop = new TaskLoop("poller", this::pollOnce);
  private Duration idleDelay = MIN_DELAY; // of the polling thread
  private int emptyPolls; // of the polling thread
  private int failures; // of the polling thread
  private StepProtocol.@Nullable Subscription subscription; // guarded by this

  /**
   * @param random from 0 up to 1, for jitter
   */
  public QueuePoller(
      IntakeConfig config,
      StepProtocol protocol,
      Dispatcher dispatcher,
      TimeSource time,
      DoubleSupplier random,
      EventSink events) {
    this.pollInterval = config.pollInterval();
    this.protocol = protocol;
    this.dispatcher = dispatcher;
    this.time = time;
    this.random = random;
    this.events = events;
  }

  public synchronized void start() {
    loop.start();
    subscription = protocol.subscribe(loop::wake);
  }

  /** Claims once if there is room; answers how long to wait if nothing happens. */
  Duration pollOnce() {
    try {
      dispatcher.releaseOverdue();
      int capacity = dispatcher.capacity();
      if (capacity == 0) {
        dispatcher.notifyWhenCapacity(loop::wake);
        // Room that came before the listener did would be told to nobody.
        capacity = dispatcher.capacity();
      }
      return capacity == 0 ? CAPACITY_POLL_INTERVAL : claim(capacity);
    } catch (RuntimeException failure) {
      return onFailure(failure);
    }
  }

  private Duration claim(int capacity) {
    long start = time.nanos();
    var claimed = protocol.claim(capacity);
    events.on(
        new IntakeEvent.Claimed(
            claimed.steps().size(), capacity, Duration.ofNanos(time.nanos() - start)));
    dispatcher.accept(claimed.steps());
    logRecovery();
    if (claimed.read() >= capacity) {
      return Duration.ZERO;
    }
    emptyPolls = claimed.read() > 0 ? 0 : emptyPolls + 1;
    idleDelay = emptyPolls <= QUICK_POLLS ? MIN_DELAY : doubled(idleDelay);
    return jittered(idleDelay);
  }

  private Duration doubled(Duration duration) {
    var twice = duration.multipliedBy(2);
    return twice.compareTo(pollInterval) > 0 ? pollInterval : twice;
  }

  private Duration jittered(Duration duration) {
    return Duration.ofNanos(
        (long) ((double) duration.toNanos() * (0.75 + random.getAsDouble() / 4)));
  }

  private Duration onFailure(RuntimeException failure) {
    failures++;
    var delay = BACKOFF.delay(failures, random.getAsDouble());
    boolean isTransient = failure instanceof ProtocolException known && known.isTransient();
    if (!isTransient) {
      log.atError()
          .addKeyValue("delay_ms", delay.toMillis())
          .setCause(failure)
          .log("the queue cannot be read; it is tried again");
    } else if (failures == 1) {
      log.atWarn()
          .addKeyValue("delay_ms", delay.toMillis())
          .log("the queue cannot be read, it is tried again: {}", failure.getMessage());
    }
    events.on(new IntakeEvent.ClaimFailed(failure, delay));
    return delay;
  }

  private void logRecovery() {
    if (failures > 0) {
      log.atInfo().addKeyValue("failures", failures).log("the queue can be read again");
      failures = 0;
    }
  }

  /** Stops claiming, within a second. A claim that is under way then brings steps to give back. */
  @Override
  public void close() {
    loop.stop();
    synchronized (this) {
      if (subscription != null) {
        subscription.close();
        subscription = null;
      }
    }
    if (!loop.close(CLOSE_BUDGET)) {
      log.warn("the poller is still in a claim; the steps that it brings are released");
    }
  }
}
