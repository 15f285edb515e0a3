package org.wasmbroker.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.JarSources;

/** What {@code .dockerignore} lets into the build of the image, which copies all of it. */
class BuildContextTest {
  private static final Path CHECKOUT = Path.of("..");

  /** Without it, the image's broker would lack it, and only a user would notice. */
  @ParameterizedTest
  @MethodSource("org.wasmbroker.testing.JarSources#examples")
  void whatTheJarIsMadeOfIsInTheContext(Path source) throws IOException {
    assertThat(isInContext(source)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "broker/target/any.jar",
        "broker/src/test/java/Any.java",
        "handlers-wasm/languages/target/tools/any",
        "handlers-wasm/catalog/any",
        "docs/any.md",
        ".git/HEAD"
      })
  void whatItIsNotMadeOfIsNot(String path) throws IOException {
    assertThat(isInContext(Path.of(path))).isFalse();
  }

  @Test
  void theDockerfileTakesAllOfTheContext() throws IOException {
    assertThat(Files.readAllLines(CHECKOUT.resolve("Dockerfile"))).contains("COPY . .");
    assertThat(JarSources.examples()).hasSizeGreaterThan(5);
  }

  /** The last line that matches decides. */
  private static boolean isInContext(Path path) throws IOException {
    boolean in = true;
    for (var line : patterns()) {
      var pattern = line.startsWith("!") ? line.substring(1) : line;
      if (pattern.equals("*") || path.startsWith(pattern)) {
        in = line.startsWith("!");
      }
    }
    return in;
  }

  private static List<String> patterns() throws IOException {
    return Files.readAllLines(CHECKOUT.resolve(".dockerignore")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}
