package org.wasmbroker.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.InvalidPathException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileError;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileSystem.OpenMode;

class SessionFilesTest {
  private final SessionFiles files = new SessionFiles(10_000, 20, () -> 1);

  private void write(String path, String text) throws FileException {
    var _ = files.write(path, text.getBytes(UTF_8), false);
  }

  private String read(String path) throws FileException {
    return new String(files.read(path, 0, 1000).content().bytes(), UTF_8);
  }

  private static void assertRefused(FileError error, Action action) {
    assertThatThrownBy(action::run)
        .isInstanceOfSatisfying(
            FileException.class, refused -> assertThat(refused.error()).isEqualTo(error));
  }

  private interface Action {
    void run() throws FileException;
  }

  @Test
  void aFileIsWrittenWithItsDirectoriesAndReplacedOrContinued() throws FileException {
    write("/a/b/c.txt", "one\n");
    assertThat(read("/a/b/c.txt")).isEqualTo("one\n");

    write("/a/b/c.txt", "two\n");
    assertThat(files.write("/a/b/c.txt", "three\n".getBytes(UTF_8), true)).isEqualTo(10);
    assertThat(read("/a/b/c.txt")).isEqualTo("two\nthree\n");
    assertThat(files.read("/a/b/c.txt", 4, 3).content().bytes()).asString().isEqualTo("thr");
    assertThat(files.read("/a/b/c.txt", 100, 3).content().bytes()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/data, a.txt, /data/a.txt",
    "/data, ../a, /a",
    "/data, /x/./y//z/, /x/y/z",
    "/, ., /",
    "/data, .., /",
  })
  void pathsAreFollowedFromADirectory(String from, String path, String absolute) {
    assertThat(SessionFiles.absolute(from, path)).isEqualTo(absolute);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../etc/passwd", "/..", "/a/../../b", "", "a\0b"})
  void pathsThatLeadAboveTheRootOrNowhereAreRefused(String path) {
    assertThatThrownBy(() -> SessionFiles.absolute("/data", path))
        .isInstanceOf(InvalidPathException.class);
  }

  @Test
  void whatIsNotThereOrOfAnotherKindIsRefused() throws FileException {
    write("/data/file", "x");

    assertRefused(FileError.NOT_FOUND, () -> files.read("/data/none", 0, 1));
    assertRefused(FileError.IS_DIRECTORY, () -> files.read("/data", 0, 1));
    assertRefused(FileError.NOT_DIRECTORY, () -> write("/data/file/below", "x"));
    assertRefused(FileError.IS_DIRECTORY, () -> write("/data", "x"));
    assertRefused(FileError.NOT_EMPTY, () -> files.remove("/data", false));
    assertRefused(FileError.NAME_TOO_LONG, () -> write("/" + "n".repeat(256), "x"));
  }

  @Test
  void bytesAndEntriesAreBoundedAndComeBack() throws FileException {
    assertRefused(FileError.NO_SPACE, () -> write("/data/large", "x".repeat(10_001)));
    files.remove("/data/large", false);
    write("/data/large", "x".repeat(10_000));
    assertRefused(FileError.NO_SPACE, () -> write("/data/more", "x"));
    files.remove("/data", true);
    assertThat(files.used().bytes()).isZero();

    for (int i = 0; i < 19; i++) {
      write("/f" + i, "");
    }
    assertRefused(FileError.NO_SPACE, () -> write("/x/y", ""));
    files.reset();
    assertThat(files.used().entries()).isEqualTo(1);
    assertThat(files.isDirectory(SessionFiles.HOME)).isTrue();
  }

  @Test
  void filesAreListedByPathWithTheirSizes() throws FileException {
    write("/data/b", "12");
    write("/data/a/c", "1");

    assertThat(files.list("/data", false, 10))
        .extracting(each -> each.path() + " " + each.isDirectory() + " " + each.size())
        .containsExactly("/data/a true 0", "/data/b false 2");
    assertThat(files.list("/", true, 10))
        .extracting(SessionFiles.Listed::path)
        .containsExactly("/data", "/data/a", "/data/a/c", "/data/b");
    assertThat(files.list("/data/b", true, 10)).hasSize(1);
    assertRefused(FileError.NOT_FOUND, () -> files.list("/none", false, 10));
  }

  @Test
  void whatARunWritesStaysAndARemovedFileIsFreedWhenItIsClosed() throws FileException {
    var run = files.forRun(DirectoryMode.READ_WRITE).begin(() -> 2, null);
    var root = run.preopened().getFirst();
    var created =
        run.open(
            root, FilePath.parse("data/new"), new OpenMode(true, true, true, false, false, false));
    var _ = created.beginWrite(3);
    created.put(0, 3, (target, at, count) -> target[at] = 'y');
    assertThat(files.read("/data/new", 0, 10).size()).isEqualTo(3);

    files.remove("/data/new", false);
    assertThat(files.used().bytes()).isEqualTo(3);
    created.close();
    run.close();

    assertThat(files.used().bytes()).isZero();
    assertThat(files.list("/data", false, 10)).isEqualTo(List.of());
  }
}
