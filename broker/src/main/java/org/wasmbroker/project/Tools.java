package org.wasmbroker.project;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import org.wasmbroker.environment.ProcessText;
import org.wasmbroker.step.SafeText;

/** The commands that builds need. */
public final class Tools {
  private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));
  private static final int MAX_HINT_CHARS = 500;

  private Tools() {}

  /**
   * Whether a command is on the PATH, or is the path of a program.
   *
   * @param directory in which a relative path begins
   */
  public static boolean isInstalled(String command, Path directory) {
    if (command.contains("/")) {
      return isProgram(directory, command);
    }
    var path = ProcessText.environment().getOrDefault("PATH", "");
    return SEPARATOR
        .splitAsStream(path)
        .filter(entry -> !entry.isEmpty())
        .anyMatch(entry -> isProgram(Path.of(entry), command));
  }

  private static boolean isProgram(Path directory, String command) {
    try {
      var file = directory.resolve(command);
      return Files.isRegularFile(file) && Files.isExecutable(file);
    } catch (InvalidPathException noFile) {
      return false;
    }
  }

  /**
   * The message about a command that is not there.
   *
   * @param hints how to install commands
   */
  public static String missing(String command, Map<String, String> hints) {
    var hint = hints.get(command);
    return "'%s' is missing%s"
        .formatted(
            SafeText.sanitize(command, 100),
            hint == null
                ? "; it must be on the PATH"
                : ": " + SafeText.sanitize(hint, MAX_HINT_CHARS));
  }
}
