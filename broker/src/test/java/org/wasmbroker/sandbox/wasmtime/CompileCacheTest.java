package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.CompileCacheBounds;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;

final class CompileCacheTest {
  private static final Digest MODULE = Digest.of(new byte[] {1});
  private static final Digest OTHER = Digest.of(new byte[] {2});
  private static final MemorySegment CODE =
      Arena.global().allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {10, 20, 30, 40});

  @TempDir private Path root;

  private final CapturedLog log = CapturedLog.of(CompileCache.class, Level.INFO);
  private Path directory;

  @BeforeEach
  void createDirectory() {
    directory = root.resolve("compiled");
  }

  @AfterEach
  void stopCapturing() {
    log.close();
  }

  @Test
  void codeIsFoundAfterARestart() {
    open("settings").store(MODULE, CODE);

    assertThat(found("settings", MODULE)).isEqualTo(CODE.toArray(ValueLayout.JAVA_BYTE));
    assertThat(found("settings", OTHER)).isNull();
    assertThat(log.events()).isEmpty();
  }

  @Test
  void aLoadThatTheEndOfTheBrokerInterruptsIsNoProblemOfTheCache() {
    open("settings").store(MODULE, CODE);

    Thread.currentThread().interrupt();
    assertThat(found("settings", MODULE)).isNull();
    assertThat(Thread.interrupted()).as("who asked for it sees it").isTrue();

    Thread.currentThread().interrupt();
    open("settings").store(OTHER, CODE);
    assertThat(Thread.interrupted()).as("who asked for it sees it").isTrue();

    assertThat(found("settings", MODULE)).isEqualTo(CODE.toArray(ValueLayout.JAVA_BYTE));
    assertThat(log.events()).isEmpty();
  }

  @Test
  void codeForOtherSettingsIsNotFound() {
    open("settings").store(MODULE, CODE);

    assertThat(found("other settings", MODULE)).isNull();
  }

  @Test
  void codeWithOneBitChangedIsNotUsed() throws IOException {
    open("settings").store(MODULE, CODE);
    var file = onlyFile();
    var bytes = Files.readAllBytes(file);
    for (int i : new int[] {0, 31, 32, bytes.length - 1}) {
      var changed = bytes.clone();
      changed[i] ^= 1;
      Files.write(file, changed);

      assertThat(found("settings", MODULE)).isNull();
    }
    Files.write(file, new byte[5]);
    assertThat(found("settings", MODULE)).isNull();
  }

  @Test
  void codeOfAnotherModuleUnderThisNameIsNotUsed() throws IOException {
    var cache = open("settings");
    cache.store(OTHER, CODE);
    var file = onlyFile();
    var name = file.getFileName().toString().replace(OTHER.hex(), MODULE.hex());
    Files.move(file, directory.resolve(name));

    assertThat(found("settings", MODULE)).isNull();
  }

  @Test
  void codeWrittenWithAnotherKeyIsNotUsed() throws IOException {
    open("settings").store(MODULE, CODE);
    Files.delete(directory.resolve("key"));

    assertThat(found("settings", MODULE)).isNull();
  }

  @Test
  void codeWritableByOthersIsNotUsed() throws IOException {
    open("settings").store(MODULE, CODE);
    Files.setPosixFilePermissions(onlyFile(), PosixFilePermissions.fromString("rw-rw----"));

    assertThat(found("settings", MODULE)).isNull();
    assertThat(log.events()).hasSize(1);
  }

  @Test
  void theKeyIsReadableOnlyByItsOwner() throws IOException {
    open("settings");

    assertThat(Files.getPosixFilePermissions(directory.resolve("key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void aDirectoryWritableByOthersIsNotUsedAndOneWarningSaysSo() throws IOException {
    Files.createDirectory(directory);
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

    assertThat(CompileCache.open(directory, CompileCacheBounds.DEFAULTS, "settings")).isNull();
    assertThat(log.events()).hasSize(1);
    assertThat(log.events().getFirst().getLevel()).isEqualTo(Level.WARN);
  }

  @Test
  void anEngineUsesItsCacheAndReplacesTamperedCode() throws IOException {
    assertThat(echoed()).isEqualTo("{}");
    var file = onlyFile();
    var bytes = Files.readAllBytes(file);
    var kept = Files.getLastModifiedTime(file);

    assertThat(echoed()).isEqualTo("{}");
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(kept);

    var tampered = bytes.clone();
    tampered[bytes.length / 2] ^= 1;
    Files.write(file, tampered);
    assertThat(echoed()).isEqualTo("{}");
    assertThat(Files.readAllBytes(file)).hasSameSizeAs(bytes).isNotEqualTo(tampered);
    assertThat(log.events()).hasSize(1);
  }

  @Test
  void anEngineWithAnUnusableCacheStillRuns() throws IOException {
    Files.writeString(directory, "a file where the directory should be");

    assertThat(echoed()).isEqualTo("{}");
    assertThat(log.events()).hasSize(1);
  }

  @Test
  void codeThatWasNotUsedForLongIsDropped() throws IOException {
    var cache = open("settings");
    cache.store(MODULE, CODE);
    unusedFor(Duration.ofDays(31), onlyFile());
    cache.store(OTHER, CODE);
    unusedFor(Duration.ofDays(29), file(OTHER));

    assertThat(found("settings", OTHER)).isNotNull();
    assertThat(found("settings", MODULE)).isNull();
    assertThat(directory.resolve("key")).exists();
  }

  @Test
  void aUseIsNotedOnceADay() throws IOException {
    open("settings").store(MODULE, CODE);
    unusedFor(Duration.ofDays(20), onlyFile());

    assertThat(found("settings", MODULE)).isNotNull();
    var noted = Files.getLastModifiedTime(onlyFile());
    assertThat(noted.toInstant()).isAfter(Instant.now().minus(Duration.ofHours(1)));

    assertThat(found("settings", MODULE)).isNotNull();
    assertThat(Files.getLastModifiedTime(onlyFile())).isEqualTo(noted);
  }

  @Test
  void whatIsBeyondTheSizeIsDroppedBeginningWithWhatWasNotUsedForLongest() throws IOException {
    var bounds = new CompileCacheBounds(Duration.ofDays(30), 16 << 20);
    var cache = Objects.requireNonNull(CompileCache.open(directory, bounds, "settings"));
    for (int i = 1; i <= 3; i++) {
      unusedFor(Duration.ofDays(i), sparse("older-" + i + ".cwasm", 7 << 20));
    }

    try (var large = Arena.ofConfined()) {
      cache.store(MODULE, large.allocate(2 << 20));
      cache.store(OTHER, large.allocate(15 << 20));
    }

    assertThat(names()).containsExactly(file(OTHER).getFileName().toString());
    try (var again = Arena.ofConfined()) {
      cache.store(MODULE, again.allocate(1 << 20));
    }
    assertThat(names()).containsExactly(file(MODULE).getFileName().toString());
  }

  @Test
  void whatIsStoredIsKeptWhereOthersSeemToBeUsedAtTheSameTimeOrLater() throws IOException {
    var bounds = new CompileCacheBounds(Duration.ofDays(30), 16 << 20);
    open("settings");
    var later = FileTime.from(Instant.now().plus(Duration.ofHours(1)));
    Files.setLastModifiedTime(sparse("later.cwasm", 16 << 20), later);

    Objects.requireNonNull(CompileCache.open(directory, bounds, "settings")).store(MODULE, CODE);

    assertThat(names()).containsExactly(file(MODULE).getFileName().toString());
  }

  @Test
  void whatABrokerThatDiedLeftIsRemovedAndWhatAnotherOneWritesIsNot() throws IOException {
    open("settings");
    var left = Files.write(directory.resolve("new-1.part"), new byte[10]);
    unusedFor(Duration.ofHours(2), left);
    var written = Files.write(directory.resolve("new-2.part"), new byte[10]);

    open("settings");

    assertThat(left).doesNotExist();
    assertThat(written).exists();
  }

  @Test
  void aFileThatIsReadWhileAnotherBrokerDropsItIsReadToItsEnd() throws IOException {
    open("settings").store(MODULE, CODE);
    var bytes = Files.readAllBytes(onlyFile());
    try (var reading = Files.newInputStream(onlyFile())) {
      assertThat(reading.read()).isEqualTo(bytes[0] & 0xff);
      unusedFor(Duration.ofDays(31), onlyFile());
      open("settings");

      assertThat(names()).isEmpty();
      assertThat(reading.readAllBytes()).hasSize(bytes.length - 1);
    }
    assertThat(found("settings", MODULE)).isNull();
  }

  private static void unusedFor(Duration time, Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(time)));
  }

  private Path sparse(String name, long bytes) throws IOException {
    var file = directory.resolve(name);
    try (var content = new RandomAccessFile(file.toFile(), "rw")) {
      content.setLength(bytes);
    }
    return file;
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".cwasm"))
          .toList();
    }
  }

  private Path file(Digest module) throws IOException {
    return directory.resolve(
        names().stream().filter(name -> name.startsWith(module.hex())).findFirst().orElseThrow());
  }

  private String echoed() {
    var of = EngineConfig.of(1);
    var config =
        new EngineConfig(
            of.slots(),
            of.memoryBytes(),
            of.stackBytes(),
            of.tick(),
            of.moduleBytes(),
            directory,
            null);
    WasmBinary echo = Guests.guest("echo");
    try (var engine = WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
        var module = engine.compile(echo, Limits.DEFAULTS)) {
      var result =
          module.run(
              Invocations.basic(
                  Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
      return ((Completed) result).output().text();
    }
  }

  private byte @Nullable [] found(String fingerprint, Digest module) {
    try (var arena = Arena.ofConfined()) {
      var code = open(fingerprint).find(module, arena);
      return code == null ? null : code.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private CompileCache open(String fingerprint) {
    return Objects.requireNonNull(
        CompileCache.open(directory, CompileCacheBounds.DEFAULTS, fingerprint));
  }

  private Path onlyFile() throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".cwasm")).findFirst().orElseThrow();
    }
  }
}
