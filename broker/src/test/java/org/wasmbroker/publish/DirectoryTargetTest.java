package org.wasmbroker.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;
import org.wasmbroker.testing.TestModules;

class DirectoryTargetTest {
  private static final ArchiveLimits LIMITS = ArchiveLimits.of(1 << 20);

  @TempDir private Path temporary;

  private Path root() {
    return temporary.resolve("modules");
  }

  private DirectoryTarget target() {
    return new DirectoryTarget(root(), LIMITS);
  }

  private DirectoryModules broker() {
    return new DirectoryModules(root(), 1 << 20);
  }

  private void put(Publication publication) throws IOException {
    target().put(publication, _ -> {});
  }

  @Test
  void aBrokerFindsWhatWasPublishedWithItsDigests() throws IOException {
    var publication = Publications.of("a", "1.0.0-rc.1", "");

    put(publication);

    assertThat(broker().list()).singleElement().extracting("id").isEqualTo(publication.id());
    assertThat(broker().fetch(publication.id()).wasm().digest())
        .isEqualTo(Publications.MODULE.digest());
    assertThat(Files.readAllLines(root().resolve("SHA256SUMS")))
        .hasSize(2)
        .first()
        .isEqualTo(Publications.MODULE.digest() + "  a/1.0.0-rc.1/module.wasm");
    assertThat(target().find(publication.id()).orElseThrow().digest())
        .isEqualTo(publication.layout().digest());
    assertThat(target().versions("a")).containsExactly(Version.parse("1.0.0-rc.1"));
    assertThat(target().versions("b")).isEmpty();
    assertThat(target().find(new ReleaseId("b", Version.parse("1.0.0")))).isEmpty();
  }

  @Test
  void aVersionWithOtherContentIsNeverOverwritten() throws IOException {
    put(Publications.of("a", "1.0.0", ""));
    var before = Files.readAllBytes(root().resolve("a/1.0.0/manifest.json"));

    put(Publications.of("a", "1.0.0", ""));
    assertThatThrownBy(() -> put(Publications.of("a", "1.0.0", "'description':'other'")))
        .isInstanceOf(PackageRefusedException.class)
        .hasMessageContaining("raise the version");

    assertThat(root().resolve("a/1.0.0/manifest.json")).hasBinaryContent(before);
    assertThat(files(root().resolve("a"))).containsExactly("1.0.0");
  }

  @Test
  void aDirectoryOfModulesWithoutSumsKeepsHavingNone() throws IOException {
    TestModules.add(root(), "old", Publications.MODULE);

    put(Publications.of("a", "1.0.0", ""));

    assertThat(root().resolve("SHA256SUMS")).doesNotExist();
    var ids = broker().list().stream().map(release -> release.id()).toList();
    assertThat(ids).hasSize(2).allSatisfy(id -> assertThat(broker().fetch(id)).isNotNull());
  }

  @Test
  void otherLinesOfTheSumsStayAndThoseOfAnInterruptedPublicationAreReplaced() throws IOException {
    Files.createDirectories(root());
    var zeros = "0".repeat(64);
    Files.writeString(
        root().resolve("SHA256SUMS"),
        zeros + " *./a/1.0.0/module.wasm\n" + zeros + "  aa/1.0.0/module.wasm\n");

    put(Publications.of("a", "1.0.0", ""));

    assertThat(Files.readAllLines(root().resolve("SHA256SUMS")))
        .hasSize(3)
        .contains(zeros + "  aa/1.0.0/module.wasm")
        .doesNotContain(zeros + " *./a/1.0.0/module.wasm");
    assertThat(broker().fetch(Publications.of("a", "1.0.0", "").id())).isNotNull();
  }

  @Test
  void writersTakeTurns() throws Exception {
    List<Future<?>> writers = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 16; i++) {
        var publication = Publications.of("h" + i % 8, "1.0.0", "");
        writers.add(
            pool.submit(
                () -> {
                  put(publication);
                  return null;
                }));
      }
      for (var writer : writers) {
        writer.get();
      }
    }
    assertThat(Files.readAllLines(root().resolve("SHA256SUMS")))
        .hasSize(16)
        .doesNotHaveDuplicates();
    assertThat(broker().list())
        .hasSize(8)
        .allSatisfy(release -> assertThat(broker().fetch(release.id())).isNotNull());
  }

  @Test
  void writersInOtherProcessesTakeTurnsToo() throws Exception {
    var processes = new ArrayList<Process>();
    for (var name : List.of("a", "b")) {
      var command =
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-cp",
              System.getProperty("java.class.path"),
              Writer.class.getName(),
              root().toString(),
              name);
      processes.add(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(temporary.resolve(name + ".log").toFile())
              .start());
    }
    for (var process : processes) {
      assertThat(process.waitFor()).as(Files.readString(temporary.resolve("a.log"))).isEqualTo(0);
    }
    assertThat(Files.readAllLines(root().resolve("SHA256SUMS")))
        .hasSize(2 * 3 * Writer.VERSIONS)
        .doesNotHaveDuplicates();
    assertThat(broker().list())
        .hasSize(3 * Writer.VERSIONS)
        .allSatisfy(release -> assertThat(broker().fetch(release.id())).isNotNull());
  }

  /** A process that publishes a handler of its own, and one that the other publishes too. */
  static final class Writer {
    static final int VERSIONS = 12;

    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      var target = new DirectoryTarget(Path.of(arguments[0]), LIMITS);
      for (int i = 0; i < VERSIONS; i++) {
        for (var name : List.of(arguments[1], "both")) {
          target.put(Publications.of(name, "1.0." + i, ""), _ -> {});
        }
      }
    }
  }

  @Test
  void aPublicationThatFailsLeavesNothingBehind() throws IOException {
    Files.createDirectories(root().resolve("SHA256SUMS")); // which cannot be written
    assertThatThrownBy(() -> put(Publications.of("a", "1.0.0", "")))
        .isInstanceOf(IOException.class);
    assertThat(files(root().resolve("a"))).isEmpty();
  }

  @Test
  void signaturesAreAddedEachOnce() throws IOException {
    var publication = Publications.of("a", "1.0.0", "");
    put(publication);

    target().sign(publication, List.of(Document.of("{\"a\":1}")), _ -> {});
    assertThat(root().resolve("a/1.0.0/signature.sigstore.json")).hasContent("{\"a\":1}");
    target().sign(publication, List.of(Document.of("{\"a\":1}"), Document.of("{}")), _ -> {});
    assertThat(PackageReader.read(root().resolve("a/1.0.0"), LIMITS).signatures())
        .containsExactly(Document.of("{\"a\":1}"), Document.of("{}"));
  }

  private static List<String> files(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
