package org.wasmbroker.registry.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.document.Problem;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;

class ApprovalsFileTest {
  private static final String ENTRY =
      """
      - digest: sha256:%s
        handler: hello
        version: 1.0.0-rc.1
        by: someone
        at: 2027-01-01T00:00:00Z
      """
          .formatted("0".repeat(64));

  @TempDir private Path directory;

  @Test
  void aMissingFileIsNoApprovalAndTheFirstOneMakesIt() throws IOException {
    var file = file();
    assertThat(file.read()).isEqualTo(new ApprovalsFile.Reading.Missing());
    assertThat(file.add(approval(1))).isTrue();
    assertThat(approvals(file).list()).containsExactly(approval(1));
  }

  @Test
  void whatIsAddedIsReadAsItWasAndTheTextBeforeItIsKept() throws IOException {
    var file = file();
    Files.writeString(path(), "# ours\napprovals:\n  # why\n" + ENTRY.indent(2));
    var odd =
        new Approval(
            Digest.of(new byte[] {9}),
            new ReleaseId("hello", Version.parse("1.0.0-rc.1")),
            "a \"b\" \\ : # ü",
            Instant.parse("2027-01-01T00:00:00.123Z"),
            "yes: [no] - 'x'");
    file.add(odd);

    assertThat(approvals(file).of(odd.digest())).contains(odd);
    assertThat(approvals(file).list()).hasSize(2);
    assertThat(Files.readString(path())).startsWith("# ours\napprovals:\n  # why\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"approvals:\n%s", "approvals: []\n", "approvals:", "{}", "# nothing\n", ""})
  void everyValidFormOfTheFileCanBeAddedTo(String form) throws IOException {
    Files.writeString(path(), form.formatted(ENTRY));
    int before = approvals(file()).list().size();
    file().add(approval(1));
    assertThat(approvals(file()).list()).hasSize(before + 1).contains(approval(1));
  }

  @Test
  void aSecondApprovalOfADigestChangesNothing() throws IOException {
    file().add(approval(1));
    var text = Files.readString(path());
    assertThat(file().add(approval(1))).isFalse();
    assertThat(Files.readString(path())).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "approvals: [x]",
        "approval: []",
        "approvals: [{digest: sha256:0, handler: h, version: 1.0.0, by: x, at:"
            + " 2027-01-01T00:00:00Z}]",
        "- digest",
        "approvals: &a [*a]",
        "a: b: c"
      })
  void anInvalidFileIsRefusedAsAWholeAndNotWrittenTo(String text) throws IOException {
    Files.writeString(path(), text);
    assertThat(file().read()).isInstanceOf(ApprovalsFile.Reading.Invalid.class);
    assertThatThrownBy(() -> file().add(approval(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the approvals are invalid");
    assertThat(Files.readString(path())).isEqualTo(text);
  }

  @Test
  void allProblemsAreToldWithTheirLines() throws IOException {
    Files.writeString(
        path(), "approvals:\n" + ENTRY.replace("by: someone", "from: x").replace("1.0.0", "one"));
    assertThat(file().read())
        .isInstanceOfSatisfying(
            ApprovalsFile.Reading.Invalid.class,
            invalid ->
                assertThat(invalid.problems())
                    .extracting(Problem::toString)
                    .anySatisfy(problem -> assertThat(problem).contains(":4:", "version"))
                    .anySatisfy(problem -> assertThat(problem).contains("has no by"))
                    .anySatisfy(problem -> assertThat(problem).contains("from")));
  }

  @Test
  void writersAtTheSameTimeLoseNothing() throws Exception {
    try (var threads = Executors.newFixedThreadPool(4)) {
      var added = new ArrayList<Future<Boolean>>();
      for (int i = 0; i < 20; i++) {
        var approval = approval(i);
        added.add(threads.submit(() -> file().add(approval)));
      }
      for (var each : added) {
        assertThat(each.get()).isTrue();
      }
    }
    assertThat(approvals(file()).list()).hasSize(20);
  }

  @Test
  void aLinkedFileStaysALinkAndKeepsItsPermissions() throws IOException {
    var real = directory.resolve("real.yaml");
    Files.writeString(real, "approvals:\n" + ENTRY);
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-rw----"));
    Files.createSymbolicLink(path(), real);
    file().add(approval(1));

    assertThat(path()).isSymbolicLink();
    assertThat(approvals(file()).list()).hasSize(2);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
        .isEqualTo("rw-rw----");
  }

  private static Approvals approvals(ApprovalsFile file) {
    return switch (file.read()) {
      case ApprovalsFile.Reading.Valid(var approvals) -> approvals;
      case ApprovalsFile.Reading other -> throw new AssertionError(other);
    };
  }

  private ApprovalsFile file() {
    return new ApprovalsFile(path());
  }

  private Path path() {
    return directory.resolve("approvals.yaml");
  }

  private static Approval approval(int number) {
    return new Approval(
        Digest.of(new byte[] {1, (byte) number}),
        new ReleaseId("hello", Version.parse("1.0." + number)),
        "someone",
        Instant.parse("2027-01-01T00:00:00Z"),
        null);
  }
}
