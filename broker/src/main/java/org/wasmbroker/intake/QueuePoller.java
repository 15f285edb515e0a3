package org.wasmbroker.intake;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.concurrent.OutageLog;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;
import org.wasmbroker.telemetry.Tracing;

/**
 * Claims steps for the dispatcher.
 *
 * <p>Capacity comes first: no step is claimed that cannot be taken. A claim requests the whole
 * capacity in one round trip, and the dispatcher reports none while a later claim would be a larger
 * one.
 *
 * <p>A full read means that there are more messages, and the next claim follows immediately. A
 * short one means that the queue is empty: the poller waits for a notification. Notifications can
 * be lost, so it also polls: a few times in quick succession after a read that returned something,
 * since Postgres limits the rate of notifications, and then at growing intervals up to the
 * configured one.
 *
 * <p>Without capacity it waits to be notified by a guest thread. Capacity is also freed when the
 * reporter has written outcomes, which is not notified, so it polls for that as well.
 *
 * <p>When the queue cannot be read, it backs off with jitter and keeps trying.
 */
public final class QueuePoller implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(QueuePoller.class);
  private static final Duration MIN_DELAY = Duration.ofMillis(10);

  /** Together as long as notifications are held back after the last one, at the default setting. */
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
  private final Tracing tracing;
  private final TaskLoop loop = new TaskLoop("poller", this::pollOnce);
  private Duration idleDelay = MIN_DELAY; // of the loop's thread
  private int emptyPolls; // of the loop's thread
  private final OutageLog outage;
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
    this(config, protocol, dispatcher, time, random, events, Tracing.OFF);
  }

  /**
   * @param random from 0 up to 1, for jitter
   */
  public QueuePoller(
      IntakeConfig config,
      StepProtocol protocol,
      Dispatcher dispatcher,
      TimeSource time,
      DoubleSupplier random,
      EventSink events,
      Tracing tracing) {
    this.pollInterval = config.pollInterval();
    this.protocol = protocol;
    this.dispatcher = dispatcher;
    this.time = time;
    this.random = random;
    this.events = events;
    this.tracing = tracing;
    this.outage =
        new OutageLog(log, time, "the queue cannot be read", "the queue can be read again");
  }

  public synchronized void start() {
    loop.start();
    subscription = protocol.subscribe(loop::wake);
  }

  /** Claims once if there is capacity; returns the delay before the next poll. */
  Duration pollOnce() {
    try {
      dispatcher.releaseOverdue();
      dispatcher.progress();
      int capacity = dispatcher.capacity();
      if (capacity == 0) {
        dispatcher.notifyWhenCapacity(loop::wake);
        // Capacity freed before the listener was registered is not notified.
        capacity = dispatcher.capacity();
      }
      return capacity == 0 ? CAPACITY_POLL_INTERVAL : claim(capacity);
    } catch (RuntimeException failure) {
      return onFailure(failure);
    }
  }

  private Duration claim(int capacity) {
    long start = time.nanos();
    var from = tracing.isOn() ? time.now() : Instant.EPOCH;
    var claimed = protocol.claim(capacity);
    var steps = claimed.steps();
    try {
      events.on(
          new IntakeEvent.Claimed(steps.size(), capacity, Duration.ofNanos(time.nanos() - start)));
      steps = tracing.received(steps, from);
    } finally {
      dispatcher.accept(steps);
    }
    outage.succeeded();
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
    int failures = outage.failed(ProtocolException.severityOf(failure), failure);
    var delay = BACKOFF.delay(failures, random.getAsDouble());
    events.on(new IntakeEvent.ClaimFailed(failure, delay));
    return delay;
  }

  /** Stops claiming, within a second. The steps of a claim in progress are then released. */
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
      log.warn("the poller is still in a claim; the steps that it returns are released");
    }
  }
}
