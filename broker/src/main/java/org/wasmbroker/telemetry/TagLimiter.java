package org.wasmbroker.telemetry;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Keeps the values of a tag few: the first so many distinct words pass, all later ones become
 * {@code other}, and so does what is not one word. Tags of open origin go through here, since each
 * new value is a new time series for as long as the broker runs.
 */
public final class TagLimiter {
  public static final String OTHER = "other";

  private static final Pattern VALID = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");

  private final int max;
  private final Set<String> seen = ConcurrentHashMap.newKeySet();

  /**
   * @param max how many distinct words pass, beside those reserved
   * @param reserved words that always pass
   */
  public TagLimiter(int max, Set<String> reserved) {
    this.max = max + reserved.size();
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
}
