package org.wasmbroker.sandbox;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.wasmbroker.sandbox.LimitKind.Scope;

/**
 * What one run may use: a value for each {@link LimitKind} of {@link Scope#RUN}, in the kind's unit
 * and between its minimum and maximum. Nothing is unlimited.
 *
 * <p>Other limits are derived from {@link #DEFAULTS} by {@link #with}, so that a new kind of limit
 * does not affect code that does not use it.
 */
public record Limits(Map<LimitKind, Long> values) {
  public static final Limits DEFAULTS =
      new Limits(
          LimitKind.of(Scope.RUN).stream()
              .collect(Collectors.toMap(Function.identity(), LimitKind::defaultValue)));

  /**
   * @throws IllegalArgumentException if a value is out of bounds; the message names the setting
   */
  public Limits {
    values = Collections.unmodifiableMap(new EnumMap<>(values));
    values.forEach(LimitKind::check);
  }

  /** The value of a limit. */
  public long of(LimitKind kind) {
    return Objects.requireNonNull(values.get(kind), kind::text);
  }

  /**
   * These limits with one value changed.
   *
   * @throws IllegalArgumentException if the value is out of bounds; the message names the setting
   */
  public Limits with(LimitKind kind, long value) {
    var changed = new EnumMap<>(values);
    changed.put(kind, value);
    return new Limits(changed);
  }

  public Limits withTime(Duration time) {
    return with(LimitKind.TIME, time.toMillis());
  }

  public Limits withHostCalls(long hostCalls) {
    return with(LimitKind.HOST_CALLS, hostCalls);
  }

  public Limits withMemoryBytes(long memoryBytes) {
    return with(LimitKind.MEMORY, memoryBytes);
  }

  public long memoryBytes() {
    return of(LimitKind.MEMORY);
  }

  public int tableElements() {
    return (int) of(LimitKind.TABLE_ELEMENTS);
  }

  public Duration time() {
    return Duration.ofMillis(of(LimitKind.TIME));
  }

  /** 0 when instructions are not counted. */
  public long fuel() {
    return of(LimitKind.FUEL);
  }

  public int inputBytes() {
    return (int) of(LimitKind.INPUT);
  }

  public int outputBytes() {
    return (int) of(LimitKind.OUTPUT);
  }

  public int logBytes() {
    return (int) of(LimitKind.LOG);
  }

  public int logLineBytes() {
    return (int) of(LimitKind.LOG_LINE);
  }

  public long hostCalls() {
    return of(LimitKind.HOST_CALLS);
  }

  public long httpCalls() {
    return of(LimitKind.HTTP_CALLS);
  }

  public long httpSentBytes() {
    return of(LimitKind.HTTP_SENT);
  }

  public long httpReceivedBytes() {
    return of(LimitKind.HTTP_RECEIVED);
  }

  public Duration httpTimeout() {
    return Duration.ofMillis(of(LimitKind.HTTP_TIMEOUT));
  }

  public int checkpoints() {
    return (int) of(LimitKind.CHECKPOINTS);
  }

  /**
   * Checks that these limits allow no more memory and table elements than the given ones.
   *
   * @throws IllegalArgumentException if they do
   */
  public void requireWithin(Limits upperBound) {
    if (memoryBytes() > upperBound.memoryBytes() || tableElements() > upperBound.tableElements()) {
      throw new IllegalArgumentException(
          "limits of %d bytes of memory and %d table elements are above the module's %d and %d"
              .formatted(
                  memoryBytes(),
                  tableElements(),
                  upperBound.memoryBytes(),
                  upperBound.tableElements()));
    }
  }
}
