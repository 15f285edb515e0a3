package org.wasmbroker.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives come from anywhere; each kind of hostile one is made here. */
class ArchiveTest {
  private static final ArchiveLimits LIMITS = ArchiveLimits.of(1 << 20);

  private static PackageFiles read(byte[] archive) {
    return Archive.read("x", archive, LIMITS);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(byte[] archive) {
    return assertThatThrownBy(() -> read(archive)).isInstanceOf(PackageRefusedException.class);
  }

  /** All three forms of an archive. */
  private static Stream<byte[]> forms(ArchiveFiles files) {
    return Stream.of(files.tar(), files.tarGz(), files.zip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello-1.0.0/", "./", "./hello/"})
  void theFilesAreFoundAtTheTopAndInOneDirectory(String directory) {
    var files =
        ArchiveFiles.handler(directory)
            .file(directory + "signature.sigstore.json", "[]")
            .file(directory + "README.md", "read me");
    assertThat(forms(files))
        .allSatisfy(
            archive -> {
              var found = read(archive);
              assertThat(found.manifest().text()).isEqualTo("{}");
              assertThat(found.wasm().bytes()).isEqualTo("\0asm".getBytes(StandardCharsets.UTF_8));
              assertThat(found.signature().orElseThrow().text()).isEqualTo("[]");
              assertThat(found.ignored()).singleElement().asString().endsWith("README.md");
            });
  }

  @Test
  void theFormatIsThatOfTheBytesAndNotOfTheName(@TempDir Path directory) throws IOException {
    var file = Files.write(directory.resolve("a.zip"), ArchiveFiles.handler("").tarGz());
    assertThat(Archive.read(file, LIMITS).signature()).isEmpty();
  }

  @Test
  void directoriesOfTheirOwnAreNoFiles() {
    var files = ArchiveFiles.empty().directory("a").directory("a/src");
    files.file("a/manifest.json", "{}").file("a/module.wasm", "\0asm").file("a/src/b/c.rs", "");
    assertThat(forms(files)).allSatisfy(archive -> assertThat(read(archive)).isNotNull());
  }

  static Stream<Arguments> badPaths() {
    return Stream.of(
        arguments("/etc/manifest.json", "absolute"),
        arguments("../module.wasm", "'..'"),
        arguments("a/../../module.wasm", "'..'"),
        arguments("a//module.wasm", "empty part"),
        arguments("a/./module.wasm", "'.'"),
        arguments("a\\module.wasm", "'\\'"),
        arguments("C:module.wasm", "':'"),
        arguments("a\u0007b", "cannot be printed"),
        arguments("\u202Egpj.exe", "cannot be printed"),
        arguments("a".repeat(300), "255"));
  }

  @ParameterizedTest
  @MethodSource("badPaths")
  void aPathThatLeadsElsewhereIsRefused(String path, String reason) {
    var files = ArchiveFiles.handler("").file(path, "x");
    assertRefused(files.tarGz()).hasMessageContaining(reason).hasMessageStartingWith("x cannot");
    if (path.indexOf('\\') < 0) { // as zips of old programs have; the library reads it as '/'
      assertRefused(files.zip()).hasMessageContaining(reason);
    }
  }

  static Stream<Arguments> specialEntries() {
    return Stream.of(
        arguments(TarArchiveEntry.LF_SYMLINK, "a symbolic link"),
        arguments(TarArchiveEntry.LF_LINK, "a hard link"),
        arguments(TarArchiveEntry.LF_CHR, "a device"),
        arguments(TarArchiveEntry.LF_BLK, "a device"),
        arguments(TarArchiveEntry.LF_FIFO, "a pipe"),
        arguments(TarArchiveEntry.LF_GNUTYPE_SPARSE, "a sparse file"));
  }

  @ParameterizedTest
  @MethodSource("specialEntries")
  void anEntryThatIsNoFileIsRefused(byte type, String kind) {
    var tar = ArchiveFiles.handler("").special("module.wasm2", type).tar();
    assertRefused(tar).hasMessageContaining("module.wasm2 is " + kind);
  }

  @Test
  void aLinkInAZipIsRefused() {
    var zip = ArchiveFiles.handler("").special("b", TarArchiveEntry.LF_SYMLINK).zip();
    assertRefused(zip).hasMessageContaining("b is a symbolic link");
  }

  @Test
  void twoEntriesOfOneNameAreRefused() {
    var files = ArchiveFiles.handler("").file("./module.wasm", "other");
    assertThat(forms(files))
        .allSatisfy(
            archive ->
                assertRefused(archive).hasMessageContaining("two entries named module.wasm"));
  }

  @Test
  void namesThatDifferInCaseOnlyAreRefused() {
    var files = ArchiveFiles.handler("").file("Module.WASM", "other");
    assertThat(forms(files))
        .allSatisfy(
            archive ->
                assertRefused(archive)
                    .hasMessageContaining("module.wasm and Module.WASM, which are one file"));
  }

  @Test
  void theFilesOfTwoHandlersAreRefused() {
    var files = ArchiveFiles.handler("a/").file("b/manifest.json", "{}");
    assertThat(forms(files))
        .allSatisfy(
            archive -> assertRefused(archive).hasMessageContaining("an archive is of one handler"));
  }

  @Test
  void filesThatLieTooDeepAreRefused() {
    assertThat(forms(ArchiveFiles.handler("a/b/")))
        .allSatisfy(
            archive ->
                assertRefused(archive).hasMessageContaining("a/b/manifest.json lies too deep"));
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused(ArchiveFiles.empty().file("manifest.json", "{}").tarGz())
        .hasMessageContaining("it has no module.wasm");
    assertRefused(ArchiveFiles.empty().file("module.wasm", "\0asm").zip())
        .hasMessageContaining("it has no manifest.json");
  }

  @Test
  void tooManyEntriesAreRefused() {
    var files = ArchiveFiles.handler("");
    for (int i = 0; i < 100; i++) {
      files.file("f" + i, "");
    }
    assertThat(forms(files))
        .allSatisfy(archive -> assertRefused(archive).hasMessageContaining("more than 64 entries"));
  }

  @Test
  void aZipOfVeryManyEntriesIsRefusedBeforeTheyAreRead() {
    var files = ArchiveFiles.handler("");
    for (int i = 0; i < 1100; i++) {
      files.file("f" + i, "");
    }
    assertRefused(files.zip()).hasMessageContaining("more than 64 entries");
  }

  @Test
  void aModuleThatIsTooLargeIsRefused() {
    var noise = new byte[(1 << 20) + 1];
    new Random(1).nextBytes(noise);
    var files = ArchiveFiles.empty().file("manifest.json", "{}").file("module.wasm", noise);
    assertThat(forms(files))
        .allSatisfy(
            archive ->
                assertRefused(archive)
                    .hasMessageContaining("module.wasm has more than 1048576 bytes"));
  }

  @Test
  void anArchiveThatExpandsBeyondMeasureIsRefused() {
    var bomb = ArchiveFiles.handler("").file("z", new byte[5 << 20]);
    assertThat(Stream.of(bomb.tarGz(), bomb.zip()))
        .allSatisfy(
            archive -> assertRefused(archive).hasMessageContaining("expand to more than 1048576"));
  }

  @Test
  void zerosAfterTheEndOfATarCountToo() {
    var padded = Arrays.copyOf(ArchiveFiles.handler("").tar(), 50 << 20);
    assertRefused(ArchiveFiles.gzip(padded)).hasMessageContaining("expand to more than");
  }

  @Test
  void aFileThatIsTooLargeIsNotReadWhole(@TempDir Path directory) throws IOException {
    var file = directory.resolve("huge.tar");
    try (var sparse = new java.io.RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(1L << 32);
    }
    assertThatThrownBy(() -> Archive.read(file, LIMITS))
        .isInstanceOf(PackageRefusedException.class)
        .hasMessageContaining("the maximum of an archive");
  }

  @Test
  void aSecondGzipMemberIsRefused() {
    var first = ArchiveFiles.handler("").tarGz();
    var second = ArchiveFiles.handler("b/").tarGz();
    var both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    assertRefused(both).hasMessageContaining("one gzip member");
  }

  @Test
  void anEncryptedZipIsRefused() {
    assertRefused(setEncrypted(ArchiveFiles.handler("").zip()))
        .hasMessageContaining("is encrypted");
  }

  /** The writing library leaves the bit out. */
  private static byte[] setEncrypted(byte[] zip) {
    var changed = zip.clone();
    for (int i = 0; i + 4 < changed.length; i++) {
      if (changed[i] == 'P' && changed[i + 1] == 'K' && changed[i + 2] == 1) {
        changed[i + 8] |= 1;
      }
    }
    return changed;
  }

  @Test
  void aZipThatLiesAboutASizeIsRefused() {
    var zip = ArchiveFiles.handler("").zip();
    assertRefused(withSize(zip, 2)).hasMessageContaining("another size than the archive says");
    assertRefused(withSize(zip, 1 << 30)).hasMessageContaining("expand to more than");
    // All ones mean that the size is in a zip64 field, which there is none of.
    assertThatThrownBy(() -> read(withSize(zip, -1))).isInstanceOf(PackageRefusedException.class);
  }

  /** Overwrites the uncompressed size of the last entry. */
  private static byte[] withSize(byte[] zip, int size) {
    var changed = zip.clone();
    int header = lastCentralHeader(changed);
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(header + 24, size);
    return changed;
  }

  private static int lastCentralHeader(byte[] zip) {
    int found = 0;
    for (int i = 0; i + 4 < zip.length; i++) {
      if (zip[i] == 'P' && zip[i + 1] == 'K' && zip[i + 2] == 1 && zip[i + 3] == 2) {
        found = i;
      }
    }
    return found;
  }

  @Test
  void aDamagedFileOfAZipIsRefused() {
    var files = ArchiveFiles.empty().file("manifest.json", "{\"name\":\"abc\"}");
    var zip = files.file("module.wasm", "\0asm").zip(header -> header.setMethod(8));
    var changed = zip.clone();
    ByteBuffer.wrap(changed)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(lastCentralHeader(changed) + 16, 0x12345678);
    assertRefused(changed).hasMessageContaining("checksum");
  }

  @Test
  void cutArchivesAreRefusedWhereverTheyAreCut() {
    forms(ArchiveFiles.handler("a/"))
        .forEach(
            archive -> {
              // The end of a tar is two blocks of zeros, which nobody misses.
              int end = TarArchive.isTar(archive) ? 1024 + 4 : archive.length;
              for (int length = 0; length < end; length += 7) {
                assertRefused(Arrays.copyOf(archive, length));
              }
            });
  }

  @Test
  void whateverIsWrongTheRefusalSaysItPlainly() {
    var random = new Random(42);
    var seeds = forms(ArchiveFiles.handler("a/").file("a/signature.sigstore.json", "[]")).toList();
    for (int round = 0; round < 3000; round++) {
      var archive = seeds.get(round % seeds.size()).clone();
      for (int change = 0; change <= random.nextInt(4); change++) {
        archive[random.nextInt(archive.length)] = (byte) random.nextInt(256);
      }
      try {
        assertThat(read(archive)).isNotNull();
      } catch (PackageRefusedException refused) {
        assertThat(refused.getMessage()).startsWith("x ").doesNotContain("\n");
      }
    }
  }

  @Test
  void whatIsNoArchiveIsSaid() {
    assertRefused("\0asm".getBytes(StandardCharsets.UTF_8))
        .hasMessageContaining("is not a .tar.gz");
    assertRefused(new byte[0]).hasMessageContaining("is not a .tar.gz");
    assertThat(Archive.isArchive("\0asm".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(forms(ArchiveFiles.handler("")))
        .allSatisfy(archive -> assertThat(Archive.isArchive(archive)).isTrue());
  }
}
