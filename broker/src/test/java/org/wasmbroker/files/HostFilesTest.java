package org.wasmbroker.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.files.HostFiles.Found;

final class HostFilesTest {
  private static final int BOUND = 4;

  @TempDir private Path host;

  @Test
  void directoriesAloneReachTheBound() throws IOException {
    Files.createDirectories(host.resolve("a/b/c/d"));
    assertThat(HostFiles.find(host, BOUND)).hasSize(BOUND).allMatch(Found::isDirectory);

    Files.createDirectory(host.resolve("e"));

    assertThatThrownBy(() -> HostFiles.find(host, BOUND))
        .isInstanceOf(IOException.class)
        .hasMessage("has more than 4 files and directories");
  }

  @Test
  void filesAndDirectoriesCountTogether() throws IOException {
    Files.createDirectories(host.resolve("a/b"));
    Files.createFile(host.resolve("a/1"));
    Files.createFile(host.resolve("a/b/2"));
    assertThat(HostFiles.find(host, BOUND))
        .extracting(found -> host.relativize(found.path()).toString())
        .containsExactly("a", "a/1", "a/b", "a/b/2");

    Files.createFile(host.resolve("3"));

    assertThatThrownBy(() -> HostFiles.find(host, BOUND)).isInstanceOf(IOException.class);
  }

  @Test
  void whatIsLeftOutDoesNotCount() throws IOException {
    Files.createDirectories(host.resolve("a/b/c/d"));

    Files.createSymbolicLink(host.resolve("link"), host.resolve("a"));

    assertThat(HostFiles.find(host, BOUND)).hasSize(BOUND);
  }
}
