package org.wasmbroker.concurrent;

import java.time.Duration;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.wasmbroker.step.SafeText;
import org.wasmbroker.step.TimeSource;

/**
 * Logs that something which is tried again and again fails for a while: a line when it begins to
 * fail, and one when it works again, with how long that took and how many attempts failed. The
 * attempts in between are logged at debug, unless one fails for a worse reason than those before.
 * Thread-safe.
 */
public final class OutageLog {
  private static final int MAX_REASON_LENGTH = 500;

  /** Why an attempt failed, from the harmless to the worst. */
  public enum Severity {
    /** As is to be expected now and then; a warning. */
    TRANSIENT,
    /** It will fail until someone changes something; an error. */
    PERMANENT,
    /** A fault of the broker's; an error with its stack trace, for each class of exception. */
    UNEXPECTED
  }

  private final Logger log;
  private final TimeSource time;
  private final String failing;
  private final String working;

  // All below is guarded by this.
  private final Set<Class<?>> unexpected = new HashSet<>();
  private Severity worst = Severity.TRANSIENT;
  private long since;
  private int failures;

  /**
   * Nothing fails at first.
   *
   * @param failing what is the case while attempts fail, such as {@code the queue cannot be read}
   * @param working what is the case afterwards, such as {@code the queue can be read again}
   */
  public OutageLog(Logger log, TimeSource time, String failing, String working) {
    this.log = log;
    this.time = time;
    this.failing = failing;
    this.working = working;
  }

  /** With the clock of the system. */
  public OutageLog(Logger log, String failing, String working) {
    this(log, TimeSource.SYSTEM, failing, working);
  }

  /**
   * An attempt failed.
   *
   * @return how many have failed since one succeeded
   */
  public synchronized int failed(Severity severity, Throwable failure) {
    long now = time.nanos();
    if (failures == 0) {
      since = now;
    }
    failures++;
    var reason = SafeText.sanitize(String.valueOf(failure.getMessage()), MAX_REASON_LENGTH);
    boolean news =
        failures == 1
            || severity.compareTo(worst) > 0
            || (severity == Severity.UNEXPECTED && !unexpected.contains(failure.getClass()));
    worst = severity.compareTo(worst) > 0 ? severity : worst;
    if (severity == Severity.UNEXPECTED) {
      unexpected.add(failure.getClass());
    }
    if (!news) {
      log.atDebug().addKeyValue("failures", failures).setCause(failure).log("{}", failing);
      return failures;
    }
    var line = severity == Severity.TRANSIENT ? log.atWarn() : log.atError();
    if (severity == Severity.UNEXPECTED) {
      line = line.setCause(failure);
    }
    if (failures == 1) {
      line.log("{}; trying again: {}", failing, reason);
    } else {
      line.addKeyValue("failures", failures)
          .log("{} since {}: {}", failing, text(Duration.ofNanos(now - since)), reason);
    }
    return failures;
  }

  /** An attempt succeeded. */
  public synchronized void succeeded() {
    if (failures > 0) {
      var outage = Duration.ofNanos(time.nanos() - since);
      log.atInfo()
          .addKeyValue("failures", failures)
          .addKeyValue("outage_ms", outage.toMillis())
          .log("{} after {}, {} failed", working, text(outage), attempts());
      forget();
    }
  }

  /** There is nothing to be tried any more, or what fails next has nothing to do with it. */
  public synchronized void forget() {
    failures = 0;
    worst = Severity.TRANSIENT;
    unexpected.clear();
  }

  private String attempts() {
    return failures == 1 ? "1 attempt" : failures + " attempts";
  }

  private static String text(Duration duration) {
    if (duration.toMinutes() < 2) {
      return String.format(Locale.ROOT, "%.1f s", (double) duration.toMillis() / 1000);
    }
    return duration.toHours() < 1
        ? "%d min %d s".formatted(duration.toMinutes(), duration.toSecondsPart())
        : "%d h %d min".formatted(duration.toHours(), duration.toMinutesPart());
  }
}
