package org.wasmbroker.capability;

import static org.wasmbroker.sandbox.ValueType.I32;
import static org.wasmbroker.sandbox.ValueType.I64;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.capability.BasicCapability.NoTerms;
import org.wasmbroker.document.ObjectReader;
import org.wasmbroker.sandbox.AbiError;
import org.wasmbroker.sandbox.GuestTime;
import org.wasmbroker.sandbox.host.HostCall;
import org.wasmbroker.sandbox.host.HostFunction;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.step.QuantityParser;
import org.wasmbroker.step.SafeText;

/**
 * The clocks.
 *
 * <p>{@code get_time(clock) -> i64}: nanoseconds. Clock 0 is the time since 1970, which never goes
 * back within a step, whatever its number of runs; 1 the time since the run started; 2 the time
 * left to the deadline. All are rounded down to the policy's resolution. INVALID for another clock.
 */
final class TimeCapability implements Capability<NoTerms, Optional<Duration>, Duration> {
  private static final Duration MAX_RESOLUTION = Duration.ofHours(1);

  private static final List<HostFunction> FUNCTIONS =
      List.of(
          new HostFunction(
              HostFunctionTable.ABI_MODULE,
              "get_time",
              List.of(I32),
              I64,
              TimeCapability::getTime));

  @Override
  public String name() {
    return "time";
  }

  @Override
  public List<HostFunction> functions() {
    return FUNCTIONS;
  }

  @Override
  public boolean isBasic() {
    return true;
  }

  @Override
  public NoTerms readRequest(ObjectReader capabilities) {
    return NoTerms.NONE;
  }

  @Override
  public NoTerms defaultRequest() {
    return NoTerms.NONE;
  }

  @Override
  public boolean hasDefaults() {
    return true;
  }

  /** The resolution of the clocks; empty if a rule does not set it. */
  @Override
  public RuleReader<Optional<Duration>> readPolicy(ObjectReader root) {
    return rule ->
        Optional.ofNullable(rule.value("time-resolution", TimeCapability::parseResolution));
  }

  private static Duration parseResolution(String text) {
    return QuantityParser.parseDuration(text)
        .filter(duration -> duration.compareTo(MAX_RESOLUTION) <= 0)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "must be a duration up to 1h, such as 1ms, was '"
                        + SafeText.sanitize(text, 40)
                        + "'"));
  }

  /** The last one wins. */
  @Override
  public Optional<Duration> merge(List<Optional<Duration>> rules) {
    return rules.stream().flatMap(Optional::stream).reduce((_, last) -> last);
  }

  @Override
  public Duration intersect(NoTerms requested, Optional<Duration> permitted) {
    return permitted.orElse(Duration.ZERO);
  }

  @Override
  public Map<String, ?> describeGrant(Duration granted) {
    return Map.of("time-resolution", granted.toString());
  }

  /** Every step has it, since the clocks of WASI are the same ones. */
  @Override
  public Opener<Duration> opener() {
    return (resolution, _) -> GuestTime.of(resolution);
  }

  private static long getTime(HostCall call) {
    return switch (call.i32(0)) {
      case 0 -> call.run().guestWallTime();
      case 1 -> call.run().guestElapsedTime();
      case 2 -> call.run().guestRemainingTime();
      default -> AbiError.INVALID.code();
    };
  }
}
