package org.wasmbroker.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.capability.SecretName;
import org.wasmbroker.testing.ManualTime;

final class DirectorySecretsTest {
  private static final SecretName TOKEN = new SecretName("TOKEN");

  private final ManualTime time = new ManualTime();
  @TempDir private Path parent;

  @Test
  void theFilesContentIsTheValueWithoutItsLastLineEnd() throws IOException {
    assertThat(valueOf("s3cret")).isEqualTo("s3cret");
    assertThat(valueOf("s3cret\n")).isEqualTo("s3cret");
    assertThat(valueOf("s3cret\r\n")).isEqualTo("s3cret");
    assertThat(valueOf("s3cret\n\n")).isEqualTo("s3cret\n");
    assertThat(valueOf("two\nlines")).isEqualTo("two\nlines");
    assertThat(valueOf("\n")).isEmpty();
  }

  @Test
  void aNameWithoutAFileIsNotFound() throws IOException {
    var secrets = secrets(Duration.ZERO);
    assertThat(text(secrets, new SecretName("OTHER"))).isNull();
    Files.delete(directory());
    assertThat(text(secrets, TOKEN)).isNull();
  }

  @Test
  void aRotatedValueIsReadAfterTheRefreshTimeRegardlessOfTheTimestamp() throws IOException {
    var secrets = secrets(Duration.ofSeconds(1));
    var file = Files.writeString(directory().resolve("TOKEN"), "before");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000));
    assertThat(text(secrets, TOKEN)).isEqualTo("before");

    Files.writeString(file, "after!");
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000));
    time.advance(Duration.ofMillis(999));
    assertThat(text(secrets, TOKEN)).isEqualTo("before");
    time.advance(Duration.ofMillis(1));
    assertThat(text(secrets, TOKEN)).isEqualTo("after!");
  }

  @Test
  void aSwappedMountLinkIsFollowed() throws IOException {
    var secrets = secrets(Duration.ZERO);
    mounted("..2026_01", "first");
    Files.createSymbolicLink(directory().resolve("..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(directory().resolve("TOKEN"), Path.of("..data/TOKEN"));
    assertThat(text(secrets, TOKEN)).isEqualTo("first");

    mounted("..2026_02", "second");
    var next = Files.createSymbolicLink(directory().resolve("..data_tmp"), Path.of("..2026_02"));
    Files.move(
        next,
        directory().resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(text(secrets, TOKEN)).isEqualTo("second");
  }

  @Test
  void aLinkOutOfTheDirectoryIsNotFollowed() throws IOException {
    Files.writeString(parent.resolve("outside"), "database-password");
    Files.createSymbolicLink(directory().resolve("TOKEN"), parent.resolve("outside"));

    assertThatThrownBy(() -> text(secrets(Duration.ZERO), TOKEN))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("is a link out of the directory")
        .hasMessageNotContaining("database-password");
  }

  @Test
  void aFileAboveTheMaximumSizeIsRefusedAndOneOfThatSizeIsNot() throws IOException {
    var secrets = secrets(Duration.ZERO);
    var file = Files.writeString(directory().resolve("TOKEN"), "x".repeat(65_536) + "\r\n");
    assertThat(text(secrets, TOKEN)).hasSize(65_536);
    Files.writeString(file, "x".repeat(65_537));
    assertThatThrownBy(() -> text(secrets, TOKEN))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("TOKEN has more than 65536 bytes");
  }

  @Test
  void anythingButARegularFileIsRefused() throws IOException {
    Files.createDirectory(directory().resolve("TOKEN"));

    assertThatThrownBy(() -> text(secrets(Duration.ZERO), TOKEN))
        .isInstanceOf(SecretUnavailableException.class)
        .hasMessageContaining("is not a regular file");
  }

  @Test
  void closingOneCopyLeavesTheOthersIntact() throws IOException {
    var secrets = secrets(Duration.ofSeconds(1));
    Files.writeString(directory().resolve("TOKEN"), "s3cret");
    var first = Objects.requireNonNull(secrets.find(TOKEN));
    first.close();

    assertThat(first.bytes()).containsOnly(0);
    assertThat(text(secrets, TOKEN)).isEqualTo("s3cret");
  }

  private String valueOf(String content) throws IOException {
    Files.writeString(directory().resolve("TOKEN"), content);
    return String.valueOf(text(secrets(Duration.ZERO), TOKEN));
  }

  private Path directory() throws IOException {
    var directory = parent.resolve("secrets");
    return Files.isDirectory(directory) ? directory : Files.createDirectory(directory);
  }

  private DirectorySecrets secrets(Duration refresh) throws IOException {
    return new DirectorySecrets(directory(), refresh, time);
  }

  private void mounted(String version, String value) throws IOException {
    Files.writeString(Files.createDirectory(directory().resolve(version)).resolve("TOKEN"), value);
  }

  private static @Nullable String text(SecretSource secrets, SecretName name) {
    try (var value = secrets.find(name)) {
      return value == null ? null : new String(value.bytes(), StandardCharsets.UTF_8);
    }
  }
}
