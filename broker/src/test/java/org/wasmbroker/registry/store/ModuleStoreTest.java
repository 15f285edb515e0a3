package org.wasmbroker.registry.store;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.disk.AtomicFile;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.CapturedLog;

final class ModuleStoreTest {
  private static final String SOURCE = "oci://registry.example/handlers";
  private static final int BOUND = 16 << 20;
  private static final int LARGE = 7 << 20;

  @TempDir private Path root;

  private final CapturedLog log =
      CapturedLog.of(ModuleStoreTest.class.getPackageName(), Level.INFO);
  private Path directory;

  @BeforeEach
  void nameDirectory() {
    directory = root.resolve("cache").resolve("modules");
  }

  @AfterEach
  void stopCapturing() {
    log.close();
  }

  @Test
  void anArtifactIsThereAfterARestartAndReadOnly() throws IOException {
    var artifact = artifact(1, 100);
    assertThat(open().keep(SOURCE, release("hello", "1.0.0-rc.1"), artifact)).isTrue();

    var store = open();
    var pin = store.pins(SOURCE).getFirst();

    assertThat(pin.id()).isEqualTo(id("hello", "1.0.0-rc.1"));
    assertThat(pin.published()).isEqualTo(Instant.EPOCH);
    assertSame(store.read(pin).orElseThrow(), artifact);
    assertThat(store.pin(SOURCE, pin.id())).contains(pin);
    assertThat(store.pins("oci://elsewhere.example")).isEmpty();
    assertThat(permissions(directory)).isEqualTo("rwx------");
    assertThat(permissions(blob(artifact.wasm().digest()))).isEqualTo("r--r--r--");
    assertThat(log.events()).isEmpty();
  }

  @Test
  void contentOfAnotherDigestIsRemovedAndToldAndKeptAgain() throws IOException {
    var store = open();
    var artifact = artifact(1, 100);
    store.keep(SOURCE, release("hello", "1.0.0"), artifact);
    var pin = store.pins(SOURCE).getFirst();
    for (var digest : pin.blobs()) {
      overwrite(blob(digest), new byte[] {1, 2, 3});

      assertThat(store.read(pin)).isEmpty();

      assertThat(blob(digest)).doesNotExist();
      assertThat(store.keep(SOURCE, release("hello", "1.0.0"), artifact)).isTrue();
      assertSame(store.read(pin).orElseThrow(), artifact);
    }
    assertThat(messages()).hasSize(pin.blobs().size()).first().asString().contains("removed");
  }

  @Test
  void whatABrokerThatDiedBeforeTheRenameLeftIsNoModule() throws IOException {
    open().keep(SOURCE, release("hello", "1.0.0"), artifact(1, 100));
    var left = Files.write(blobs().resolve("new-1.part"), new byte[10]);
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    var pin = Files.write(pinFile("hello", "1.0.0").resolveSibling("new-2.part"), new byte[10]);

    var store = open();

    assertThat(left).doesNotExist();
    assertThat(pin).exists();
    assertThat(store.pins(SOURCE)).hasSize(1);
  }

  @Test
  void aFileThatOthersCanWriteIsNotUsed() throws IOException {
    var store = open();
    var artifact = artifact(1, 100);
    store.keep(SOURCE, release("hello", "1.0.0"), artifact);
    var file = blob(artifact.wasm().digest());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));

    assertThat(store.read(store.pins(SOURCE).getFirst())).isEmpty();
    assertThat(file).doesNotExist();
  }

  @Test
  void linksInTheStoreAreNotFollowed() throws IOException {
    var store = open();
    var artifact = artifact(1, 100);
    store.keep(SOURCE, release("hello", "1.0.0"), artifact);
    var elsewhere = Files.write(root.resolve("elsewhere"), artifact.wasm().bytes());
    Files.delete(blob(artifact.wasm().digest()));
    Files.createSymbolicLink(blob(artifact.wasm().digest()), elsewhere);

    assertThat(store.read(store.pins(SOURCE).getFirst())).isEmpty();
    assertThat(elsewhere).exists();

    var pin = pinFile("hello", "1.0.0");
    var copy = Files.copy(pin, root.resolve("pin"));
    Files.delete(pin);
    Files.createSymbolicLink(pin, copy);
    assertThat(store.pins(SOURCE)).isEmpty();
  }

  @Test
  void aStoreOfWhichADirectoryIsALinkOrWritableByOthersIsNotUsed() throws IOException {
    open();
    Files.move(directory.resolve("releases"), root.resolve("releases"));
    Files.createSymbolicLink(directory.resolve("releases"), root.resolve("releases"));
    assertThat(ModuleStore.open(config())).isEmpty();

    Files.delete(directory.resolve("releases"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThat(ModuleStore.open(config())).isEmpty();

    assertThat(messages()).hasSize(2).allMatch(message -> message.contains("registry.store"));
  }

  @Test
  void aPinThatNamesNothingIsIgnored() throws IOException {
    var store = open();
    store.keep(SOURCE, release("hello", "1.0.0"), artifact(1, 100));
    store.keep(SOURCE, release("hello", "2.0.0"), artifact(2, 100));
    store.keep(SOURCE, release("other", "1.0.0"), artifact(3, 100));
    overwrite(pinFile("hello", "1.0.0"), "{}".getBytes(StandardCharsets.UTF_8));
    overwrite(pinFile("hello", "2.0.0"), new byte[100_000]);

    assertThat(store.pins(SOURCE)).extracting(Pin::id).containsExactly(id("other", "1.0.0"));
    assertThat(store.pin(SOURCE, id("hello", "1.0.0"))).isEmpty();
  }

  @Test
  void whatASourceNoLongerOffersIsForgottenAndRemovedWhenRoomIsNeeded() throws IOException {
    var store = open();
    var first = artifact(1, LARGE);
    var second = artifact(2, LARGE);
    store.keep(SOURCE, release("first", "1.0.0"), first);
    store.keep(SOURCE, release("second", "1.0.0"), second);
    store.offered(SOURCE, Set.of());
    assertThat(store.pins(SOURCE)).isEmpty();
    assertThat(blob(first.wasm().digest())).exists();
    unusedFor(Duration.ofDays(2), second);
    unusedFor(Duration.ofDays(1), first);

    assertThat(store.keep(SOURCE, release("third", "1.0.0"), artifact(3, LARGE))).isTrue();

    assertThat(blob(second.wasm().digest())).doesNotExist();
    assertThat(blob(first.wasm().digest())).exists();
  }

  @Test
  void whatAReleaseNamesIsNeverRemovedAndAFullStoreIsToldOnce() throws IOException {
    var store = open();
    var pinned = List.of(artifact(1, LARGE), artifact(2, LARGE));
    store.keep(SOURCE, release("first", "1.0.0"), pinned.get(0));
    store.keep("another source", release("second", "1.0.0"), pinned.get(1));
    for (var artifact : pinned) {
      unusedFor(Duration.ofDays(400), artifact);
    }

    assertThat(store.keep(SOURCE, release("third", "1.0.0"), artifact(3, LARGE))).isFalse();
    assertThat(store.keep(SOURCE, release("fourth", "1.0.0"), artifact(4, LARGE))).isFalse();

    assertThat(messages()).hasSize(1).first().asString().contains("keeps no further module");
    for (var artifact : pinned) {
      assertThat(blob(artifact.wasm().digest())).exists();
    }
    assertThat(store.keep(SOURCE, release("first", "1.0.1"), pinned.get(0))).isTrue();
  }

  @Test
  void whatAnotherBrokerHasJustWrittenIsNotRemovedBeforeItIsNamed() throws IOException {
    var young = artifact(1, LARGE);
    var store = open();
    store.keep(SOURCE, release("young", "1.0.0"), young);
    Files.delete(pinFile("young", "1.0.0"));

    assertThat(store.keep(SOURCE, release("second", "1.0.0"), artifact(2, 12 << 20))).isFalse();
    assertThat(store.gc(Set.of(SOURCE)).files()).isZero();

    assertThat(blob(young.wasm().digest())).exists();
  }

  @Test
  void collectingRemovesWhatNoConfiguredSourceNames() throws IOException {
    var store = open();
    var kept = artifact(1, 1000);
    var removed = artifact(2, 2000);
    store.keep(SOURCE, release("hello", "1.0.0"), kept);
    store.keep("a source of last year", release("hello", "1.0.0"), removed);
    unusedFor(Duration.ofDays(1), removed);

    var freed = store.gc(Set.of(SOURCE));

    assertThat(freed.files()).isEqualTo(1);
    assertThat(freed.bytes()).isEqualTo(2000);
    assertThat(blob(removed.wasm().digest())).doesNotExist();
    assertThat(store.pins("a source of last year")).isEmpty();
    assertSame(store.read(store.pins(SOURCE).getFirst()).orElseThrow(), kept);
  }

  @Test
  void aFullDiskLosesNothingAndLeavesNothing() throws IOException {
    var full = new AtomicBoolean(true);
    var store =
        ModuleStore.open(
                config(),
                bytes ->
                    partial -> {
                      if (full.get()) {
                        Files.write(partial, new byte[10]);
                        throw new IOException("No space left on device");
                      }
                      AtomicFile.durable(bytes).writeTo(partial);
                    })
            .orElseThrow();
    var artifact = artifact(1, 100);

    assertThat(store.keep(SOURCE, release("hello", "1.0.0"), artifact)).isFalse();
    assertThat(store.keep(SOURCE, release("hello", "1.0.1"), artifact)).isFalse();

    assertThat(store.pins(SOURCE)).isEmpty();
    assertThat(blobs()).isEmptyDirectory();
    assertThat(messages()).hasSize(1);
    assertThat(log.events().getFirst().getKeyValuePairs())
        .anyMatch(pair -> String.valueOf(pair.value).contains("No space left on device"));

    full.set(false);
    assertThat(store.keep(SOURCE, release("hello", "1.0.0"), artifact)).isTrue();
    assertSame(store.read(store.pins(SOURCE).getFirst()).orElseThrow(), artifact);
  }

  @Test
  void twoBrokersThatWriteTheSameModulesAtOnceBothReadThem() throws Exception {
    try (var executor = Executors.newFixedThreadPool(4)) {
      Callable<@Nullable Void> broker =
          () -> {
            var store = open();
            for (int i = 0; i < 20; i++) {
              var artifact = artifact(i % 5, 50_000);
              assertThat(store.keep(SOURCE, release("h" + i % 5, "1.0.0"), artifact)).isTrue();
              var pin = store.pin(SOURCE, id("h" + i % 5, "1.0.0")).orElseThrow();
              assertSame(store.read(pin).orElseThrow(), artifact);
            }
            return null;
          };
      var running = executor.invokeAll(IntStream.range(0, 4).mapToObj(i -> broker).toList());
      for (var each : running) {
        each.get();
      }
    }
    assertThat(open().pins(SOURCE)).hasSize(5);
    assertThat(blobs()).isDirectoryNotContaining("glob:**.part");
    assertThat(log.events()).isEmpty();
  }

  private ModuleStore open() {
    return ModuleStore.open(config()).orElseThrow();
  }

  private StoreConfig config() {
    return new StoreConfig(directory, BOUND);
  }

  static Artifact artifact(int seed, int size) {
    var wasm = new byte[size];
    new Random(seed).nextBytes(wasm);
    return new Artifact(
        Document.of("{\"name\":\"hello\"}"),
        new WasmBinary(wasm),
        new Provenance(Document.of("{\"layers\":[]}"), List.of(Document.of("{\"signature\":1}"))));
  }

  static Release release(String handler, String version) {
    return new Release(id(handler, version), null, Origin.USER, SOURCE, Instant.EPOCH);
  }

  static ReleaseId id(String handler, String version) {
    return new ReleaseId(handler, Version.parse(version));
  }

  static void assertSame(Artifact actual, Artifact expected) {
    assertThat(actual.wasm().bytes()).isEqualTo(expected.wasm().bytes());
    assertThat(actual.manifest()).isEqualTo(expected.manifest());
    assertThat(actual.provenance()).isEqualTo(expected.provenance());
  }

  private List<String> messages() {
    return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private void unusedFor(Duration time, Artifact artifact) throws IOException {
    Files.setLastModifiedTime(
        blob(artifact.wasm().digest()), FileTime.from(Instant.now().minus(time)));
  }

  private static void overwrite(Path file, byte[] content) throws IOException {
    Files.delete(file);
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
  }

  private Path blobs() {
    return directory.resolve("blobs").resolve("sha256");
  }

  private Path blob(Digest digest) {
    return blobs().resolve(digest.hex());
  }

  private Path pinFile(String handler, String version) throws IOException {
    try (var files = Files.walk(directory.resolve("releases"))) {
      return files
          .filter(file -> file.endsWith(Path.of(handler, version)))
          .findFirst()
          .orElseThrow();
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
