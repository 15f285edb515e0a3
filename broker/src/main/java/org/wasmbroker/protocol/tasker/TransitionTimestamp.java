package org.wasmbroker.protocol.tasker;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Formats timestamps as Tasker writes them into the metadata of transitions. */
public final class TransitionTimestamp {
  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnnxxx").withZone(ZoneOffset.UTC);

  private TransitionTimestamp() {}

  public static String of(Instant instant) {
    return FORMAT.format(instant);
  }
}
