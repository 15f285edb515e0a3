package org.wasmbroker.sandbox;

import java.util.Arrays;
import java.util.List;
import org.wasmbroker.step.JsonNesting;
import org.wasmbroker.step.WireName;

/**
 * All limits: what each bounds, its default, the range that an operator can set, and what happens
 * when a guest exceeds it. {@code docs/limits.md}, the settings {@code limits.*} and {@link Limits}
 * are derived from this table.
 */
public enum LimitKind {
  MEMORY(
      Scope.RUN,
      LimitUnit.BYTES,
      32L << 20,
      64 << 10,
      4L << 30,
      "The guest's linear memory.",
      "growth is refused; a guest that fails because of it fails with `limit_exceeded`; a module"
          + " that starts with more is refused"),
  TABLE_ELEMENTS(
      Scope.RUN,
      LimitUnit.ELEMENTS,
      10_000,
      0,
      64 << 10,
      "The elements of the guest's table.",
      "growth is refused; a module that starts with more is refused"),
  TIME(
      Scope.RUN,
      LimitUnit.MILLISECONDS,
      30_000,
      1,
      86_400_000,
      "From the start of instantiation to the end of the guest's code.",
      "`limit_exceeded`, retried"),
  FUEL(
      Scope.RUN,
      LimitUnit.FUEL,
      0,
      0,
      1_000_000_000_000_000L,
      "The guest's instructions, about one unit each; those that fill, copy or initialise memory"
          + " or tables cost one more for each byte or element. 0 for no limit. Requires"
          + " `engine.fuel`.",
      "`limit_exceeded`"),
  INPUT(
      Scope.RUN,
      LimitUnit.BYTES,
      16 << 20,
      2,
      256 << 20,
      "The step document.",
      "`limit_exceeded` before the guest starts"),
  OUTPUT(
      Scope.RUN, LimitUnit.BYTES, 4 << 20, 2, 64 << 20, "The result document.", "`limit_exceeded`"),
  LOG(
      Scope.RUN,
      LimitUnit.BYTES,
      64 << 10,
      0,
      16 << 20,
      "All log lines of a run.",
      "the line is dropped and counted, `log` returns `BUDGET`"),
  LOG_LINE(
      Scope.RUN,
      LimitUnit.BYTES,
      8 << 10,
      2,
      1 << 20,
      "One log line.",
      "the line is truncated; longer fields are refused with `TOO_LARGE`"),
  HOST_CALLS(
      Scope.RUN,
      LimitUnit.CALLS,
      100_000,
      1,
      1_000_000_000,
      "All host calls, including WASI.",
      "`limit_exceeded`"),
  HTTP_CALLS(
      Scope.RUN,
      LimitUnit.CALLS,
      100,
      0,
      100_000,
      "The HTTP requests of a step, including redirects.",
      "`http_request` returns `BUDGET`"),
  HTTP_SENT(
      Scope.RUN,
      LimitUnit.BYTES,
      8 << 20,
      0,
      4L << 30,
      "The bytes of all HTTP requests of a step: URLs, headers and bodies.",
      "`http_request` returns `BUDGET`"),
  HTTP_RECEIVED(
      Scope.RUN,
      LimitUnit.BYTES,
      128 << 20,
      0,
      64L << 30,
      "The bytes of all HTTP responses of a step, after decompression.",
      "`http_request` returns `BUDGET`"),
  HTTP_TIMEOUT(
      Scope.RUN,
      LimitUnit.MILLISECONDS,
      30_000,
      1,
      3_600_000,
      "One HTTP request, from connecting to the last byte of the response.",
      "`http_request` returns `TIMEOUT`"),
  CHECKPOINTS(
      Scope.RUN,
      LimitUnit.CHECKPOINTS,
      10_000,
      0,
      1_000_000,
      "The checkpoints that a step may write before its result.",
      "`limit_exceeded`"),
  NEW_WORK(
      Scope.POLICY,
      LimitUnit.STEPS,
      100,
      0,
      10_000,
      "The new steps or batches that one result may request.",
      "`limit_exceeded`"),
  STACK(
      Scope.ENGINE,
      LimitUnit.BYTES,
      512 << 10,
      64 << 10,
      8 << 20,
      "The guest's stack.",
      "`trapped`, with the code `stack_overflow`"),
  MODULE_SIZE(
      Scope.ENGINE,
      LimitUnit.BYTES,
      20 << 20,
      8,
      256 << 20,
      "A WebAssembly binary.",
      "the module is refused"),
  MEMORIES(LimitUnit.MEMORIES, 1, "A module's memories.", "the module is refused"),
  TABLES(LimitUnit.TABLES, 1, "A module's tables.", "the module is refused"),
  INSTANCES(
      LimitUnit.INSTANCES,
      1,
      "Instances per run; a guest cannot create another.",
      "does not happen"),
  INPUT_DEPTH(
      LimitUnit.LEVELS,
      JsonNesting.MAX_DEPTH,
      "The nesting of a step document.",
      "a standalone message is dead-lettered as `invalid`, a Tasker step fails with"
          + " `step_too_deep`"),
  OUTPUT_DEPTH(LimitUnit.LEVELS, 100, "The nesting of a result document.", "`bad_result_document`"),
  HTTP_RESPONSES(
      LimitUnit.RESPONSES,
      8,
      "HTTP responses that a guest can hold open at once, and requests whose bodies it writes.",
      "`http_request` returns `STATE`"),
  CACHE_KEY(LimitUnit.BYTES, 512, "The key of a cache's entry.", "the call returns `TOO_LARGE`"),
  CACHE_VALUE(
      LimitUnit.BYTES, 1 << 20, "The value of a cache's entry.", "`cache_put` returns `TOO_LARGE`");

  private final Scope scope;
  private final LimitUnit unit;
  private final long defaultValue;
  private final long minimum;
  private final long maximum;
  private final String description;
  private final String consequence;

  LimitKind(
      Scope scope,
      LimitUnit unit,
      long defaultValue,
      long minimum,
      long maximum,
      String description,
      String consequence) {
    this.scope = scope;
    this.unit = unit;
    this.defaultValue = defaultValue;
    this.minimum = minimum;
    this.maximum = maximum;
    this.description = description;
    this.consequence = consequence;
  }

  /** A limit fixed by the ABI. */
  LimitKind(LimitUnit unit, long value, String description, String consequence) {
    this(Scope.ABI, unit, value, value, value, description, consequence);
  }

  /** The limits of one scope, in the order of declaration. */
  public static List<LimitKind> of(Scope scope) {
    return Arrays.stream(values()).filter(kind -> kind.scope == scope).toList();
  }

  public Scope scope() {
    return scope;
  }

  /** What the limit counts. */
  public LimitUnit unit() {
    return unit;
  }

  /** The value used unless configured otherwise. */
  public long defaultValue() {
    return defaultValue;
  }

  /** The smallest value that can be set. */
  public long minimum() {
    return minimum;
  }

  /** The largest value that can be set. */
  public long maximum() {
    return maximum;
  }

  /** What it bounds, in a sentence. */
  public String description() {
    return description;
  }

  /** What happens when a guest exceeds it. */
  public String consequence() {
    return consequence;
  }

  /** The name on the wire, such as {@code host_calls}. */
  public String text() {
    return WireName.of(this);
  }

  /** The setting's key, such as {@code limits.host-calls}; empty if the ABI fixes the limit. */
  public String key() {
    var name = text().replace('_', '-');
    return switch (scope) {
      case RUN -> "limits." + name;
      case ENGINE -> "engine." + name;
      case POLICY -> name;
      case ABI -> "";
    };
  }

  /**
   * Checks that a value is between minimum and maximum.
   *
   * @throws IllegalArgumentException naming the key, the bounds and the value
   */
  public void check(long value) {
    if (value < minimum() || value > maximum()) {
      throw new IllegalArgumentException(
          "%s must be %s to %s, was %s"
              .formatted(
                  key(), unit.format(minimum()), unit.format(maximum()), unit.format(value)));
    }
  }

  /** Who sets a limit. */
  public enum Scope {
    /** A setting; a resource class or a manifest may set a different value for a handler. */
    RUN,
    /** A setting of the engine, the same for all runs. */
    ENGINE,
    /** Set by the policy file for a handler or a resource class. */
    POLICY,
    /** Part of the ABI. */
    ABI
  }
}
