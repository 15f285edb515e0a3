package org.wasmbroker.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.document.Names;
import org.wasmbroker.document.Problem;
import org.wasmbroker.rollout.HandlerRollout;
import org.wasmbroker.rollout.Rollout;
import org.wasmbroker.rollout.RolloutFile;

/** The rollout file of a command. */
final class RolloutFiles {
  private RolloutFiles() {}

  static Path of(BrokerConfig config) {
    var file = config.rollout().file();
    if (file == null) {
      throw new UsageException(
          "there is no rollout file; set rollout.file, such as --set rollout.file=rollout.yaml");
    }
    return file;
  }

  /** Changes the file, and returns what it says then. */
  static Rollout change(Path file, RolloutFile.Edit edit) {
    try {
      return switch (RolloutFile.change(file, edit)) {
        case RolloutFile.Change.Written(var rollout) -> rollout;
        case RolloutFile.Change.Refused(var problems) ->
            throw new UsageException(text(file, problems));
      };
    } catch (UncheckedIOException failure) {
      throw new UnavailableException(
          new IllegalStateException(
              "%s could not be changed: %s"
                  .formatted(file, Objects.requireNonNull(failure.getCause()).getMessage()),
              failure));
    } catch (IllegalArgumentException cannot) {
      throw new UsageException("%s could not be changed: %s".formatted(file, cannot.getMessage()));
    }
  }

  private static String text(Path file, List<Problem> problems) {
    var text = new StringBuilder(file + " is not changed, because it would be wrong:");
    problems.forEach(problem -> text.append("\n  ").append(problem));
    return text.toString();
  }

  /** The handler of a rollout. */
  static HandlerRollout handler(Rollout rollout, String name) {
    var handler = rollout.handlers().get(name);
    if (handler == null) {
      throw new UsageException(
          "the rollout file has no handler '%s'%s"
              .formatted(name, Names.suggest(name, rollout.handlers().keySet())));
    }
    return handler;
  }
}
