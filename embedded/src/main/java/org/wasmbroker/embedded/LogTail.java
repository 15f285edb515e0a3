package org.wasmbroker.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a server's log, which says why it does not start. */
final class LogTail {
  private static final int LINES = 15;

  private LogTail() {}

  static String of(Path logFile) {
    try {
      var lines = Files.exists(logFile) ? Files.readAllLines(logFile) : List.<String>of();
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
    } catch (IOException e) {
      return "(cannot read its log: " + e.getMessage() + ")";
    }
  }
}
