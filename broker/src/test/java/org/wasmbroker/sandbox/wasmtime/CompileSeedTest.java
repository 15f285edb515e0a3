package org.wasmbroker.sandbox.wasmtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.disk.PrivateDirectory;
import org.wasmbroker.sandbox.Cancellation;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.InvocationResult.Completed;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.Guests;
import org.wasmbroker.testing.Invocations;

final class CompileSeedTest {
  private static final Digest MODULE = Digest.of(new byte[] {1});
  private static final Digest OTHER = Digest.of(new byte[] {2});
  private static final MemorySegment CODE =
      Arena.global().allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {10, 20, 30, 40});

  @TempDir private Path root;

  private final CapturedLog log = CapturedLog.of(CompileSeed.class, Level.INFO);
  private Path directory;

  @BeforeEach
  void createDirectory() throws IOException {
    directory = Files.createDirectory(root.resolve("compiled"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void stopCapturing() {
    log.close();
  }

  @Test
  void whatWasWrittenIsFoundForTheseSettingsAndThisModuleOnly() throws IOException {
    CompileSeed.write(directory, "settings", MODULE, CODE);

    assertThat(found("settings", MODULE)).isEqualTo(CODE.toArray(ValueLayout.JAVA_BYTE));
    assertThat(found("other settings", MODULE)).isNull();
    assertThat(found("settings", OTHER)).isNull();
    assertThat(log.events()).isEmpty();
  }

  @Test
  void damagedOrExchangedCodeIsNotUsed() throws IOException {
    CompileSeed.write(directory, "settings", MODULE, CODE);
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

    Files.write(directory.resolve(CodeFiles.name(OTHER, "settings")), bytes);
    assertThat(found("settings", OTHER)).as("another module's code").isNull();
    assertThat(log.events()).hasSize(6).allMatch(event -> event.getLevel() == Level.WARN);
  }

  @Test
  void whatOthersCanWriteIsNotUsed() throws IOException {
    CompileSeed.write(directory, "settings", MODULE, CODE);
    for (var permissions : new String[] {"rw-rw-r--", "rw-r--rw-"}) {
      Files.setPosixFilePermissions(onlyFile(), PosixFilePermissions.fromString(permissions));
      assertThat(found("settings", MODULE)).isNull();
    }
    Files.setPosixFilePermissions(onlyFile(), PosixFilePermissions.fromString("r--r--r--"));
    assertThat(found("settings", MODULE)).isNotNull();

    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxr-x"));
    assertThat(CompileSeed.open(directory, "settings")).isNull();
    assertThat(CompileSeed.open(root.resolve("none"), "settings")).isNull();
    assertThat(log.events()).hasSize(4);
  }

  @Test
  void whatAnotherUserOwnsIsNotProtectedUnlessThatIsRoot() throws IOException {
    PrivateDirectory.requireProtected(Path.of("/")); // root's, whoever runs this

    var file = Files.createFile(root.resolve("file"));
    PrivateDirectory.requireProtected(file);
    if (Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      Files.setAttribute(file, "unix:uid", 65_532);
      assertThatThrownBy(() -> PrivateDirectory.requireProtected(file))
          .hasMessageContaining("owned by another user");
    }
  }

  @Test
  void aPrecompiledModuleRunsWithoutACompilation() throws IOException {
    precompile(Guests.guest("echo"));

    assertThat(echoed(EngineConfig.of(2).withCompileSeed(directory))).isEqualTo("not compiled {}");
    assertThat(echoed(EngineConfig.of(2))).isEqualTo("compiled {}");
    assertThat(log.events()).isEmpty();
  }

  /** Of each of its core modules there is code of its own. */
  @Test
  void aPrecompiledComponentRunsWithoutACompilation() throws IOException {
    var component = Components.echo();
    try (var precompiler = open()) {
      long code = 0;
      long written = precompiler.compile(component);
      for (var file : files()) {
        code += Files.size(file) - CodeFiles.HEAD_BYTES;
      }
      assertThat(written).isEqualTo(code);
    }

    assertThat(files()).hasSize(2);
    assertThat(outcome(component, EngineConfig.of(2).withCompileSeed(directory)))
        .isEqualTo("not compiled {\"status\":\"completed\",\"result\":{}}");
    Files.delete(files().getFirst());
    assertThat(outcome(component, EngineConfig.of(2).withCompileSeed(directory)))
        .as("without the code of one of its modules")
        .isEqualTo("compiled {\"status\":\"completed\",\"result\":{}}");
    assertThat(log.events()).isEmpty();
  }

  @Test
  void aComponentThatAnEngineRefusesIsRefused() throws IOException {
    var component = Wat.toWasm("(component)");
    try (var precompiler = open()) {
      assertThatThrownBy(() -> precompiler.compile(component))
          .isInstanceOf(ModuleRefusedException.class)
          .hasMessageContaining("exports neither");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void otherSettingsOfTheEngineCompileIt() throws IOException {
    precompile(Guests.guest("echo"));

    assertThat(echoed(EngineConfig.of(2).withFuel(true).withCompileSeed(directory)))
        .isEqualTo("compiled {}");
  }

  @Test
  void codeForAProcessorThatIsNotHereIsCompiledAgain() throws IOException {
    precompile(Guests.guest("echo"));
    var foreign = new String(Files.readAllBytes(onlyFile()), StandardCharsets.ISO_8859_1);
    var here = PortableTarget.ofThisMachine().triple().substring(0, 6);
    assertThat(foreign).as("the code says for which processor it is").contains(here);
    var bytes =
        foreign
            .substring(CodeFiles.HEAD_BYTES)
            .replace(here, "s390x_")
            .getBytes(StandardCharsets.ISO_8859_1);
    try (var arena = Arena.ofConfined()) {
      CompileSeed.write(
          directory,
          settings().fingerprint(),
          moduleOf(onlyFile()),
          arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }

    assertThat(echoed(EngineConfig.of(2).withCompileSeed(directory))).isEqualTo("compiled {}");
  }

  @Test
  void aModuleThatAnEngineRefusesIsRefused() throws IOException {
    try (var precompiler = open()) {
      assertThatThrownBy(() -> precompiler.compile(new WasmBinary(new byte[] {0, 'a', 's', 'm'})))
          .isInstanceOf(ModuleRefusedException.class);
    }
    assertThat(directory).isEmptyDirectory();
  }

  private Precompiler open() throws IOException {
    return Precompiler.open(EngineConfig.of(1), Capabilities.STANDARD.functions(), directory);
  }

  private void precompile(WasmBinary wasm) throws IOException {
    try (var precompiler = open()) {
      assertThat(precompiler.compile(wasm))
          .isEqualTo(Files.size(onlyFile()) - CodeFiles.HEAD_BYTES);
    }
  }

  private static EngineSettings settings() {
    var config = EngineConfig.of(1);
    return EngineSettings.of(config, WasmtimeEngine.memoryPlan(config));
  }

  private static Digest moduleOf(Path file) {
    return new Digest(file.getFileName().toString().substring(0, 64));
  }

  private static String echoed(EngineConfig config) {
    return outcome(Guests.guest("echo"), config);
  }

  private static String outcome(WasmBinary wasm, EngineConfig config) {
    try (var engine = WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
        var module = engine.compile(wasm, Limits.DEFAULTS)) {
      var result =
          module.run(
              Invocations.basic(
                  Document.of("{}"), Limits.DEFAULTS, new Cancellation(), GuestLog.NONE));
      return (module.compilation() == null ? "not compiled " : "compiled ")
          + ((Completed) result).output().text();
    }
  }

  private byte @Nullable [] found(String fingerprint, Digest module) {
    var seed = Objects.requireNonNull(CompileSeed.open(directory, fingerprint));
    try (var arena = Arena.ofConfined()) {
      var code = seed.find(module, arena);
      return code == null ? null : code.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private Path onlyFile() throws IOException {
    return files().getFirst();
  }

  private List<Path> files() throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".cwasm")).toList();
    }
  }
}
