package org.wasmbroker.sandbox.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.sandbox.files.FileSystem.OpenMode;

final class FileSystemTest {
  private static final OpenMode READ = new OpenMode(true, false, false, false, false, false);
  private static final OpenMode WRITE = new OpenMode(true, true, true, false, false, false);
  private static final OpenMode TRUNCATE = new OpenMode(false, true, false, false, false, true);
  private static final OpenMode DIRECTORY = new OpenMode(true, false, false, false, true, false);

  private final FileBudget budget = new FileBudget(1 << 20);
  private final FileUsage usage = new FileUsage();
  private long now = 1;
  private final FileTree tree = new FileTree(0);
  private final FileTree readTree = new FileTree(0);
  private final FileSystem files = system(10_000, 20);
  private final OpenFile work = files.preopened().get(0);
  private final OpenFile data = files.preopened().get(1);
  private final OpenFile outbox = files.preopened().get(2);

  private FileSystem system(long bytes, int entries) {
    return new FileSystem(
        List.of(
            new Mount("/step", DirectoryMode.READ_WRITE, tree),
            new Mount("/data", DirectoryMode.READ, readTree),
            new Mount("/out", DirectoryMode.WRITE, new FileTree(0))),
        new Space(bytes, entries, budget),
        usage,
        () -> now++);
  }

  private static FilePath path(String text) throws FileException {
    return FilePath.parse(text);
  }

  private OpenFile open(String path, OpenMode mode) throws FileException {
    return files.open(work, path(path), mode);
  }

  private void write(String path, String text) throws FileException {
    var file = open(path, WRITE);
    put(file, text);
    file.close();
  }

  private static void put(OpenFile file, String text) throws FileException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    long at = file.beginWrite(bytes.length);
    file.put(at, bytes.length, (target, from, n) -> System.arraycopy(bytes, 0, target, from, n));
  }

  private String read(String path) throws FileException {
    return rest(open(path, READ));
  }

  private static String rest(OpenFile file) throws FileException {
    var text = new StringBuilder();
    while (file.read(
            7, (bytes, from, n) -> text.append(new String(bytes, from, n, StandardCharsets.UTF_8)))
        > 0) {}
    return text.toString();
  }

  private static List<String> names(OpenFile directory) throws FileException {
    var names = new ArrayList<String>();
    directory.listed().entries().forEach(entry -> names.add(entry.name()));
    return names;
  }

  private static void refused(FileError expected, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            FileException.class, refused -> assertThat(refused.error()).isEqualTo(expected));
  }

  @Test
  void whatIsWrittenIsRead() throws FileException {
    write("a.txt", "first");
    write("a.txt", "2nd");

    assertThat(read("a.txt")).isEqualTo("2ndst");
    assertThat(names(work)).containsExactly("a.txt");
  }

  @Test
  void aFileThatIsTruncatedIsEmpty() throws FileException {
    write("a", "something");
    open("a", TRUNCATE).close();

    assertThat(files.stat(work, path("a")).size()).isZero();
  }

  @Test
  void whatIsBetweenTheEndAndAWriteIsZero() throws FileException {
    var file = open("a", WRITE);
    put(file, "xxxxxxxx");
    file.resize(2);
    file.seek(4, 0);
    put(file, "y");

    assertThat(read("a")).isEqualTo("xx\0\0y");
  }

  @Test
  void anAppendGoesToTheEndWhereverThePositionIs() throws FileException {
    write("log", "one ");
    var file = open("log", WRITE);
    file.setFlags(OpenFile.APPEND);
    file.seek(0, 0);
    put(file, "two");

    assertThat(read("log")).isEqualTo("one two");
  }

  @ParameterizedTest
  @CsvSource({"5, 0, 5", "2, 1, 2", "-1, 2, 3", "100, 2, 104", "0, 2, 4"})
  void aSeekGoesFromTheBeginningThePositionOrTheEnd(long offset, int whence, long expected)
      throws FileException {
    write("a", "four");

    assertThat(open("a", READ).seek(offset, whence)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "-2, 1", "-5, 2", "9223372036854775807, 2", "0, 3", "0, -1"})
  void aSeekToBeforeTheBeginningOrBeyondAllNumbersIsRefused(long offset, int whence)
      throws FileException {
    write("a", "four");
    var file = open("a", READ);
    file.seek(1, 0);

    refused(FileError.INVALID, () -> file.seek(offset, whence));
    assertThat(file.position()).isEqualTo(1);
  }

  @Test
  void whatIsReadBeyondTheEndIsNothing() throws FileException {
    write("a", "four");
    var file = open("a", READ);
    file.seek(Long.MAX_VALUE, 0);

    assertThat(rest(file)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/etc/passwd, OUTSIDE",
    "/, OUTSIDE",
    "//step/a, OUTSIDE",
    ".., OUTSIDE",
    "../a, OUTSIDE",
    "dir/../../a, OUTSIDE",
    "dir/./../.., OUTSIDE",
    "none/.., NOT_FOUND",
    "none/../dir, NOT_FOUND",
    "file/.., NOT_DIRECTORY",
    "file/., NOT_DIRECTORY",
    "file/, NOT_DIRECTORY",
    "file/x, NOT_DIRECTORY",
    "none, NOT_FOUND",
    "'', NOT_FOUND",
  })
  void aPathThatLeadsNowhereOrOutIsRefused(String path, FileError expected) throws FileException {
    files.createDirectory(work, path("dir"));
    write("file", "");

    refused(expected, () -> open(path, READ));
    refused(expected, () -> files.stat(work, path(path)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dir/../file", "./file", "dir//..///file", ".//./dir/sub/../../file", "file"})
  void aPathMayGoUpAsFarAsItWentDown(String path) throws FileException {
    files.createDirectory(work, path("dir"));
    files.createDirectory(work, path("dir/sub"));
    write("file", "here");

    assertThat(read(path)).isEqualTo("here");
  }

  @Test
  void aPathEndsAboveTheDirectoryThatItStartsIn() throws FileException {
    files.createDirectory(work, path("dir"));
    write("secret", "x");
    var dir = open("dir", DIRECTORY);

    refused(FileError.OUTSIDE, () -> files.open(dir, path("../secret"), READ));
  }

  @Test
  void namesAndPathsHaveALength() throws FileException {
    var longest = "n".repeat(FilePath.MAX_NAME_BYTES);
    write(longest, "x");

    assertThat(read(longest)).isEqualTo("x");
    refused(FileError.NAME_TOO_LONG, () -> open(longest + "n", WRITE));
    refused(FileError.NAME_TOO_LONG, () -> path("a/".repeat(2049)));
    refused(FileError.NAME_TOO_LONG, () -> path("ä".repeat(128)));
  }

  @Test
  void aPathIsUtf8WithoutZeroBytes() {
    refused(FileError.INVALID, () -> path("a\0b"));
    refused(FileError.INVALID, () -> path("\0"));
    refused(FileError.NOT_TEXT, () -> FilePath.parse(new byte[] {'a', (byte) 0xFF}));
    refused(
        FileError.NOT_TEXT,
        () -> FilePath.parse(new byte[] {(byte) 0xC0, (byte) 0xAF})); // an overlong slash
  }

  @Test
  void namesThatOnlyLookAlikeAreDifferent() throws FileException {
    write("\u00e4", "one");
    write("a\u0308", "two");
    write("...", "three");

    assertThat(read("\u00e4")).isEqualTo("one");
    assertThat(read("a\u0308")).isEqualTo("two");
    assertThat(read("...")).isEqualTo("three");
  }

  @Test
  void bytesAreBounded() throws FileException {
    write("a", "x".repeat(6_000));
    var file = open("b", WRITE);
    refused(FileError.NO_SPACE, () -> put(file, "x".repeat(4_001)));
    put(file, "x".repeat(4_000));
    refused(FileError.NO_SPACE, () -> put(file, "x"));
    files.removeFile(work, path("a"));
    put(file, "x");

    assertThat(files.space().bytes()).isEqualTo(4_001);
    assertThat(usage.refusals()).isEqualTo(2);
  }

  @Test
  void aHoleCountsAsBytes() throws FileException {
    var file = open("a", WRITE);
    file.seek(9_999, 0);
    put(file, "x");

    refused(FileError.NO_SPACE, () -> file.resize(10_001));
    refused(FileError.NO_SPACE, () -> file.allocate(10_000, 1));
    refused(FileError.TOO_LARGE, () -> file.resize(1L << 40));
    refused(FileError.TOO_LARGE, () -> file.allocate(Long.MAX_VALUE, 1));
    refused(FileError.TOO_LARGE, () -> file.beginWriteAt(Long.MAX_VALUE, 1));
    assertThat(file.node().size()).isEqualTo(10_000);
  }

  @Test
  void entriesAreBounded() throws FileException {
    for (int i = 0; i < 20; i++) {
      files.createDirectory(work, path("d" + i));
    }

    refused(FileError.NO_SPACE, () -> files.createDirectory(work, path("more")));
    refused(FileError.NO_SPACE, () -> open("more", WRITE));
    files.removeDirectory(work, path("d7"));
    write("more", "");
  }

  @Test
  void theMemoryOfAllStepsIsBoundedAndGivenBack() throws FileException {
    var other = new Space(1 << 20, 10, budget);
    other.addBytes((1 << 20) - 1000);
    write("a", "");
    refused(FileError.NO_SPACE, () -> write("a", "x".repeat(1000)));
    other.close();
    write("a", "x".repeat(1000));
    files.close();

    assertThat(budget.used()).isZero();
  }

  @Test
  void aRemovedFileLivesUntilItIsClosed() throws FileException {
    write("a", "still here");
    var file = open("a", READ);
    files.removeFile(work, path("a"));

    refused(FileError.NOT_FOUND, () -> open("a", READ));
    assertThat(rest(file)).isEqualTo("still here");
    assertThat(file.node().links()).isZero();
    assertThat(files.space().bytes()).isEqualTo(10);
    file.close();
    assertThat(files.space().bytes()).isZero();
  }

  @Test
  void nothingIsCreatedInADirectoryThatIsGone() throws FileException {
    files.createDirectory(work, path("dir"));
    var dir = open("dir", DIRECTORY);
    files.removeDirectory(work, path("dir"));

    refused(FileError.NOT_FOUND, () -> files.open(dir, path("a"), WRITE));
    refused(FileError.NOT_FOUND, () -> files.createDirectory(dir, path("a")));
  }

  @Test
  void onlyAnEmptyDirectoryIsRemoved() throws FileException {
    files.createDirectory(work, path("dir"));
    write("dir/a", "");
    write("file", "");

    refused(FileError.NOT_EMPTY, () -> files.removeDirectory(work, path("dir")));
    refused(FileError.NOT_DIRECTORY, () -> files.removeDirectory(work, path("file")));
    refused(FileError.NOT_FOUND, () -> files.removeDirectory(work, path("none")));
    refused(FileError.INVALID, () -> files.removeDirectory(work, path(".")));
    refused(FileError.INVALID, () -> files.removeDirectory(work, path("dir/..")));
    refused(FileError.OUTSIDE, () -> files.removeDirectory(work, path("..")));
    refused(FileError.IS_DIRECTORY, () -> files.removeFile(work, path("dir")));
    refused(FileError.IS_DIRECTORY, () -> files.removeFile(work, path("dir/")));
    refused(FileError.NOT_DIRECTORY, () -> files.removeFile(work, path("file/")));
  }

  @Test
  void aDirectoryIsCreatedOnce() throws FileException {
    files.createDirectory(work, path("dir/"));

    refused(FileError.EXISTS, () -> files.createDirectory(work, path("dir")));
    refused(FileError.EXISTS, () -> files.createDirectory(work, path(".")));
    refused(FileError.NOT_FOUND, () -> files.createDirectory(work, path("none/dir")));
  }

  @Test
  void whatAFileIsOpenedAsHasToBeTrue() throws FileException {
    files.createDirectory(work, path("dir"));
    write("file", "");
    var exclusive = new OpenMode(true, true, true, true, false, false);

    refused(FileError.EXISTS, () -> open("file", exclusive));
    refused(FileError.NOT_DIRECTORY, () -> open("file", DIRECTORY));
    refused(FileError.IS_DIRECTORY, () -> open("dir", WRITE));
    refused(FileError.IS_DIRECTORY, () -> open("dir", TRUNCATE));
    refused(FileError.IS_DIRECTORY, () -> open("new/", WRITE));
    refused(
        FileError.INVALID, () -> open("dir", new OpenMode(true, false, true, false, true, false)));
    assertThat(open("dir/", READ).node()).isInstanceOf(Directory.class);
  }

  @Test
  void aRenameReplacesAFile() throws FileException {
    write("a", "new");
    write("b", "old");
    files.rename(work, path("a"), work, path("b"));

    assertThat(read("b")).isEqualTo("new");
    assertThat(names(work)).containsExactly("b");
    assertThat(files.space().bytes()).isEqualTo(3);
    assertThat(files.space().entries()).isEqualTo(1);
  }

  @Test
  void aRenameToItselfChangesNothing() throws FileException {
    write("a", "same");
    files.createDirectory(work, path("dir"));
    files.rename(work, path("a"), work, path("dir/../a"));

    assertThat(read("a")).isEqualTo("same");
  }

  @Test
  void directoriesAreRenamedWithWhatIsInThem() throws FileException {
    files.createDirectory(work, path("a"));
    files.createDirectory(work, path("empty"));
    write("a/file", "x");
    var open = open("a", DIRECTORY);
    files.rename(work, path("a/"), work, path("empty/"));

    assertThat(read("empty/file")).isEqualTo("x");
    assertThat(rest(files.open(open, path("file"), READ))).isEqualTo("x");
    assertThat(files.space().entries()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "dir, full, NOT_EMPTY",
    "dir, file, NOT_DIRECTORY",
    "file, dir, IS_DIRECTORY",
    "file, new/, NOT_DIRECTORY",
    "file/, new, NOT_DIRECTORY",
    "dir, dir/below, INVALID",
    "full, full/sub/deeper, INVALID",
    "none, new, NOT_FOUND",
    "file, none/new, NOT_FOUND",
    "., new, INVALID",
    "file, ., INVALID",
    "file, ../out, OUTSIDE",
    "../step/file, new, OUTSIDE",
  })
  void aRenameThatWouldLoseSomethingIsRefused(String from, String to, FileError expected)
      throws FileException {
    files.createDirectory(work, path("dir"));
    files.createDirectory(work, path("full"));
    files.createDirectory(work, path("full/sub"));
    write("file", "x");

    refused(expected, () -> files.rename(work, path(from), work, path(to)));
    assertThat(names(work)).containsExactly("dir", "full", "file");
    assertThat(read("file")).isEqualTo("x");
  }

  @Test
  void aDirectoryIsNotMovedBelowItselfByWayOfAnOpenOne() throws FileException {
    files.createDirectory(work, path("a"));
    files.createDirectory(work, path("a/b"));
    var b = open("a/b", DIRECTORY);

    refused(FileError.INVALID, () -> files.rename(work, path("a"), b, path("c")));
  }

  @Test
  void nothingMovesFromOneDirectoryOfTheGrantToAnother() throws FileException {
    write("a", "x");

    refused(FileError.OTHER_DIRECTORY, () -> files.rename(work, path("a"), outbox, path("a")));
  }

  @Test
  void aDirectoryThatIsReadIsNotChanged() throws FileException {
    readTree.addFile(
        path("sub/a"), "given".getBytes(StandardCharsets.UTF_8), 5, new Space(10, 10, budget));
    var file = files.open(data, path("sub/a"), READ);

    assertThat(rest(file)).isEqualTo("given");
    refused(FileError.READ_ONLY, () -> files.open(data, path("sub/a"), WRITE));
    refused(FileError.READ_ONLY, () -> files.open(data, path("sub/a"), TRUNCATE));
    refused(FileError.READ_ONLY, () -> files.open(data, path("new"), WRITE));
    refused(FileError.READ_ONLY, () -> files.removeFile(data, path("sub/a")));
    refused(FileError.READ_ONLY, () -> files.createDirectory(data, path("new")));
    refused(FileError.READ_ONLY, () -> files.rename(data, path("sub"), data, path("b")));
    refused(FileError.READ_ONLY, () -> files.setTimes(data, path("sub"), 1L, 1L));
    refused(FileError.READ_ONLY, () -> file.setTimes(1L, 1L));
    refused(FileError.BAD_DESCRIPTOR, () -> file.resize(0));
    refused(FileError.BAD_DESCRIPTOR, () -> put(file, "x"));
    assertThat(file.node().modificationTime()).isEqualTo(5);
  }

  @Test
  void aDirectoryThatIsWrittenShowsNoContent() throws FileException {
    var only = new OpenMode(false, true, true, false, false, false);
    put(files.open(outbox, path("a"), only), "sent");

    assertThat(files.stat(outbox, path("a")).size()).isEqualTo(4);
    refused(FileError.ACCESS, () -> files.open(outbox, path("a"), READ));
    refused(FileError.ACCESS, () -> files.open(outbox, path("b"), WRITE));
    refused(FileError.ACCESS, () -> outbox.listed());
    refused(
        FileError.BAD_DESCRIPTOR,
        () -> files.open(outbox, path("a"), only).read(1, (bytes, from, n) -> {}));
  }

  @Test
  void whatIsOpenForReadingIsNotWrittenAndTheReverse() throws FileException {
    write("a", "x");
    var writer = open("a", new OpenMode(false, true, false, false, false, false));

    refused(FileError.BAD_DESCRIPTOR, () -> put(open("a", READ), "y"));
    refused(FileError.BAD_DESCRIPTOR, () -> writer.read(1, (bytes, from, n) -> {}));
    refused(FileError.BAD_DESCRIPTOR, () -> work.read(1, (bytes, from, n) -> {}));
    refused(FileError.BAD_DESCRIPTOR, () -> put(work, "y"));
    refused(FileError.BAD_DESCRIPTOR, () -> work.seek(0, 0));
    refused(FileError.NOT_DIRECTORY, () -> writer.listed());
    refused(FileError.NOT_DIRECTORY, () -> files.open(writer, path("x"), READ));
  }

  @Test
  void aListThatIsReadInPiecesNeitherRepeatsNorSkips() throws FileException {
    for (var name : List.of("a", "b", "c", "d")) {
      write(name, "");
    }
    var seen = new ArrayList<String>();
    var directory = work.listed();
    long at = 0;
    for (var next = directory.after(at); next != null; next = directory.after(at)) {
      seen.add(next.getValue().name());
      at = next.getKey();
      if (seen.size() == 2) {
        files.removeFile(work, path("a"));
        files.removeFile(work, path("b"));
        write("b", "again");
      }
    }

    assertThat(seen).containsExactly("a", "b", "c", "d", "b");
    assertThat(directory.after(Long.MAX_VALUE)).isNull();
  }

  @Test
  void timesAreThoseOfTheChange() throws FileException {
    write("a", "x");
    var node = files.stat(work, path("a"));
    long written = node.modificationTime();
    files.setTimes(work, path("a"), 5L, null);

    assertThat(node.accessTime()).isEqualTo(5);
    assertThat(node.modificationTime()).isEqualTo(written);
    assertThat(node.changeTime()).isGreaterThan(written);
    assertThat(tree.root().modificationTime()).isPositive();
  }

  @Test
  void aFileThatIsGivenIsCopiedWhenItIsChanged() throws FileException {
    var given = "given".getBytes(StandardCharsets.UTF_8);
    tree.addFile(path("a"), given, 0, new Space(100, 10, budget));
    write("a", "GI");

    assertThat(read("a")).isEqualTo("GIven");
    assertThat(new String(given, StandardCharsets.UTF_8)).isEqualTo("given");
  }

  @Test
  void aGivenPathMayNotLeadOut() {
    var space = new Space(100, 10, budget);
    refused(FileError.OUTSIDE, () -> tree.addFile(path("../a"), new byte[0], 0, space));
    refused(FileError.OUTSIDE, () -> tree.addFile(path("a/../b"), new byte[0], 0, space));
    refused(FileError.OUTSIDE, () -> tree.addFile(path("."), new byte[0], 0, space));
    refused(FileError.IS_DIRECTORY, () -> tree.addFile(path("a/"), new byte[0], 0, space));
  }

  @Test
  void veryDeepDirectoriesAreDirectories() throws FileException {
    var deep =
        new FileSystem(
            List.of(new Mount("/", DirectoryMode.READ_WRITE, new FileTree(0))),
            new Space(100, 1_000, budget),
            usage,
            () -> now++);
    var at = deep.preopened().getFirst();
    for (int i = 0; i < 1_000; i++) {
      deep.createDirectory(at, path("d"));
      at = deep.open(at, path("d"), DIRECTORY);
    }

    var bottom = at;
    refused(FileError.NO_SPACE, () -> deep.createDirectory(bottom, path("d")));
    assertThat(deep.stat(deep.preopened().getFirst(), path("d/".repeat(1_000))))
        .isSameAs(at.node());
  }

  @Test
  void descriptorsAreBoundedAndTheLowestIsTakenAgain() throws FileException {
    var descriptors = new Descriptors(files);
    write("a", "");
    for (int i = 3; i < Descriptors.MAX; i++) {
      descriptors.checkFree();
      descriptors.add(open("a", READ));
    }
    refused(FileError.TOO_MANY_OPEN, descriptors::checkFree);
    descriptors.close(5);

    assertThat(descriptors.add(open("a", READ))).isEqualTo(5);
    refused(FileError.BAD_DESCRIPTOR, () -> descriptors.get(Descriptors.MAX + Descriptors.FIRST));
    refused(FileError.BAD_DESCRIPTOR, () -> descriptors.get(2));
    refused(FileError.BAD_DESCRIPTOR, () -> descriptors.get(Integer.MIN_VALUE));
  }

  @Test
  void aDescriptorGetsTheNumberOfAnother() throws FileException {
    var descriptors = new Descriptors(files);
    write("a", "x");
    write("b", "y");
    int a = descriptors.add(open("a", READ));
    int b = descriptors.add(open("b", READ));
    descriptors.renumber(a, b);

    assertThat(rest(descriptors.get(b))).isEqualTo("x");
    refused(FileError.BAD_DESCRIPTOR, () -> descriptors.get(a));
    refused(FileError.BAD_DESCRIPTOR, () -> descriptors.renumber(b, a));
    descriptors.renumber(b, b);
    assertThat(descriptors.find(b)).isNotNull();
  }

  @Test
  void aLargeFileGrowsInPiecesAndKeepsItsBytes() throws FileException {
    var roomy =
        new FileSystem(
            List.of(new Mount("/", DirectoryMode.READ_WRITE, new FileTree(0))),
            new Space(1 << 20, 10, budget),
            usage,
            () -> now++);
    var file = roomy.open(roomy.preopened().getFirst(), path("a"), WRITE);
    for (int i = 0; i < 1_000; i++) {
      put(file, "0123456789".repeat(10));
    }
    file.seek(0, 0);
    var content = ((RegularFile) file.node()).content();

    assertThat(content).hasSize(100_000);
    assertThat(Arrays.equals(content, "0123456789".repeat(10_000).getBytes(StandardCharsets.UTF_8)))
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "read-write, read, read",
    "read, write, none",
    "write, read-write, write",
    "none, read-write, none",
    "read-write, read-write, read-write"
  })
  void aModeIsWhatBothAllow(String one, String other, String both) {
    assertThat(DirectoryMode.parse(one).and(DirectoryMode.parse(other)).text()).isEqualTo(both);
  }
}
