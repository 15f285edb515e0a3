package org.wasmbroker.registry;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.registry.release.ManifestReader;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.Selector;

/** Finds manifests without an engine; nothing is compiled. */
public final class ManifestLookup {
  private ManifestLookup() {}

  /**
   * The manifest of the newest version that matches the reference; empty if there is none.
   *
   * @param sources the module sources, in order of precedence
   * @throws ModuleSourceException if a source or the manifest cannot be read
   */
  public static Optional<Manifest> find(List<ModuleSource> sources, HandlerRef ref) {
    var found = new LinkedHashMap<ReleaseId, ModuleSource>();
    for (var source : sources) {
      for (var release : source.list()) {
        var id = release.id();
        if (matches(id, ref)) {
          found.putIfAbsent(id, source);
        }
      }
    }
    return found.entrySet().stream()
        .max(Map.Entry.comparingByKey(Comparator.comparing(ReleaseId::version)))
        .map(newest -> readManifest(newest.getKey(), newest.getValue()));
  }

  private static boolean matches(ReleaseId id, HandlerRef ref) {
    return id.handler().equals(ref.name()) && Selector.of(ref.selector()).selects(id.version());
  }

  private static Manifest readManifest(ReleaseId id, ModuleSource source) {
    return ManifestReader.read(source.fetch(id).manifest(), id, source.location());
  }
}
