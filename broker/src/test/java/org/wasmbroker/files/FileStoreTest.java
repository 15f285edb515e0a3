package org.wasmbroker.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.sandbox.StepRefusedException;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.files.FilePath;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.FileSystem.OpenMode;
import org.wasmbroker.sandbox.files.RegularFile;
import org.wasmbroker.sandbox.files.UnusableContentException;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.CallEvent;
import org.wasmbroker.testing.Outcomes;

final class FileStoreTest {
  private static final long MIB = 1 << 20;

  @TempDir private Path host;

  private final List<BrokerEvent> events = new ArrayList<>();
  private long nanos;
  private final FileStore store =
      new FileStore(
          new FilesConfig(MIB),
          new TimeSource() {
            @Override
            public Instant now() {
              return Instant.EPOCH;
            }

            @Override
            public long nanos() {
              return nanos;
            }
          },
          events::add);

  private static FilesGrant grant(String path, DirectoryMode mode, DirectorySource source) {
    return new FilesGrant(10_000, 100, List.of(new GrantedDirectory(path, mode, source, null)));
  }

  private FilesGrant operators() {
    return new FilesGrant(
        10_000,
        100,
        List.of(new GrantedDirectory("/data", DirectoryMode.READ, DirectorySource.OPERATOR, host)));
  }

  private static final FilesGrant INPUT =
      grant("/step", DirectoryMode.READ_WRITE, DirectorySource.INPUT);
  private static final FilesGrant CONTENT =
      grant("/lib", DirectoryMode.READ, DirectorySource.CONTENT);

  private StepFiles open(FilesGrant granted, String document) {
    Step step = Outcomes.step("tool").withDocument(Document.of(document));
    return store.open(granted, step, Outcomes.module("tool"));
  }

  private static FileSystem begin(StepFiles files, @Nullable Document content) {
    return files.begin(() -> 42, content);
  }

  private static String text(FileSystem system, String path) throws FileException {
    var node = system.stat(system.preopened().getFirst(), FilePath.parse(path));
    return new String(((RegularFile) node).content(), StandardCharsets.UTF_8);
  }

  private static void write(FileSystem system, String path, String text) throws FileException {
    var mode = new OpenMode(true, true, true, false, false, true);
    var file = system.open(system.preopened().getFirst(), FilePath.parse(path), mode);
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    file.put(
        file.beginWrite(bytes.length),
        bytes.length,
        (target, at, n) -> System.arraycopy(bytes, 0, target, at, n));
  }

  private static Document zip(Map<String, String> entries) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      for (var entry : entries.entrySet()) {
        zip.putNextEntry(new ZipEntry(entry.getKey()));
        zip.write(entry.getValue().getBytes(StandardCharsets.UTF_8));
      }
    }
    return Document.of(bytes.toByteArray());
  }

  @Test
  void theFilesOfTheConfigurationAreThere() throws FileException {
    var files =
        open(
            INPUT,
            """
            {"config":{"files":{"/step/a.txt":"text","/step/sub/b":{"base64":"AAE="}}}}
            """);
    var system = begin(files, null);

    assertThat(text(system, "a.txt")).isEqualTo("text");
    assertThat(text(system, "sub/b")).isEqualTo("\0\1");
  }

  @Test
  void eachRunBeginsWithWhatWasGiven() throws FileException {
    var files = open(INPUT, "{\"config\":{\"files\":{\"/step/a\":\"given\"}}}");
    var first = begin(files, null);
    write(first, "a", "changed");
    write(first, "b", "new");
    var second = begin(files, null);

    assertThat(text(second, "a")).isEqualTo("given");
    assertThat(second.mounts().getFirst().tree().find(FilePath.parse("b"))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"/etc/passwd\":\"\"} | none of the directories",
        "{\"/steps/a\":\"\"} | none of the directories",
        "{\"/step\":\"\"} | none of the directories",
        "{\"/step/\":\"\"} | not the path of a file",
        "{\"/step/../a\":\"\"} | leads out",
        "{\"/step//a\":\"\"} | leads out",
        "{\"/step/a\":\"\",\"/step/a/b\":\"\"} | another file",
        "{\"/step/a\":7} | neither a text",
        "{\"/step/a\":{\"base64\":\"?\"}} | not valid base64",
        "{\"/step/a\":{\"base64\":\"\",\"x\":1}} | neither a text",
        "[] | not an object",
      })
  void filesThatCannotBeAreRefused(String files, String reason) {
    assertThatThrownBy(() -> open(INPUT, "{\"config\":{\"files\":" + files + "}}"))
        .isInstanceOfSatisfying(
            StepRefusedException.class,
            refused -> {
              assertThat(refused.error().type()).isEqualTo("invalid_files");
              assertThat(refused.error().retryable()).isFalse();
              assertThat(refused.error().message()).contains(reason);
            });
  }

  @Test
  void filesThatAreMoreThanGrantedAreRefused() {
    var document = "{\"config\":{\"files\":{\"/step/a\":\"" + "x".repeat(10_001) + "\"}}}";

    assertThatThrownBy(() -> open(INPUT, document)).hasMessageContaining("than is granted");
  }

  @Test
  void aHandlerWhoseDirectoriesTakeNoFilesMayHaveAMemberOfThatName() {
    var empty = grant("/tmp", DirectoryMode.READ_WRITE, DirectorySource.EMPTY);

    assertThat(begin(open(empty, "{\"config\":{\"files\":7}}"), null).mounts()).hasSize(1);
  }

  @Test
  void theModulesArchiveIsADirectory() throws Exception {
    var files = open(CONTENT, "{}");
    var archive = zip(Map.of("a.txt", "in the module", "sub/b", "below"));

    assertThat(text(begin(files, archive), "a.txt")).isEqualTo("in the module");
    assertThat(text(begin(files, archive), "sub/b")).isEqualTo("below");
  }

  @Test
  void anArchiveIsUnpackedOnce() throws Exception {
    var files = open(CONTENT, "{}");
    var archive = zip(Map.of("a", "x"));
    var first = begin(files, archive).mounts().getFirst().tree();

    assertThat(begin(files, archive).mounts().getFirst().tree()).isSameAs(first);
  }

  @ParameterizedTest
  @CsvSource({"../a", "/etc/a", "a/../../b"})
  void anArchiveWithAPathThatLeadsOutIsRefused(String path) throws Exception {
    var archive = zip(Map.of(path, "x"));

    assertThatThrownBy(() -> begin(open(CONTENT, "{}"), archive))
        .isInstanceOf(UnusableContentException.class);
    assertThat(store.bytes()).isZero();
  }

  @Test
  void contentThatIsNoArchiveIsRefused() {
    assertThatThrownBy(() -> begin(open(CONTENT, "{}"), Document.of("export default 1")))
        .isInstanceOf(UnusableContentException.class)
        .hasMessageContaining("no ZIP archive");
    assertThatThrownBy(() -> begin(open(CONTENT, "{}"), null))
        .isInstanceOf(UnusableContentException.class);
  }

  @Test
  void anArchiveThatUnpacksToMoreThanThereIsRoomForIsRefused() throws Exception {
    var archive = zip(Map.of("zeros", "\0".repeat(2 << 20)));

    assertThat(archive.size()).isLessThan(10_000);
    assertUnavailable(() -> begin(open(CONTENT, "{}"), archive));
    assertThat(store.bytes()).isZero();
  }

  @Test
  void aRunWhoseFilesDoNotFitBesideThoseOfOtherStepsIsRefusedForNow() {
    var document = "{\"config\":{\"files\":{\"/step/a\":\"" + "x".repeat(9_000) + "\"}}}";
    var others = new ArrayList<StepFiles>();
    while (store.maximumBytes() - store.bytes() > 9_000) {
      others.add(open(INPUT, document));
      begin(others.getLast(), null);
    }

    var files = open(INPUT, document);
    assertUnavailable(() -> begin(files, null));
    others.removeFirst().close();
    assertThat(begin(files, null).mounts()).hasSize(1);
    files.close();
    others.forEach(StepFiles::close);
    assertThat(store.bytes()).isZero();
  }

  private static void assertUnavailable(ThrowingCallable begin) {
    assertThatThrownBy(begin)
        .isInstanceOfSatisfying(
            StepRefusedException.class,
            refused -> {
              assertThat(refused.error().type()).isEqualTo("files_unavailable");
              assertThat(refused.error().retryable()).isTrue();
              assertThat(refused.error().message()).contains("files.size");
            });
  }

  @Test
  void theOperatorsDirectoryIsReadWithoutItsLinks() throws Exception {
    Files.createDirectories(host.resolve("sub"));
    Files.writeString(host.resolve("sub/a"), "text");
    Files.createSymbolicLink(host.resolve("link"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(host.resolve("up"), Path.of(".."));
    var tree = begin(open(operators(), "{}"), null).mounts().getFirst().tree();

    assertThat(tree.find(FilePath.parse("sub/a"))).isNotNull();
    assertThat(tree.find(FilePath.parse("link"))).isNull();
    assertThat(tree.find(FilePath.parse("up"))).isNull();
  }

  @Test
  void theOperatorsDirectoryIsReadAgainWhenItHasChanged() throws Exception {
    Files.writeString(host.resolve("a"), "one");
    var first = open(operators(), "{}").operators().get("/data");
    Files.writeString(host.resolve("b"), "two");
    var soon = open(operators(), "{}").operators().get("/data");
    nanos += 6_000_000_000L;
    var later = Objects.requireNonNull(open(operators(), "{}").operators().get("/data"));
    nanos += 6_000_000_000L;
    var unchanged = open(operators(), "{}").operators().get("/data");

    assertThat(soon).isSameAs(first);
    assertThat(later).isNotSameAs(first);
    assertThat(later.find(FilePath.parse("b"))).isNotNull();
    assertThat(unchanged).isSameAs(later);
  }

  @Test
  void anOperatorsDirectoryThatCannotBeReadIsTriedAgainWithTheStep() {
    var gone =
        new FilesGrant(
            10_000,
            10,
            List.of(
                new GrantedDirectory(
                    "/data", DirectoryMode.READ, DirectorySource.OPERATOR, host.resolve("gone"))));

    assertThatThrownBy(() -> open(gone, "{}"))
        .isInstanceOfSatisfying(
            StepRefusedException.class,
            refused -> {
              assertThat(refused.error().type()).isEqualTo("files_unavailable");
              assertThat(refused.error().retryable()).isTrue();
            });
  }

  @Test
  void anOperatorsDirectoryThatIsTooLargeTakesNothing() throws IOException {
    Files.write(host.resolve("large"), new byte[2 << 20]);

    assertThatThrownBy(() -> open(operators(), "{}")).hasMessageContaining("files.size");
    assertThat(store.bytes()).isZero();
  }

  @Test
  void whatAStepDidIsCountedAndItsMemoryGivenBack() throws FileException {
    var files = open(INPUT, "{}");
    write(begin(files, null), "a", "four");
    var usage = Objects.requireNonNull(files.usage());
    files.close();

    assertThat(usage.counts()).containsEntry("created", 1L).containsEntry("bytes_written", 4L);
    assertThat(store.bytes()).isZero();
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            CallEvent.FilesUsed.class, used -> assertThat(used.bytesWritten()).isEqualTo(4));
  }

  @Test
  void aStepThatUsesNoFilesIsNotCounted() {
    var files = open(INPUT, "{}");
    files.close();

    assertThat(files.usage()).isNull();
    assertThat(events).isEmpty();
  }

  @Test
  void whatWasGivenIsWrittenForARecordingAndReadFromIt() throws Exception {
    Files.createDirectories(host.resolve("empty"));
    Files.write(host.resolve("a"), new byte[] {0, (byte) 0xFF});
    var files = open(operators(), "{}");
    var again = GivenDirectories.read(GivenDirectories.of(files).write());
    var tree = Objects.requireNonNull(again.operators().get("/data"));
    var file = (RegularFile) Objects.requireNonNull(tree.find(FilePath.parse("a")));

    assertThat(again.granted().bytes()).isEqualTo(10_000);
    assertThat(again.granted().directories().getFirst().source())
        .isEqualTo(DirectorySource.OPERATOR);
    assertThat(file.content()).containsExactly(0, 0xFF);
    assertThat(tree.find(FilePath.parse("empty"))).isNotNull();
  }
}
