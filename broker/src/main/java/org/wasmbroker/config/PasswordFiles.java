package org.wasmbroker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Problem;
import org.wasmbroker.pgmq.Password;

/** Reads passwords from files. */
final class PasswordFiles {
  private final SettingValues values;
  private final List<Problem> problems;

  PasswordFiles(SettingValues values, List<Problem> problems) {
    this.values = values;
    this.problems = problems;
  }

  /** The values, with the password from the password file if one is configured. */
  SettingValues with(Setting<Password> password, Setting<Path> passwordFile) {
    var file = values.raw().get(passwordFile.key());
    if (file == null) {
      return values;
    }
    var raw = values.raw().get(password.key());
    if (raw != null) {
      problems.add(
          file.problem(
              passwordFile,
              "%s is set as well (%s); set only one of them"
                  .formatted(password.key(), raw.origin())));
      return values;
    }
    var all = new HashMap<>(values.raw());
    var text = read(passwordFile, file);
    if (text != null) {
      all.put(password.key(), new RawValue(text, file.origin()));
    }
    return new SettingValues(all);
  }

  private @Nullable String read(Setting<Path> passwordFile, RawValue file) {
    try {
      var text = Files.readString(Objects.requireNonNull(values.find(passwordFile))).strip();
      if (!text.isEmpty()) {
        return text;
      }
      problems.add(file.problem(passwordFile, "the file is empty"));
    } catch (IOException cause) {
      problems.add(file.problem(passwordFile, "the file cannot be read: " + cause));
    }
    return null;
  }
}
