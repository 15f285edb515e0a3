package org.wasmbroker.registry;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wasmbroker.registry.ModuleSource.Entry;
import org.wasmbroker.step.HandlerRef;

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
    var found = new LinkedHashMap<Entry, ModuleSource>();
    for (var source : sources) {
      for (var entry : source.list()) {
        if (matches(entry, ref)) {
          found.putIfAbsent(entry, source);
        }
      }
    }
    return found.entrySet().stream()
        .max(Map.Entry.comparingByKey(Comparator.comparing(Entry::version)))
        .map(newest -> readManifest(newest.getKey(), newest.getValue()));
  }

  private static boolean matches(Entry entry, HandlerRef ref) {
    var prefix = ref.version();
    return entry.handler().equals(ref.name())
        && (prefix == null || entry.version().matches(prefix));
  }

  private static Manifest readManifest(Entry entry, ModuleSource source) {
    return ManifestReader.read(source.load(entry).manifest(), entry, source.location());
  }
}
