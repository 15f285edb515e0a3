package org.wasmbroker.registry.trust;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file of the approvals: YAML that a person can read and edit, to which the command {@code
 * registry approve} adds. Writers take turns by a lock on a file beside it; readers need none,
 * since it is replaced as a whole.
 */
public final class ApprovalsFile {
  private static final Object WRITING = new Object();
  private static final JsonMapper QUOTES = JsonMapper.shared();
  private static final String HEADER =
      """
      # Releases that may run, by the digest of their canonical OCI manifest. A removed entry is an approval withdrawn.
      approvals:
      """;

  private final Path file;

  public ApprovalsFile(Path file) {
    this.file = file;
  }

  /** What is there. */
  public sealed interface Reading {
    record Valid(Approvals approvals) implements Reading {}

    /** Nobody has approved anything yet. */
    record Missing() implements Reading {}

    record Invalid(List<Problem> problems) implements Reading {}
  }

  /** The file as it is now. One that cannot be read is invalid. */
  public Reading read() {
    try {
      return parse(bytes());
    } catch (NoSuchFileException missing) {
      return new Reading.Missing();
    } catch (IOException unreadable) {
      return new Reading.Invalid(
          List.of(
              new Problem(
                  Location.of(file.toString()), "", "cannot be read: " + unreadable.getMessage())));
    }
  }

  /**
   * Adds an approval, unless its digest has one.
   *
   * @return whether it was added
   * @throws IOException if the file is invalid or cannot be written; it is then as it was
   */
  public boolean add(Approval approval) throws IOException {
    synchronized (WRITING) { // the lock on the file is one between processes
      var target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      var lock = target.resolveSibling(target.getFileName() + ".lock");
      try (var channel =
              FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          var _ = channel.lock()) {
        return addAlone(target, approval);
      }
    }
  }

  private boolean addAlone(Path target, Approval approval) throws IOException {
    var old =
        switch (read()) {
          case Reading.Missing _ -> Approvals.NONE;
          case Reading.Valid(var approvals) -> approvals;
          case Reading.Invalid(var problems) ->
              throw new IOException("the approvals are invalid: " + Problem.join(problems));
        };
    if (old.of(approval.digest()).isPresent()) {
      return false;
    }
    var content = extended(old, approval);
    var permissions =
        Files.exists(target)
            ? PosixFilePermissions.toString(Files.getPosixFilePermissions(target))
            : "rw-r--r--";
    AtomicFile.write(target, permissions, AtomicFile.durable(ByteBuffer.wrap(content)));
    return true;
  }

  /** The text is kept with its comments where an entry can simply follow it. */
  private byte[] extended(Approvals old, Approval added) throws IOException {
    var all = new ArrayList<>(old.list());
    all.add(added);
    var expected = Approvals.of(all);
    var text = Files.exists(file) ? new String(bytes(), StandardCharsets.UTF_8) : "";
    var lines = text.isBlank() ? HEADER : text.endsWith("\n") ? text : text + "\n";
    var rewritten =
        HEADER + all.stream().map(each -> entry(each, "  ")).collect(Collectors.joining());
    return Stream.of(lines + entry(added, "  "), lines + entry(added, ""), rewritten)
        .map(each -> each.getBytes(StandardCharsets.UTF_8))
        .filter(bytes -> parse(bytes).equals(new Reading.Valid(expected)))
        .findFirst()
        .orElseThrow(() -> new IOException("the approvals have no room for another entry"));
  }

  private static String entry(Approval approval, String indent) {
    var text = new StringBuilder();
    text.append(indent).append("- digest: ").append(quoted("sha256:" + approval.digest()));
    member(text, indent, "handler", approval.release().handler());
    member(text, indent, "version", approval.release().version().toString());
    member(text, indent, "by", approval.by());
    member(text, indent, "at", approval.at().toString());
    if (approval.reason() != null) {
      member(text, indent, "reason", approval.reason());
    }
    return text.append('\n').toString();
  }

  private static void member(StringBuilder text, String indent, String name, String value) {
    text.append('\n').append(indent).append("  ").append(name).append(": ").append(quoted(value));
  }

  /** What JSON quotes is quoted for YAML as well. */
  private static String quoted(String text) {
    return QUOTES.writeValueAsString(text);
  }

  private byte[] bytes() throws IOException {
    try (var stream = Files.newInputStream(file)) {
      return stream.readNBytes(ApprovalsReader.MAX_BYTES + 1);
    }
  }

  private Reading parse(byte[] bytes) {
    return ApprovalsReader.read(file.toString(), bytes);
  }
}
