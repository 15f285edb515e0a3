package org.wasmbroker.sandbox.host;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.SafeText;

/**
 * The log of one run: lines are truncated, sanitized and redacted, and dropped once the run's
 * budget is used up.
 */
public final class LogBudget {
  /** The host function without which nothing is logged, not even the standard streams. */
  public static final String FUNCTION = "log";

  private final GuestLog log;
  private final Access access;
  private final int maxLineBytes;
  private int remaining;
  private long dropped;

  LogBudget(GuestLog log, Access access, Limits limits) {
    this.log = log;
    this.access = access;
    this.maxLineBytes = limits.logLineBytes();
    this.remaining = access.isGranted(FUNCTION) ? limits.logBytes() : 0;
  }

  /** The maximum length of a line in bytes; the rest is cut off. */
  public int maxLineBytes() {
    return maxLineBytes;
  }

  long dropped() {
    return dropped;
  }

  /** Whether a line of this size is within the budget; counts it as dropped if not. */
  public boolean admits(int bytes) {
    if (cost(bytes) <= remaining) {
      return true;
    }
    dropped++;
    return false;
  }

  /** Writes a line that was admitted and takes it from the budget. */
  public void write(GuestLog.Level level, int bytes, String message, @Nullable String fields) {
    remaining -= cost(bytes);
    log.line(level, message, fields);
  }

  /** A line costs its bytes and its line break, so that empty lines are not free. */
  private static int cost(int bytes) {
    return bytes + 1;
  }

  /** The text of a line's bytes, safe to log; {@code cut} means that there was more. */
  public String toLogText(byte[] bytes, boolean truncated) {
    int length = truncated ? lengthOfWholeCharacters(bytes) : bytes.length;
    var decoded = new String(bytes, 0, length, StandardCharsets.UTF_8);
    // Redacted before sanitizing, which may change a value, and before truncating, since names may
    // be longer.
    var text = SafeText.sanitize(access.redact(decoded, truncated), maxLineBytes);
    return truncated ? text + "…" : text;
  }

  /** A complete text, with the step's secrets replaced. */
  public String redact(String text) {
    return access.redact(text, false);
  }

  /** The length without a character that the truncation split. */
  private static int lengthOfWholeCharacters(byte[] bytes) {
    int start = bytes.length - 1;
    int first = Math.max(0, bytes.length - 4);
    while (start > first && (bytes[start] & 0xC0) == 0x80) {
      start--;
    }
    if (start < 0 || bytes[start] >= 0) {
      return bytes.length;
    }
    int lead = bytes[start] & 0xFF;
    int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    return bytes.length - start < needed ? start : bytes.length;
  }
}
