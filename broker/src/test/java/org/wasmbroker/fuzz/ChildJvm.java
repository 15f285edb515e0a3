package org.wasmbroker.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A separate Java process that may crash without affecting the tests. */
final class ChildJvm {
  private static final int TAIL = 60;

  private ChildJvm() {}

  /** The exit code and output of a process. */
  record Run(int exitCode, String output) {
    String tail() {
      var lines = output.lines().toList();
      return lines.stream()
          .skip(Math.max(0, lines.size() - TAIL))
          .collect(Collectors.joining(System.lineSeparator()));
    }
  }

  /**
   * Runs {@code java} with the class path of the tests and waits for it to exit.
   *
   * @param log the file for the output
   * @param seconds the time after which the process is killed
   */
  static Run run(List<String> arguments, Path log, long seconds)
      throws IOException, InterruptedException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-XX:+EnableDynamicAgentLoading",
            "-XX:ErrorFile=" + log.resolveSibling("hs_err.log"),
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path")));
    command.addAll(arguments);
    var process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      var output = Files.readString(log, StandardCharsets.ISO_8859_1);
      return ended
          ? new Run(process.exitValue(), output)
          : new Run(-1, output + "\nstill running after  " + seconds + " seconds");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }
}
