package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.AotCache;

/** What the jar that is deployed contains, and that it runs by itself. */
class DeployableJarIT {
  private static final Path JAR = AotCache.JAR;

  @Test
  void containsTheEngineAndTheHandlersAndNoEmbeddedPostgres() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      var names = jar.stream().map(entry -> entry.getName()).toList();

      assertThat(names)
          .contains(
              "org/wasmbroker/parts/libwasmtime.so",
              "org/wasmbroker/handlers/transform/1.0.0/module.wasm",
              "org/wasmbroker/interpreters/python/1.0.0/module.wasm",
              "META-INF/licenses/LICENSE-quickjs-ng",
              "META-INF/licenses/LICENSE-brython");
      assertThat(names)
          .noneMatch(name -> name.endsWith(".txz"))
          .noneMatch(name -> name.contains("pgmq.tar"))
          .noneMatch(name -> name.startsWith("io/zonky/"))
          .noneMatch(name -> name.startsWith("org/wasmbroker/embedded/"))
          .noneMatch(name -> name.startsWith("org/wasmbroker/demo/"));
    }
  }

  @Test
  void hasNoClassThatIsTooOldForTheCache() throws IOException {
    try (var jar = new JarFile(JAR.toFile())) {
      var old = new ArrayList<String>();
      for (var entry : jar.stream().filter(file -> file.getName().endsWith(".class")).toList()) {
        try (var in = new DataInputStream(jar.getInputStream(entry))) {
          var _ = in.readInt();
          var _ = in.readUnsignedShort();
          if (in.readUnsignedShort() < ClassFile.JAVA_6_VERSION) {
            old.add(entry.getName());
          }
        }
      }

      assertThat(old).isEmpty();
      assertThat(jar.getEntry("META-INF/raised-classes.txt")).isNotNull();
    }
  }

  @Test
  void runsByItself() throws IOException, InterruptedException {
    assertThat(version(JAR, List.of())).contains("wasm-broker", "guest ABI", "wasmtime 50.");
  }

  @Test
  void startsWithTheCacheOfItsClasses() throws IOException, InterruptedException {
    var expected = version(JAR, List.of());

    var demanding = new ArrayList<>(AotCache.options());
    demanding.add("-XX:+UseParallelGC");
    demanding.add("-XX:AOTMode=on"); // it would not start without
    assertThat(version(JAR, demanding)).isEqualTo(expected);
    assertThat(version(JAR, AotCache.options())).isEqualTo(expected);
  }

  @Test
  void aCacheOfAnotherJarIsNotUsedAndNothingIsSaidOfIt(@TempDir Path folder)
      throws IOException, InterruptedException {
    var other = Files.copy(JAR, folder.resolve("wasm-broker-app.jar"));
    Files.setLastModifiedTime(other, FileTime.fromMillis(0));
    var damaged = Files.copy(AotCache.file(), folder.resolve("damaged.aot"));
    try (var file = FileChannel.open(damaged, StandardOpenOption.WRITE)) {
      file.truncate(1 << 20);
    }
    var expected = version(JAR, List.of());

    assertThat(version(other, AotCache.options())).isEqualTo(expected);
    assertThat(version(JAR, AotCache.options(damaged))).isEqualTo(expected);
    assertThat(version(JAR, AotCache.options(folder.resolve("none.aot")))).isEqualTo(expected);
  }

  /** What the command writes to both outputs. */
  private static String version(Path jar, List<String> options)
      throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
    command.addAll(options);
    command.addAll(List.of("-jar", jar.toString(), "version"));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
