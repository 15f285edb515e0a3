package org.wasmbroker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.NamedTests;

/** What the project's documents refer to exists: files by relative links, and tests by name. */
class DocumentLinksTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> TEST_DIRECTORIES =
      List.of("broker/src/test", "demo/src/test", "embedded/src/test");
  private static final Pattern TEST = Pattern.compile("\\b[A-Z][A-Za-z]+[a-z](Test|IT|E2E)\\b");
  private static final Pattern LINK = Pattern.compile("]\\(([^)#\\s]+)(#[^)]*)?\\)");

  @Test
  void everyRelativeLinkLeadsToAFile() throws IOException {
    var broken = new ArrayList<String>();
    for (var document : documents()) {
      LINK.matcher(Files.readString(document))
          .results()
          .map(link -> link.group(1))
          .filter(target -> !target.contains("://"))
          .filter(target -> !Files.exists(document.resolveSibling(target)))
          .forEach(target -> broken.add(document + ": " + target));
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void everyNamedTestExists() throws IOException {
    var tests = new HashSet<>(NamedTests.inOtherLanguages().keySet());
    for (var directory : TEST_DIRECTORIES) {
      try (var files = Files.walk(ROOT.resolve(directory))) {
        files.map(file -> file.getFileName().toString().replace(".java", "")).forEach(tests::add);
      }
    }
    var missing = new ArrayList<String>();
    for (var document : documents()) {
      TEST.matcher(Files.readString(document))
          .results()
          .map(MatchResult::group)
          .filter(name -> !tests.contains(name))
          .forEach(name -> missing.add(document + ": " + name));
    }
    assertThat(missing).isEmpty();
  }

  private static List<Path> documents() throws IOException {
    var documents = new ArrayList<Path>();
    for (var directory :
        Stream.of(
                "",
                "docs",
                "docs/adr",
                "docs/examples",
                "bench",
                "handlers-wasm",
                "handlers-wasm/sdk")
            .map(ROOT::resolve)
            .toList()) {
      try (var files = Files.list(directory)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
      }
    }
    assertThat(documents).hasSizeGreaterThan(20);
    return documents;
  }
}
