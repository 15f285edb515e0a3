package org.wasmbroker.rollout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.document.Problem;
import org.wasmbroker.document.YamlEdit;
import org.wasmbroker.step.Version;

/**
 * Changes a rollout file for a person: comments and layout stay, the result is checked as a broker
 * would before it is written, and the file is replaced at once.
 */
public final class RolloutFile {
  private static final String HANDLERS = "handlers";

  private final Path file;
  private final byte[] before;
  private final Rollout rollout;
  private final YamlEdit edit;

  private RolloutFile(Path file, byte[] before, Rollout rollout) {
    this.file = file;
    this.before = before;
    this.rollout = rollout;
    this.edit = YamlEdit.of(new String(before, StandardCharsets.UTF_8));
  }

  /** What became of a change. */
  public sealed interface Change {
    /** It is written. */
    record Written(Rollout rollout) implements Change {}

    /** Nothing is written: the file, or what it would become, is wrong. */
    record Refused(List<Problem> problems) implements Change {}
  }

  /** What is to be done with a file that can be read. */
  public interface Edit {
    void apply(RolloutFile file);
  }

  /**
   * Reads, changes, checks and writes a file.
   *
   * @throws UncheckedIOException if it cannot be read or replaced
   */
  public static Change change(Path file, Edit edit) {
    try {
      var target = file.toRealPath(); // a link stays one
      var before = Files.readAllBytes(target);
      return switch (RolloutReader.read(file.toString(), before)) {
        case RolloutReadResult.Invalid(var problems) -> new Change.Refused(problems);
        case RolloutReadResult.Valid(var rollout) -> {
          var opened = new RolloutFile(target, before, rollout);
          edit.apply(opened);
          yield opened.write();
        }
      };
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** What the file says before the change. */
  public Rollout rollout() {
    return rollout;
  }

  public void setStable(String handler, Version version) {
    var known = rollout.handlers().get(handler);
    var channel = rollout.defaultChannel();
    edit.set(
        known != null && known.fromChannel() && channel != null
            ? List.of("channels", channel, handler)
            : key(handler, "stable"),
        version.toString());
  }

  public void setCandidate(String handler, Version version) {
    edit.set(key(handler, "candidate"), version.toString());
  }

  public void setWeight(String handler, Percent weight) {
    edit.set(key(handler, "weight"), weight.toString());
  }

  /** Leaves out the candidate, and what only it needs; the rule of its rollback is for the next. */
  public void removeCandidate(String handler) {
    for (var member : List.of("candidate", "weight", "when")) {
      edit.remove(key(handler, member));
    }
  }

  public void setDefaultChannel(String channel) {
    edit.set(List.of("default-channel"), channel);
  }

  private static List<String> key(String handler, String member) {
    return List.of(HANDLERS, handler, member);
  }

  private Change write() throws IOException {
    var after = edit.text().getBytes(StandardCharsets.UTF_8);
    return switch (RolloutReader.read(file.toString(), after)) {
      case RolloutReadResult.Invalid(var problems) -> new Change.Refused(problems);
      case RolloutReadResult.Valid(var changed) -> {
        replace(after);
        yield new Change.Written(changed);
      }
    };
  }

  private void replace(byte[] after) throws IOException {
    var next = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".next");
    try {
      Files.write(next, after);
      try (var channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      copyPermissions(next);
      if (!Arrays.equals(Files.readAllBytes(file), before)) {
        throw new IOException(file + " was changed by someone else meanwhile; try again");
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(next);
    }
  }

  /** A temporary file is for its owner only. */
  private void copyPermissions(Path next) throws IOException {
    @Nullable PosixFileAttributeView from =
        Files.getFileAttributeView(file, PosixFileAttributeView.class);
    @Nullable PosixFileAttributeView to =
        Files.getFileAttributeView(next, PosixFileAttributeView.class);
    if (from != null && to != null) {
      to.setPermissions(from.readAttributes().permissions());
    }
  }
}
