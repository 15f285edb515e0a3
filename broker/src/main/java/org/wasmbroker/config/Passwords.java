package org.wasmbroker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Password;

/** Reads passwords that stand in files of their own. */
final class Passwords {
  private final Values values;
  private final List<Problem> problems;

  Passwords(Values values, List<Problem> problems) {
    this.values = values;
    this.problems = problems;
  }

  /** The values with the password that its file has, if it has one. */
  Values from(Setting<Password> password, Setting<Path> passwordFile) {
    var file = values.given().get(passwordFile.key());
    if (file == null) {
      return values;
    }
    var given = values.given().get(password.key());
    if (given != null) {
      problems.add(
          Problem.of(
              passwordFile,
              file,
              "%s is given too (%s); give one of them".formatted(password.key(), given.origin())));
      return values;
    }
    var all = new HashMap<>(values.given());
    var text = textIn(passwordFile, file);
    if (text != null) {
      all.put(password.key(), new Given(text, file.origin()));
    }
    return new Values(all);
  }

  private @Nullable String textIn(Setting<Path> passwordFile, Given file) {
    try {
      var text = Files.readString(Objects.requireNonNull(values.find(passwordFile))).strip();
      if (!text.isEmpty()) {
        return text;
      }
      problems.add(Problem.of(passwordFile, file, "the file is empty"));
    } catch (IOException cause) {
      problems.add(Problem.of(passwordFile, file, "the file cannot be read: " + cause));
    }
    return null;
  }
}
