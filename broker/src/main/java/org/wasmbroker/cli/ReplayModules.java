package org.wasmbroker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.recording.UnusableRecordingException;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.registry.source.DirectoryModules;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.registry.store.ModuleStore;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;

/**
 * Finds the module of a recording by its digest on this machine: in the bundled modules, in a
 * module directory, in the store of what came from registries.
 */
final class ReplayModules {
  private final BrokerConfig config;
  private final List<String> searched = new ArrayList<>();

  ReplayModules(BrokerConfig config) {
    this.config = config;
  }

  /**
   * @param directory a module directory to be searched first, or null
   * @throws UnusableRecordingException if it is not there; the message says where it was looked for
   */
  WasmBinary find(ModuleId module, @Nullable Path directory) throws UnusableRecordingException {
    var sources = new ArrayList<ModuleSource>();
    if (directory != null) {
      sources.add(new DirectoryModules(directory, config.engine().moduleBytes()));
    }
    if (config.registry().directory() != null) {
      sources.add(
          new DirectoryModules(config.registry().directory(), config.engine().moduleBytes()));
    }
    sources.add(new BundledModules());
    for (var source : sources) {
      searched.add(source.location());
      var found = find(module, source);
      if (found.isPresent()) {
        return found.orElseThrow();
      }
    }
    return stored(module.digest())
        .orElseThrow(
            () ->
                new UnusableRecordingException(
                    "the module %s, sha256:%s, is not on this machine (%s); give it with --module FILE or --directory DIR"
                        .formatted(module, module.digest(), String.join("; ", searched))));
  }

  private static Optional<WasmBinary> find(ModuleId module, ModuleSource source)
      throws UnusableRecordingException {
    List<Release> releases;
    try {
      releases = source.list();
    } catch (ModuleSourceException unusable) {
      throw new UnusableRecordingException(String.valueOf(unusable.getMessage()));
    }
    for (var release : releases) {
      boolean candidate =
          release.module() == null
              ? release.id().handler().equals(module.handler())
              : release.module().equals(module.digest());
      if (candidate) {
        var wasm = fetched(source, release);
        if (wasm != null && wasm.digest().equals(module.digest())) {
          return Optional.of(wasm);
        }
      }
    }
    return Optional.empty();
  }

  private static @Nullable WasmBinary fetched(ModuleSource source, Release release) {
    try {
      return source.fetch(release.id()).wasm();
    } catch (ModuleSourceException unusable) {
      return null; // another version may be the one
    }
  }

  private Optional<WasmBinary> stored(Digest digest) {
    var directory = config.registry().store().directory();
    if (directory == null || !Files.isDirectory(directory)) {
      return Optional.empty();
    }
    searched.add(directory.toString());
    return ModuleStore.open(config.registry().store()).flatMap(store -> store.module(digest));
  }

  /**
   * The module in a file.
   *
   * @param any whether it may be another one than the recorded one
   */
  WasmBinary read(Path file, ModuleId module, boolean any)
      throws IOException, UnusableRecordingException {
    try (var in = Files.newInputStream(file)) {
      var bytes = in.readNBytes(config.engine().moduleBytes() + 1);
      if (bytes.length > config.engine().moduleBytes()) {
        throw new UnusableRecordingException(
            "%s has more than %d bytes (engine.module-size)"
                .formatted(file, config.engine().moduleBytes()));
      }
      var wasm = new WasmBinary(bytes);
      if (!any && !wasm.digest().equals(module.digest())) {
        throw new UnusableRecordingException(
            "%s is another module than the recorded one: sha256:%s, not sha256:%s; --any-module runs it all the same, and shows what it does differently"
                .formatted(file, wasm.digest(), module.digest()));
      }
      return wasm;
    }
  }
}
