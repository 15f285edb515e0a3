package org.wasmbroker.protocol.standalone;

import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.protocol.ProtocolException;

/** Whether the database's PGMQ has what the guarded statements need. */
final class PgmqVersion {
  private static final Pattern SHAPE = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*");
  private static final int MAJOR = 1;
  private static final int MINOR = 10;

  private PgmqVersion() {}

  static void check(Optional<String> installed) {
    var version =
        installed.orElseThrow(
            () ->
                new ProtocolException(
                    "PGMQ is not in this database: run 'create extension pgmq' in it as a superuser",
                    false,
                    null));
    var found = SHAPE.matcher(version);
    if (found.matches()
        && !isOld(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)))) {
      return;
    }
    throw new ProtocolException(
        "PGMQ %s is too old, %d.%d or newer is needed: run 'alter extension pgmq update'"
            .formatted(version, MAJOR, MINOR),
        false,
        null);
  }

  private static boolean isOld(int major, int minor) {
    return major < MAJOR || (major == MAJOR && minor < MINOR);
  }
}
