package org.wasmbroker.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.wasmbroker.step.TimeSource;

/** Wall clock and monotonic clock, advanced by hand. */
public final class ManualTime implements TimeSource, InstantSource {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  public void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  @Override
  public Instant now() {
    return START.plusNanos(nanos.get());
  }

  @Override
  public Instant instant() {
    return now();
  }

  @Override
  public long nanos() {
    return nanos.get();
  }
}
