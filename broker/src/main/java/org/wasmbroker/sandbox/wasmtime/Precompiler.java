package org.wasmbroker.sandbox.wasmtime;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.EngineUnavailableException;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.ModuleRefusedException;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.component.ComponentBinary;
import org.wasmbroker.sandbox.component.ComponentFunctions;
import org.wasmbroker.sandbox.component.ComponentValidator;
import org.wasmbroker.sandbox.host.HostFunctionTable;
import org.wasmbroker.sandbox.host.ModuleValidator;

/**
 * Compiles modules into a directory that brokers use as {@code engine.compile-seed}: for the
 * processors of {@link PortableTarget}, in this process and without limits, so only modules that
 * are trusted to that extent.
 */
public final class Precompiler implements AutoCloseable {
  private static final String DIRECTORY_PERMISSIONS = "rwxr-xr-x";

  private final LibWasmtime lib;
  private final Path directory;
  private final EngineConfig config;
  private final EngineSettings settings;
  private final ModuleValidator validator;
  private final ComponentValidator componentValidator;
  private final long engine;
  private final NativeModules modules;

  private Precompiler(
      LibWasmtime lib, EngineConfig config, HostFunctionTable functions, Path directory) {
    this.lib = lib;
    this.directory = directory;
    this.config = config;
    this.settings = EngineSettings.of(config, WasmtimeEngine.memoryPlan(config));
    this.validator = new ModuleValidator(config.moduleBytes(), functions.all());
    this.componentValidator =
        new ComponentValidator(config.moduleBytes(), new ComponentFunctions(functions));
    this.engine = settings.newCompilingEngine(lib, PortableTarget.ofThisMachine());
    this.modules = new NativeModules(lib, engine);
  }

  /**
   * Opens a directory, which is created if it is missing.
   *
   * @param config of the brokers that will use it
   * @throws IOException if it cannot be created
   * @throws EngineUnavailableException if no usable libwasmtime is available on this machine
   */
  public static Precompiler open(EngineConfig config, HostFunctionTable functions, Path directory)
      throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      Files.setPosixFilePermissions(
          directory, PosixFilePermissions.fromString(DIRECTORY_PERMISSIONS));
    }
    var lib = NativeLibrary.load(config.library(), NativeLibrary.userCacheDirectory());
    NativeModules.checkVersion(lib);
    return new Precompiler(lib, config, functions, directory);
  }

  /**
   * Compiles a module and writes its code, or replaces it.
   *
   * @return the size of its code
   * @throws ModuleRefusedException if an engine would refuse the module
   * @throws IOException if the code cannot be written
   */
  public long compile(WasmBinary wasm) throws IOException {
    var limits =
        Limits.DEFAULTS
            .withMemoryBytes(config.memoryBytes())
            .with(LimitKind.TABLE_ELEMENTS, LimitKind.TABLE_ELEMENTS.maximum());
    if (!ComponentBinary.isComponent(wasm)) {
      return write(validator.validate(wasm, limits).wasm());
    }
    long bytes = 0;
    for (var module : componentValidator.validate(wasm, limits).modules()) {
      bytes += write(module);
    }
    return bytes;
  }

  private long write(WasmBinary validated) throws IOException {
    try (var arena = Arena.ofConfined()) {
      long module = modules.compile(arena.allocateFrom(ValueLayout.JAVA_BYTE, validated.bytes()));
      try {
        var code = modules.serialise(module, arena);
        CompileSeed.write(directory, settings.fingerprint(), validated.digest(), code);
        return code.byteSize();
      } finally {
        modules.delete(module);
      }
    }
  }

  @Override
  public void close() {
    lib.call("wasm_engine_delete", engine);
  }
}
