package org.wasmbroker.pgmq;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * The name of a queue in the form that PGMQ stores unchanged: a to z, 0 to 9 and '_', at most 47
 * characters. Other names would be folded to lower case by PGMQ, or need quoting.
 */
public record QueueName(String value) {
  private static final Pattern SHAPE = Pattern.compile("[a-z_][a-z0-9_]{0,46}");

  public QueueName {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a queue name must be 1 to 47 of a-z, 0-9 and '_', not starting with a digit, was '"
              + SafeText.sanitize(value, 100)
              + "'");
    }
  }

  /** The table with the queue's messages. */
  public String table() {
    return "pgmq.q_" + value;
  }

  /** The table with the archived messages. */
  public String archive() {
    return "pgmq.a_" + value;
  }

  /** The channel on which PGMQ notifies of inserts. */
  String channel() {
    return "pgmq.q_" + value + ".INSERT";
  }

  @Override
  public String toString() {
    return value;
  }
}
