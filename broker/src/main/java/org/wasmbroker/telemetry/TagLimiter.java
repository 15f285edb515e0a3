package org.wasmbroker.telemetry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Bounds the cardinality of a metric tag: the first distinct values pass, up to a maximum; all
 * later values, and those that are not a single word, become {@code other}. Every tag whose values
 * come from outside the broker is limited, since each new value is a new time series until it is
 * {@link #release}d.
 */
public final class TagLimiter {
  public static final String OTHER = "other";

  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  private final int max;
  private final Set<String> reserved;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /**
   * @param max how many distinct values pass in addition to the reserved ones
   * @param reserved values that always pass
   */
  public TagLimiter(int max, Set<String> reserved) {
    this.max = max + reserved.size();
    this.reserved = Set.copyOf(reserved);
    seen.addAll(reserved);
  }

  public String limit(String text) {
    if (seen.contains(text)) {
      return text;
    }
    if (!VALID.matcher(text).matches()) {
      return OTHER;
    }
    synchronized (this) {
      if (seen.size() < max) {
        seen.add(text);
      }
      return seen.contains(text) ? text : OTHER;
    }
  }

  /** Makes room for another value: there are no series with this one any more. */
  public synchronized void release(String text) {
    if (!reserved.contains(text)) {
      seen.remove(text);
    }
  }
}
