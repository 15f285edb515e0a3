package org.wasmbroker.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.GeneratedSection;
import org.wasmbroker.testing.NamedTests;

/**
 * Checks docs/security.md against the existing tests, the hostile guests, and the pinned versions.
 */
final class SecurityDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "security.md");
  private static final Pattern CASE_ROW = Pattern.compile("(?m)^\\| `([a-z0-9-]+)` \\| `");

  @Test
  void everyReferencedTestExists() throws IOException {
    NamedTests.assertExist(document());
  }

  @Test
  void everyThreatHasATest() throws IOException {
    var threats = between("## Threats", "## What is not covered").lines();

    assertThat(threats.filter(line -> line.startsWith("| ") && !line.startsWith("| threat")))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(NamedTests.areIn(row)).as(row).isTrue());
  }

  @Test
  void everyHostileGuestWasMeasuredOnBothEngines() throws IOException {
    var cases = HostileCases.all().map(HostileCase::name).toList();
    for (var engine : List.of("wasmtime", "wasmtime-java")) {
      var heading = "\n**" + engine + "**\n";
      var table = document().substring(document().indexOf(heading) + heading.length());
      int next = table.indexOf("\n**");
      var rows = CASE_ROW.matcher(next < 0 ? table : table.substring(0, next)).results();

      assertThat(rows.map(row -> row.group(1)))
          .as("on %s; run `make security-table` and commit it", engine)
          .containsExactlyElementsOf(cases);
    }
  }

  @Test
  void theTableSaysHowEachGuestEndsByEachWayIn() throws IOException {
    try (var peers = new HostileServers()) {
      GeneratedSection.check("security.md", WaysTable.text(peers));
    }
  }

  /** The tests of pages read the same list. */
  @Test
  void pagesMeetTheSameGuests() throws IOException {
    var file = Path.of("..", "web", "test", "hostile.json");
    if ("write".equals(System.getProperty("docs"))) {
      Files.writeString(file, HostilePages.json());
    }

    assertThat(file).as("run `make docs` and commit it").content().isEqualTo(HostilePages.json());
  }

  @Test
  void whatIsNoComponentIsAHostileGuest() {
    assertThat(HostileComponents.exceptions())
        .isSubsetOf(HostileCases.all().map(HostileCase::guest).toList());
  }

  @Test
  void engineVersionsAreConsistentWherePinned() throws IOException {
    var pinned = "wasmtime_version=([0-9.]+)";
    var version = found(Path.of("..", "scripts", "fetch-parts"), pinned);
    var library = "src/main/java/org/wasmbroker/sandbox/wasmtime/NativeLibrary.java";
    var build = Path.of("..", "handlers-wasm", "build");

    assertThat(found(Path.of(library), "String VERSION = \"([0-9.]+)\"")).isEqualTo(version);
    assertThat(found(build, "WASMTIME_VERSION=([0-9.]+)")).isEqualTo(version);
    assertThat(found(DOCUMENT, "libwasmtime ([0-9.]+) ")).isEqualTo(version);
    assertThat(found(DOCUMENT, "wasmtime-java ([0-9.]+) "))
        .isEqualTo(
            found(Path.of("..", "pom.xml"), "<wasmtime-java.version>([0-9.]+)</wasmtime-java"));
  }

  private static String found(Path file, String pattern) throws IOException {
    return Pattern.compile(pattern)
        .matcher(Files.readString(file))
        .results()
        .map((MatchResult match) -> match.group(1))
        .findFirst()
        .orElseThrow(() -> new AssertionError(file + " has no " + pattern));
  }

  private static String between(String begin, String end) throws IOException {
    var text = document();
    return text.substring(text.indexOf(begin), text.indexOf(end));
  }

  private static String document() throws IOException {
    return Files.readString(DOCUMENT);
  }
}
