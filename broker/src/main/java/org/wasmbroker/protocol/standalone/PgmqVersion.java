package org.wasmbroker.protocol.standalone;

import java.util.Optional;
import java.util.regex.Pattern;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.SetupProblem;

/** Checks that the database's PGMQ is new enough for the guarded statements. */
final class PgmqVersion {
  private static final Pattern SHAPE = Pattern.compile("(\\d{1,5})\\.(\\d{1,5}).*");
  private static final int MAJOR = 1;
  private static final int MINOR = 10;

  private PgmqVersion() {}

  static void check(Optional<String> installed) {
    findProblem(installed)
        .ifPresent(
            problem -> {
              throw new ProtocolException(
                  problem.toString(), ProtocolException.Kind.PERMANENT, null);
            });
  }

  /** The problem of the installed version, if it has one. */
  static Optional<SetupProblem> findProblem(Optional<String> installed) {
    if (installed.isEmpty()) {
      return Optional.of(
          new SetupProblem(
              "PGMQ is not installed in this database",
              "run 'create extension pgmq' in it as a superuser"));
    }
    var version = installed.orElseThrow();
    var found = SHAPE.matcher(version);
    return found.matches()
            && !isOld(Integer.parseInt(found.group(1)), Integer.parseInt(found.group(2)))
        ? Optional.empty()
        : Optional.of(
            new SetupProblem(
                "PGMQ %s is too old, %d.%d or newer is needed".formatted(version, MAJOR, MINOR),
                "run 'alter extension pgmq update'"));
  }

  private static boolean isOld(int major, int minor) {
    return major < MAJOR || (major == MAJOR && minor < MINOR);
  }
}
