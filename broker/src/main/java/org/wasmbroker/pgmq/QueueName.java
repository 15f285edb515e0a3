package org.wasmbroker.pgmq;

import java.util.regex.Pattern;
import org.wasmbroker.step.SafeText;

/**
 * The name of a queue, in the form that PGMQ keeps as it is: a to z, 0 to 9 and '_', 47 characters
 * at most. Other names would be folded to lower case by PGMQ, or need quoting.
 */
public record QueueName(String value) {
  private static final Pattern SHAPE = Pattern.compile("[a-z_][a-z0-9_]{0,46}");

  public QueueName {
    if (!SHAPE.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "a queue's name has 1 to 47 of a-z, 0-9 and '_', and no digit first, was '"
              + SafeText.sanitize(value, 100)
              + "'");
    }
  }

  /** The table that holds the queue's messages. */
  public String table() {
    return "pgmq.q_" + value;
  }

  /** The table that holds the messages that left the queue. */
  public String archive() {
    return "pgmq.a_" + value;
  }

  /** The channel on which PGMQ tells of inserts. */
  String channel() {
    return "pgmq.q_" + value + ".INSERT";
  }

  @Override
  public String toString() {
    return value;
  }
}
