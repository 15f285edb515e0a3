package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.sandbox.EngineUnavailableException;

final class NativeLibraryTest {
  @TempDir private Path directory;

  @Test
  void theBundledLibraryIsExtractedIntoTheCacheOnce() throws IOException {
    NativeLibrary.load(null, directory);
    var file = unpacked();
    var written = Files.getLastModifiedTime(file);
    NativeLibrary.load(null, directory);

    assertThat(Files.getLastModifiedTime(file)).isEqualTo(written);
  }

  @Test
  void aModifiedFileInTheCacheIsReplacedAndNotLoaded() throws IOException {
    NativeLibrary.load(null, directory);
    var file = unpacked();
    var whole = Files.readAllBytes(file);
    Files.delete(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));

    NativeLibrary.load(null, directory);

    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void theBundledLibraryLoadsEvenWithoutACacheDirectory() throws IOException {
    var notADirectory = Files.writeString(directory.resolve("file"), "");

    assertThat(NativeLibrary.load(null, notADirectory).call("wasm_config_new")).isNotZero();
  }

  @Test
  void aMissingConfiguredLibraryIsNamedInTheError() {
    assertUnavailable(directory.resolve("missing.so"), "missing.so");
  }

  @Test
  void aConfiguredFileThatIsNotALibraryIsRefused() throws IOException {
    assertUnavailable(
        Files.writeString(directory.resolve("text.so"), "no library"),
        "text.so is not a Linux shared library");
  }

  @Test
  void aLibraryForAnotherProcessorIsRefused() throws IOException {
    assertUnavailable(elf("riscv.so", 243), "for another processor (ELF machine 243)");
  }

  @Test
  void anUnloadableLibraryIsRefused() throws IOException {
    var machine = System.getProperty("os.arch").equals("amd64") ? 62 : 183;

    assertUnavailable(elf("broken.so", machine), "broken.so cannot be loaded");
  }

  @Test
  void anotherLibraryIsRefused() throws IOException {
    assertUnavailable(libraryOfThisProcess("libc.so"), "has no function wasmtime_store_new");
  }

  @Test
  void anotherVersionIsDetectedFromItsSerialisedModules() {
    assertThat(NativeModules.isSupportedVersion(serialisedBy("\u000250"))).isTrue();
    assertThat(NativeModules.isSupportedVersion(serialisedBy("\u000251"))).isFalse();
    assertThat(NativeModules.isSupportedVersion(serialisedBy("\u000650.0.1"))).isFalse();
    assertThat(NativeModules.isSupportedVersion(new byte[0])).isFalse();
  }

  private static byte[] serialisedBy(String version) {
    return ("\u007fELF" + version + "\u0018x86_64").getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void assertUnavailable(Path library, String message) {
    assertThatThrownBy(() -> NativeLibrary.load(library, Path.of("/nowhere")))
        .isInstanceOf(EngineUnavailableException.class)
        .hasMessageContaining(message);
  }

  private Path elf(String name, int machine) throws IOException {
    var file = ByteBuffer.allocate(64 + 56).order(ByteOrder.LITTLE_ENDIAN);
    file.put(0, new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1});
    file.putShort(16, (short) 3); // a shared object
    file.putShort(18, (short) machine);
    file.putLong(32, 64); // where the one program header is,
    file.putShort(54, (short) 56); // how large it is,
    file.putShort(56, (short) 1);
    file.putInt(64, 0x6474e551); // and that it asks for a stack without code in it
    file.putInt(68, 6);
    return Files.write(directory.resolve(name), file.array());
  }

  private static Path libraryOfThisProcess(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains("/" + name))
        .map(line -> Path.of(line.substring(line.indexOf('/'))))
        .findFirst()
        .orElseThrow();
  }

  private Path unpacked() throws IOException {
    try (var files = Files.walk(directory)) {
      return files.filter(file -> file.endsWith("libwasmtime.so")).findFirst().orElseThrow();
    }
  }
}
