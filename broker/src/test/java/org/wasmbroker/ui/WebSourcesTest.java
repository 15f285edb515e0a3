package org.wasmbroker.ui;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.wasmbroker.step.Digest;

/** What is in the jar was built from the sources that are here; building it again needs npm. */
class WebSourcesTest {
  private static final Path WEB = Path.of("..", "web");

  @Test
  void theBuiltFilesAreThoseOfTheSources() throws IOException {
    var recorded = new TreeMap<String, String>();
    for (var line : Files.readAllLines(WEB.resolve("dist/SOURCES.sha256"))) {
      recorded.put(line.substring(66), line.substring(0, 64));
    }

    assertThat(sources()).as("run web/build, and commit web/dist").isEqualTo(recorded);
  }

  private static Map<String, String> sources() throws IOException {
    var found = new TreeMap<String, String>();
    try (var files = Files.walk(WEB.resolve("src"))) {
      var all =
          Stream.concat(
                  files.filter(Files::isRegularFile),
                  Stream.of("package-lock.json", "tsconfig.json").map(WEB::resolve))
              .toList();
      for (var file : all) {
        found.put(WEB.relativize(file).toString(), Digest.of(Files.readAllBytes(file)).hex());
      }
    }
    return found;
  }
}
