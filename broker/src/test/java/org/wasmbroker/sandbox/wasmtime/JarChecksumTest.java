package org.wasmbroker.sandbox.wasmtime;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JarChecksumTest {
  @TempDir private Path directory;

  private final byte[] content = new byte[700_001];

  JarChecksumTest() {
    new Random(1).nextBytes(content);
  }

  @Test
  void aFileOfTheSameContentMatches() throws IOException {
    assertThat(checksum().matches(file(content))).isTrue();
  }

  @Test
  void aFileThatDiffersInOneByteDoesNot() throws IOException {
    var checksum = checksum();
    for (int at : new int[] {0, 300_000, content.length - 1}) {
      var damaged = content.clone();
      damaged[at] ^= 1;
      assertThat(checksum.matches(file(damaged))).as("byte %d", at).isFalse();
    }
  }

  @Test
  void aFileOfAnotherLengthDoesNot() throws IOException {
    assertThat(checksum().matches(file(Arrays.copyOf(content, content.length - 1)))).isFalse();
    assertThat(checksum().matches(file(new byte[0]))).isFalse();
  }

  @Test
  void whatIsInNoJarHasNone() throws IOException {
    assertThat(JarChecksum.of(file(content).toUri().toURL())).isNull();
  }

  private JarChecksum checksum() throws IOException {
    return requireNonNull(JarChecksum.of(inJar()));
  }

  private URL inJar() throws IOException {
    var jar = directory.resolve("parts.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry("lib/library.so"));
      out.write(content);
      out.closeEntry();
    }
    return URI.create("jar:" + jar.toUri() + "!/lib/library.so").toURL();
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(directory.resolve("library.so"), bytes);
  }
}
