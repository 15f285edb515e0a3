package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** What the jar that is deployed contains, and that it runs by itself. */
class DeployableJarIT {
  private static final Path JAR = Path.of("target", "wasm-broker-app.jar");

  @Test
  void containsTheEngineAndTheHandlersAndNoEmbeddedPostgres() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      var names = jar.stream().map(entry -> entry.getName()).toList();

      assertThat(names)
          .contains(
              "org/wasmbroker/parts/libwasmtime.so",
              "org/wasmbroker/handlers/transform/1.0.0/module.wasm");
      assertThat(names)
          .noneMatch(name -> name.endsWith(".txz"))
          .noneMatch(name -> name.contains("pgmq.tar"))
          .noneMatch(name -> name.startsWith("io/zonky/"))
          .noneMatch(name -> name.startsWith("org/wasmbroker/embedded/"))
          .noneMatch(name -> name.startsWith("org/wasmbroker/demo/"));
    }
  }

  @Test
  void runsByItself() throws IOException, InterruptedException {
    var java = Path.of(System.getProperty("java.home"), "bin", "java");
    var process =
        new ProcessBuilder(java.toString(), "-jar", JAR.toString(), "version")
            .redirectErrorStream(true)
            .start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("wasm-broker", "guest ABI", "wasmtime 50.");
  }
}
