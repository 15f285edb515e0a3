package org.wasmbroker.hostile;

import static org.wasmbroker.hostile.HostileCase.ending;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.testing.HostileGuests;
import org.wasmbroker.testing.WrappedModule;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The hostile guests as components: the very same modules, wrapped into components that are
 * commands, as toolchains wrap theirs. Each has its guest's manifest.
 */
final class HostileComponents {
  private static final JsonMapper JSON = JsonMapper.shared();
  static final String SUFFIX = "-component";

  private static final String NO_IMAGES = "there are no prepared images of components";
  private static final String GIVEN_MEMORY =
      "a component names no buffers to fill: the host asks it for memory (`HostileComponentTest`)";
  private static final String TYPED = "clocks of components are functions, not numbers";
  private static final String APPENDED = "its output is a stream, and nothing can be taken back";
  private static final String FILES =
      "files are another interface to components (`HostileFilesystemTest`)";
  private static final String HTTP =
      "requests are another interface to components (`ComponentTest`)";
  private static final String RELEASE = "its release is refused whatever its module is";

  /** Those that are no components, and why. */
  private static final Map<String, String> NO_COMPONENTS =
      Map.ofEntries(
          Map.entry("prepare-loop", NO_IMAGES),
          Map.entry("prepare-trap", NO_IMAGES),
          Map.entry("prepare-memory", NO_IMAGES),
          Map.entry("prepare-stale", NO_IMAGES),
          Map.entry("prepare-spies", NO_IMAGES),
          Map.entry("prepare-table", NO_IMAGES),
          Map.entry("buffer-lies", GIVEN_MEMORY),
          Map.entry("stdin-lies", GIVEN_MEMORY),
          Map.entry("edges-read-input", GIVEN_MEMORY),
          Map.entry("edges-get-time", TYPED),
          Map.entry("two-outputs", APPENDED),
          Map.entry("wasi-files", FILES),
          Map.entry("files-hoard", FILES),
          Map.entry("files-escape", FILES),
          Map.entry("edges-http-request", HTTP),
          Map.entry("http-pieces", HTTP),
          Map.entry(GeneratedModules.FALSE_DIGEST, RELEASE),
          Map.entry(GeneratedModules.FALSE_NAME, RELEASE));

  private static final String TRAPPED = "trapped/host_function";
  private static final String OUTSIDE = "which is outside of its memory or not aligned";

  /** What ends otherwise than the guest that it is made of, and how. */
  private static final Map<String, HostileCase> OTHERWISE =
      Stream.of(
              refused("many-memories", "has 2 memories, the maximum is 1"),
              refused("huge-table", "tables start with 1000000 elements"),
              refused("wasi-sockets", "#sock-accept', which the broker does not have"),
              refused("wasi-processes", "#proc-raise', which the broker does not have"),
              refused("unknown-import", "#proc-exec', which the broker does not have"),
              refused("host-memory", "imports 'env.memory', which it is not given"),
              ending("giant-output", "limit_exceeded/output", "bytes of output, the limit is"),
              ending("wasi-exit-zero", "trapped/indirect_call_to_null", "uninitialized"),
              ending("edges-write-output", TRAPPED, OUTSIDE),
              ending("edges-log", TRAPPED, OUTSIDE),
              ending("edges-read-secret", TRAPPED, OUTSIDE),
              ending("edges-cache", TRAPPED, OUTSIDE),
              ending("cache-giants", TRAPPED, OUTSIDE))
          .collect(Collectors.toMap(HostileCase::guest, each -> each));

  private HostileComponents() {}

  private static HostileCase refused(String guest, String reason) {
    return ending(guest, "module_refused", reason);
  }

  /** Why there is no component of a case; null if there is one. */
  static @Nullable String reason(HostileCase hostile) {
    return NO_COMPONENTS.get(hostile.guest());
  }

  /** The guests that are no components, or end otherwise than as modules. */
  static Set<String> exceptions() {
    var names = new TreeSet<>(NO_COMPONENTS.keySet());
    names.addAll(OTHERWISE.keySet());
    return names;
  }

  /** The cases of those that need no input. */
  static Stream<HostileCase> all(HostileServers peers) {
    return HostileCases.all()
        .filter(hostile -> hostile.input().of(peers).equals(Document.of("{}")))
        .filter(hostile -> reason(hostile) == null)
        .map(hostile -> OTHERWISE.getOrDefault(hostile.guest(), hostile))
        .map(hostile -> hostile.of(hostile.guest() + SUFFIX));
  }

  /**
   * Adds all of them to a directory of modules, with their digests.
   *
   * @param generated the directory of {@link GeneratedModules}
   */
  static void generate(Path generated, Path directory) throws IOException {
    var sums = new StringBuilder();
    var names = new TreeSet<>(HostileGuests.names());
    names.addAll(GeneratedModules.names());
    names.removeAll(NO_COMPONENTS.keySet());
    for (var guest : names) {
      var name = guest + SUFFIX;
      var source = HostileGuests.names().contains(guest) ? HostileGuests.DIRECTORY : generated;
      var from = source.resolve(guest).resolve("1.0.0");
      var home = Files.createDirectories(directory.resolve(name).resolve("1.0.0"));
      var wasm =
          WrappedModule.command(new WasmBinary(Files.readAllBytes(from.resolve("module.wasm"))));
      Files.write(home.resolve("module.wasm"), wasm.bytes());
      var manifest = (ObjectNode) JSON.readTree(Files.readString(from.resolve("manifest.json")));
      Files.writeString(
          home.resolve("manifest.json"), JSON.writeValueAsString(manifest.put("name", name)));
      sums.append("%s  %s/1.0.0/module.wasm%n".formatted(wasm.digest().hex(), name));
    }
    Files.writeString(directory.resolve("SHA256SUMS"), sums, StandardOpenOption.APPEND);
  }
}
