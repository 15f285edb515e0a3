package org.wasmbroker.sandbox;

import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.step.EngineInfo;

/**
 * When an engine was released and how long it gets fixes, by what its project announced: Wasmtime
 * publishes a major version on the 20th of each month and supports it for two months, every twelfth
 * for two years. This follows from the version alone, so that a broker without internet can tell.
 * It is a promise of others and not a fact: nobody is asked whether a fix was published since.
 *
 * @param released the day of the major version; a later patch is newer than this says
 * @param supportEnds the day from which fixes are not promised any more
 */
public record EngineSupport(Instant released, Instant supportEnds) {
  private static final LocalDate VERSION_20 = LocalDate.of(2024, 4, 20);
  private static final int FIRST_LONG_SUPPORTED = 24;
  private static final int LONG_SUPPORTED_EACH = 12;
  private static final Period SUPPORT = Period.ofMonths(2);
  private static final Period LONG_SUPPORT = Period.ofYears(2);
  private static final Pattern MAJOR = Pattern.compile("([0-9]{1,4})\\..*");

  /** The last one, and the Wasmtime in it. */
  private static final EngineInfo WASMTIME_JAVA = new EngineInfo("wasmtime-java", "0.19.0");

  private static final int WASMTIME_IN_WASMTIME_JAVA = 7;

  /** Empty for an engine of which this is not known. */
  public static Optional<EngineSupport> of(EngineInfo engine) {
    if (engine.equals(WASMTIME_JAVA)) {
      return Optional.of(ofWasmtime(WASMTIME_IN_WASMTIME_JAVA));
    }
    var major = MAJOR.matcher(engine.version());
    return engine.name().equals("wasmtime") && major.matches()
        ? Optional.of(ofWasmtime(Integer.parseInt(major.group(1))))
        : Optional.empty();
  }

  private static EngineSupport ofWasmtime(int major) {
    var released = VERSION_20.plusMonths(major - 20L);
    boolean longSupported = major >= FIRST_LONG_SUPPORTED && major % LONG_SUPPORTED_EACH == 0;
    var ends = released.plus(longSupported ? LONG_SUPPORT : SUPPORT);
    return new EngineSupport(
        released.atStartOfDay().toInstant(ZoneOffset.UTC),
        ends.atStartOfDay().toInstant(ZoneOffset.UTC));
  }
}
