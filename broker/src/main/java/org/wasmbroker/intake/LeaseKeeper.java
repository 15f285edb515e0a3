package org.wasmbroker.intake;

import java.time.Duration;
import java.util.function.DoubleSupplier;
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

/**
 * Extends the leases of all steps that the broker holds, in one call at the protocol's interval,
 * from the first claim until the last outcome is written, also while the broker drains. A step
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
  private final TaskLoop loop;
  private final OutageLog outage;

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
    this.outage =
        new OutageLog(log, time, "leases cannot be extended", "leases can be extended again");
    this.loop = new TaskLoop("lease-keeper", interval, this::renewOnce);
  }

  public void start() {
    loop.start();
  }

  /** Renews all leases; returns the delay before the next renewal. */
  Duration renewOnce() {
    var owned = dispatcher.owned();
    if (owned.isEmpty()) {
      return interval;
    }
    long start = time.nanos();
    try {
      var lost = protocol.renew(owned);
      var elapsed = Duration.ofNanos(time.nanos() - start);
      events.on(new IntakeEvent.LeasesExtended(owned.size() - lost.size(), elapsed));
      outage.succeeded();
      if (!lost.isEmpty()) {
        dispatcher.leasesLost(lost);
      }
      return elapsed.compareTo(interval) < 0 ? interval.minus(elapsed) : Duration.ZERO;
    } catch (RuntimeException failure) {
      int failures = outage.failed(ProtocolException.severityOf(failure), failure);
      var delay = backoff.delay(failures, random.getAsDouble());
      events.on(new IntakeEvent.LeaseExtensionFailed(owned.size(), failure));
      return delay;
    }
  }

  @Override
  public void close() {
    if (!loop.close(CLOSE_BUDGET)) {
      log.warn("the lease keeper is still in a renewal");
    }
  }
}
