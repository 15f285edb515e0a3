package org.wasmbroker.hostile;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.wasmtime.WasmtimeEngine;
import org.wasmbroker.step.Digest;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.PrebuiltHandlers;
import org.wasmbroker.testing.WasmModuleBuilder;

/**
 * The hostile modules that have no source: malformed ones, huge ones, and those whose manifest
 * lies. They are derived from others, in a module directory.
 */
final class GeneratedModules {
  static final String GIANT_DATA = "giant-data";
  static final String TOO_LARGE = "too-large";
  static final String TRUNCATED = "truncated";
  static final String FLIPPED = "flipped";
  static final String PRECOMPILED = "precompiled";
  static final String FALSE_DIGEST = "false-digest";
  static final String FALSE_NAME = "false-name";
  static final String FALSE_MEMORY = "false-memory";
  static final String GREEDY_MANIFEST = "greedy-manifest";

  private static final String RESULT = "{\"status\":\"completed\",\"result\":{}}";
  private static final int GIANT_BYTES = 19 << 20;
  private static final int I32_CONST = 0x41;
  private static final int CALL = 0x10;

  private final Path directory;
  private final StringBuilder sums = new StringBuilder();

  private GeneratedModules(Path directory) {
    this.directory = directory;
  }

  /** The names of all of them. */
  static Set<String> names() {
    return Set.of(
        GIANT_DATA,
        TOO_LARGE,
        TRUNCATED,
        FLIPPED,
        PRECOMPILED,
        FALSE_DIGEST,
        FALSE_NAME,
        FALSE_MEMORY,
        GREEDY_MANIFEST);
  }

  /** Generates all of them, with their digests. */
  static void generate(Path directory) throws IOException {
    var modules = new GeneratedModules(directory);
    var noop = PrebuiltHandlers.module("noop").bytes();
    modules.put(GIANT_DATA, giantData());
    modules.put(TOO_LARGE, Arrays.copyOf(noop, (20 << 20) + 1));
    modules.put(TRUNCATED, Arrays.copyOf(noop, noop.length - 10));
    modules.put(FLIPPED, flipped(noop));
    modules.put(PRECOMPILED, modules.precompiled(new WasmBinary(noop)));
    modules.put(FALSE_DIGEST, noop);
    modules.put(FALSE_NAME, noop, manifest("noop", ""));
    modules.put(
        FALSE_MEMORY,
        HostileGuests.module("stale-memory").bytes(),
        manifest(FALSE_MEMORY, ",\"resources\":{\"memory_bytes\":65536}"));
    modules.put(
        GREEDY_MANIFEST,
        HostileGuests.module("memory-steps").bytes(),
        manifest(
            GREEDY_MANIFEST,
            ",\"resources\":{\"memory_bytes\":4294967296,\"timeout_ms\":360000000}"));
    modules.writeSums();
    Files.write(modules.file(FALSE_DIGEST, "module.wasm"), giantData());
  }

  /** Deletes a directory of generated modules. */
  static void delete(Path directory) throws IOException {
    try (var all = Files.walk(directory)) {
      for (var file : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private void put(String name, byte[] wasm) throws IOException {
    put(name, wasm, manifest(name, ""));
  }

  private void put(String name, byte[] wasm, String manifest) throws IOException {
    Files.createDirectories(file(name, "module.wasm").getParent());
    Files.write(file(name, "module.wasm"), wasm);
    Files.writeString(file(name, "manifest.json"), manifest);
    sums.append(Digest.of(wasm).hex()).append("  ").append(name).append("/1.0.0/module.wasm\n");
  }

  private Path file(String name, String file) {
    return directory.resolve(name).resolve("1.0.0").resolve(file);
  }

  private void writeSums() throws IOException {
    Files.writeString(directory.resolve("SHA256SUMS"), sums);
  }

  private static String manifest(String name, String more) {
    return """
    {"name":"%s","version":"1.0.0","abi":"1",
     "capabilities":{"host_functions":["read_input","write_output"],"http":[],"secrets":[]}%s}\
    """
        .formatted(name, more);
  }

  /** 19 MiB of data, which the engine has to copy into memory before the guest runs. */
  private static byte[] giantData() {
    var wasm =
        new WasmModuleBuilder()
            .importFunction("wasm_broker_v1", "write_output", "ii->i")
            .memory(320)
            .export("memory", WasmModuleBuilder.MEMORY, 0)
            .function("->i", I32_CONST, 0, I32_CONST, RESULT.length(), CALL, 0)
            .export("run", WasmModuleBuilder.FUNCTION, 1);
    var filled = new byte[GIANT_BYTES];
    Arrays.fill(filled, (byte) 'A');
    System.arraycopy(RESULT.getBytes(StandardCharsets.US_ASCII), 0, filled, 0, RESULT.length());
    return wasm.data(filled).toBytes();
  }

  private static byte[] flipped(byte[] wasm) {
    var copy = wasm.clone();
    copy[9] ^= 0x40; // the size of the first section
    return copy;
  }

  /** The machine code of a module, which the engine's own cache stores after a checksum. */
  private byte[] precompiled(WasmBinary wasm) throws IOException {
    var cache = Files.createDirectory(directory.resolve(".compiled"));
    var of = EngineConfig.of(1);
    var config =
        new EngineConfig(
            1, of.memoryBytes(), of.stackBytes(), of.tick(), of.moduleBytes(), cache, null);
    try (var engine = WasmtimeEngine.start(config, Capabilities.STANDARD.functions());
        var _ = engine.compile(wasm, Limits.DEFAULTS);
        var files = Files.walk(cache)) {
      var bytes =
          Files.readAllBytes(
              files
                  .filter(Files::isRegularFile)
                  .filter(file -> file.toFile().length() > 10L * wasm.size())
                  .findFirst()
                  .orElseThrow());
      for (int at = 0; ; at++) {
        if (bytes[at] == 0x7f && bytes[at + 1] == 'E' && bytes[at + 2] == 'L') {
          return Arrays.copyOfRange(bytes, at, bytes.length);
        }
      }
    }
  }
}
