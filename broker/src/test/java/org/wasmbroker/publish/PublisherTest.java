package org.wasmbroker.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.publish.Publisher.Admission;
import org.wasmbroker.step.Version;

class PublisherTest {
  @TempDir private Path root;

  private final List<Check> checks = new ArrayList<>();

  private Publisher publisher(boolean acceptsCapabilities) {
    var target = new DirectoryTarget(root, ArchiveLimits.of(1 << 20));
    return new Publisher(target, acceptsCapabilities, checks::add);
  }

  private void publish(Publication publication) throws IOException {
    assertThat(publisher(true).check(publication)).isInstanceOf(Admission.Admitted.class);
    publisher(true).put(publication, List.of(), _ -> {});
    checks.clear();
  }

  @Test
  void whatAsksMoreNeedsConsent() throws IOException {
    publish(Publications.of("a", "1.0.0", ""));
    var next = Publications.of("a", "1.1.0", "'capabilities':{'secrets':['k']}");

    assertThat(publisher(false).check(next)).isInstanceOf(Admission.Refused.class);
    assertThat(checks.getLast().failed()).isTrue();
    assertThat(checks.getLast().detail())
        .startsWith("asks more than 1.0.0: the secret k; ")
        .contains("--accept-capabilities");

    assertThat(publisher(true).check(next)).isInstanceOf(Admission.Admitted.class);
    assertThat(checks.getLast().detail()).contains("the secret k", "accepted");
  }

  @Test
  void aVersionThatIsThereIsAdmittedWithTheSameContentOnly() throws IOException {
    publish(Publications.of("a", "1.0.0", ""));

    assertThat(publisher(false).check(Publications.of("a", "1.0.0", "")))
        .isInstanceOf(Admission.AlreadyThere.class);
    assertThat(publisher(true).check(Publications.of("a", "1.0.0", "'description':'x'")))
        .isInstanceOf(Admission.Refused.class);
    assertThat(checks.getLast().detail()).contains("never changes");
  }

  /** A pre-release that asked more is no consent for the release. */
  @ParameterizedTest
  @CsvSource({
    "1.1.0, 1.0.0 1.1.0-rc.1, 1.0.0",
    "1.1.0-rc.2, 1.0.0 1.1.0-rc.1, 1.0.0",
    "1.1.0, 1.1.0-rc.1, 1.1.0-rc.1",
    "1.0.1, 1.0.0 2.0.0 0.9.0, 1.0.0",
    "1.10.0, 1.2.0 1.9.0, 1.9.0",
    "1.0.0, 2.0.0, none",
  })
  void theVersionBeforeIsTheNewestRelease(String next, String there, String expected) {
    var versions = Arrays.stream(there.split(" ")).map(Version::parse).toList();
    assertThat(
            Publisher.replaced(versions, Version.parse(next)).map(Version::toString).orElse("none"))
        .isEqualTo(expected);
  }
}
