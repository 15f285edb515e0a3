package org.wasmbroker.intake;

import java.time.Duration;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.dispatch.Dispatcher;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.step.Backoff;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.IntakeEvent;

/**
 * Extends the leases of all steps that the broker holds, in one call as often as the protocol wants
 * it, from the first claim until the last outcome is written: also while the broker drains. A step
 * whose lease is lost is stopped.
 */
public final class LeaseKeeper implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);
  private static final Duration CLOSE_BUDGET = Duration.ofSeconds(1);

  private final Duration interval;
  private final Backoff backoff;
  private final StepProtocol protocol;
  private final Dispatcher dispatcher;
  private final TimeSource time;
  private final DoubleSupplier random;
  private final EventSink events;
  private final WakeUp stop = new WakeUp();
  private int failures; // of the keeping thread
  private @Nullable Thread thread; // guarded by this
  private volatile boolean running = true;

  /**
   * @param random from 0 up to 1, for jitter
   */
  public LeaseKeeper(
      StepProtocol protocol,
      Dispatcher dispatcher,
      TimeSource time,
      DoubleSupplier random,
      EventSink events) {
    this.interval = protocol.renewEvery();
    this.backoff = new Backoff(interval.dividedBy(20), interval.dividedBy(2));
    this.protocol = protocol;
    this.dispatcher = dispatcher;
    this.time = time;
    this.random = random;
    this.events = events;
  }

  public synchronized void start() {
    if (!running || thread != null) {
      throw new IllegalStateException("a lease keeper is started once");
    }
    thread = Thread.ofPlatform().name("lease-keeper").daemon(true).start(this::loop);
  }

  private void loop() {
    try {
      var wait = interval;
      while (running) {
        stop.await(wait);
        if (running) {
          wait = renewOnce();
        }
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Renews what is held; answers how long to wait for the next time. */
  Duration renewOnce() {
    var owned = dispatcher.owned();
    if (owned.isEmpty()) {
      failures = 0;
      return interval;
    }
    long start = time.nanos();
    try {
      var lost = protocol.renew(owned);
      var elapsed = Duration.ofNanos(time.nanos() - start);
      events.on(new IntakeEvent.LeasesExtended(owned.size() - lost.size(), elapsed));
      failures = 0;
      if (!lost.isEmpty()) {
        dispatcher.leasesLost(lost);
      }
      return elapsed.compareTo(interval) < 0 ? interval.minus(elapsed) : Duration.ZERO;
    } catch (RuntimeException failure) {
      failures++;
      var delay = backoff.delay(failures, random.getAsDouble());
      log.atWarn()
          .addKeyValue("steps", owned.size())
          .addKeyValue("delay_ms", delay.toMillis())
          .log("leases could not be extended, it is tried again: {}", failure.getMessage());
      events.on(new IntakeEvent.LeaseExtensionFailed(owned.size(), failure));
      return delay;
    }
  }

  @Override
  public void close() {
    running = false;
    stop.signal();
    @Nullable Thread started;
    synchronized (this) {
      started = thread;
      thread = null;
    }
    try {
      if (started != null && !started.join(CLOSE_BUDGET)) {
        log.warn("the lease keeper is still in a renewal");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
