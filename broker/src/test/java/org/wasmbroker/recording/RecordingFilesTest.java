package org.wasmbroker.recording;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.capability.Rate;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.telemetry.RecordingEvent;
import org.wasmbroker.telemetry.RecordingEvent.Dropped;
import org.wasmbroker.telemetry.RecordingEvent.Kept;
import org.wasmbroker.telemetry.RecordingEvent.Reason;
import org.wasmbroker.telemetry.RecordingEvent.Written;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.ManualTime;

/** The directory of recordings: private, bounded, and never in the way of a step. */
class RecordingFilesTest {
  private final ManualTime time = new ManualTime();
  private final List<RecordingEvent> events = new ArrayList<>();
  private final CapturedLog log = CapturedLog.of(RecordingFiles.class, Level.INFO);
  private boolean diskIsFull;
  private int names;

  @TempDir private Path root;

  @AfterEach
  void tearDown() {
    log.close();
  }

  private Path directory() {
    return root.resolve("state").resolve("recordings");
  }

  private RecordingFiles files(Duration maxAge, int maxFiles, long maxBytes) {
    var config =
        new RecordingConfig(
            List.of(new HandlerPattern("*")),
            100,
            RecordedOutcomes.FAILED,
            Rate.parse("100/s"),
            4096,
            directory(),
            maxAge,
            maxFiles,
            maxBytes);
    return new RecordingFiles(
        config,
        directory(),
        time,
        event -> events.add((RecordingEvent) event),
        bytes ->
            partial -> {
              AtomicFile.durable(bytes).writeTo(partial);
              if (diskIsFull) {
                throw new IOException("No space left on device");
              }
            });
  }

  private RecordingFiles files() {
    return files(Duration.ofDays(1), 100, 1 << 20);
  }

  /** Offers a recording of that size, has it written, and returns its file. */
  private Path write(RecordingFiles files, int size) throws IOException {
    var name = "handler-%s-1.jsonl".formatted(new UUID(0, ++names));
    assertThat(files.offer(name, ByteBuffer.wrap("x".repeat(size).getBytes(UTF_8)))).isTrue();
    var _ = files.work();
    var file = directory().resolve(name);
    if (Files.exists(file)) {
      Files.setLastModifiedTime(file, FileTime.from(time.now().plusMillis(names)));
    }
    return file;
  }

  @Test
  void aRecordingIsReadableByItsUserOnly() throws IOException {
    var file = write(files(), 10);

    assertThat(Files.readString(file)).isEqualTo("x".repeat(10));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory())))
        .isEqualTo("rwx------");
    assertThat(events).contains(new Written(10), new Kept(1, 10));
    assertThat(log.events()).isEmpty();
  }

  @Test
  void theOldestAreRemovedBeyondTheNumberThatIsKept() throws IOException {
    var files = files(Duration.ofDays(1), 10, 1 << 20);
    var first = write(files, 10);
    for (int i = 0; i < 9; i++) {
      var _ = write(files, 10);
    }
    assertThat(first).exists();
    var last = write(files, 10);

    assertThat(first).doesNotExist();
    assertThat(last).exists();
    assertThat(count()).as("with some room for the next ones").isEqualTo(9);
    assertThat(events).endsWith(new Kept(9, 90));
  }

  @Test
  void theOldestAreRemovedBeyondTheSizeThatIsKept() throws IOException {
    var files = files(Duration.ofDays(1), 1000, 1 << 20);
    var first = write(files, 600_000);
    var second = write(files, 600_000);

    assertThat(first).doesNotExist();
    assertThat(second).exists();
  }

  @Test
  void recordingsAreRemovedAtTheirAgeEvenIfNoStepFails() throws IOException {
    var files = files(Duration.ofHours(1), 100, 1 << 20);
    var old = write(files, 10);
    time.advance(Duration.ofMinutes(50));
    var young = write(files, 10);
    time.advance(Duration.ofMinutes(11));
    var _ = files.work();

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void otherFilesInTheDirectoryAreLeftAlone() throws IOException {
    Files.createDirectories(
        directory(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var notes = Files.writeString(directory().resolve("notes.jsonl"), "mine");
    Files.setLastModifiedTime(notes, FileTime.from(time.now().minus(Duration.ofDays(900))));
    var files = files(Duration.ofHours(1), 1, 1 << 20);
    var _ = write(files, 10);
    var _ = write(files, 10);

    assertThat(notes).exists();
  }

  @Test
  void aFullDiskCostsRecordingsAndOneLineAtItsBeginningAndEnd() throws IOException {
    var files = files();
    diskIsFull = true;
    for (int i = 0; i < 5; i++) {
      assertThat(write(files, 10)).doesNotExist();
    }
    assertThat(lines())
        .singleElement()
        .asString()
        .contains("recordings cannot be written", "No space left on device");
    assertThat(events.stream().filter(new Dropped(Reason.DISK)::equals)).hasSize(5);
    assertThat(count()).as("nothing half is left").isZero();

    diskIsFull = false;
    assertThat(write(files, 10)).exists();
    assertThat(lines()).hasSize(2).last().asString().contains("written again", "5 attempts failed");
  }

  @Test
  void aDirectoryThatCannotBeMadeIsToldOfAndUsedOnceItCan() throws IOException {
    var files = files();
    var inTheWay = Files.writeString(root.resolve("state"), "a file");
    for (int i = 0; i < 3; i++) {
      assertThat(write(files, 10)).doesNotExist();
    }
    assertThat(lines()).singleElement().asString().contains("recordings cannot be written");

    Files.delete(inTheWay);
    assertThat(write(files, 10)).exists();
  }

  @Test
  void aDirectoryThatOthersCanWriteToIsNotUsed() throws IOException {
    Files.createDirectories(directory());
    Files.setPosixFilePermissions(directory(), PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(write(files(), 10)).doesNotExist();
    assertThat(lines()).singleElement().asString().contains("writable by others");
  }

  @Test
  void theBacklogIsBounded() {
    var files = files();
    int taken = 0;
    while (files.offer(
        "handler-%s-1.jsonl".formatted(new UUID(1, taken)), ByteBuffer.allocate(1))) {
      taken++;
      assertThat(taken).isLessThan(10_000);
    }
    assertThat(taken).isEqualTo(256);

    var large = files();
    int bytes = 0;
    while (large.offer(
        "handler-%s-1.jsonl".formatted(new UUID(1, bytes)), ByteBuffer.allocate(1 << 20))) {
      bytes++;
    }
    assertThat(bytes).isEqualTo(16);
  }

  @Test
  void whatWaitsIsWrittenBeforeTheEnd() {
    var files = files();
    files.start();
    for (int i = 0; i < 20; i++) {
      assertThat(
              files.offer("handler-%s-1.jsonl".formatted(new UUID(2, i)), ByteBuffer.allocate(9)))
          .isTrue();
    }
    files.close();

    assertThat(count()).isEqualTo(20);
    assertThat(files.offer("late", ByteBuffer.allocate(1))).isFalse();
  }

  private long count() {
    try (var list = Files.list(directory())) {
      return list.count();
    } catch (IOException none) {
      return 0;
    }
  }

  private List<String> lines() {
    return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
