package org.wasmbroker.registry.source;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.JarURLConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;

/**
 * The modules that are bundled with the broker, on the class path. They never change at run time. A
 * module is read when it is needed, and once for all handlers that are the same program.
 */
public final class BundledModules implements ModuleSource {
  private final String root;
  private final Map<Digest, WeakReference<WasmBinary>> binaries = new ConcurrentHashMap<>();

  public BundledModules() {
    this("/org/wasmbroker/handlers");
  }

  /**
   * The interpreters that are no handlers: without a script they do nothing, and a broker never
   * loads them by themselves.
   */
  public static BundledModules interpreters() {
    return new BundledModules("/org/wasmbroker/interpreters");
  }

  /**
   * @param root the resource directory, without a trailing slash
   */
  BundledModules(String root) {
    this.root = root;
  }

  @Override
  public String location() {
    return "the bundled modules (class path " + root + ")";
  }

  @Override
  public Origin origin() {
    return Origin.BUILT_IN;
  }

  @Override
  public List<Release> list() {
    var releases = new ArrayList<Release>();
    var sums = sums();
    for (var path : sums.paths()) {
      var parts = path.split("/", -1);
      if (parts.length == 3 && parts[2].equals(ModulePaths.MODULE)) {
        ModulePaths.id(parts[0], parts[1])
            .ifPresent(
                id -> releases.add(new Release(id, sums.of(path), origin(), location(), null)));
      }
    }
    return List.copyOf(releases);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    var sums = sums();
    var path = ModulePaths.module(id);
    @Nullable Digest expected = sums.of(path);
    if (expected == null) {
      throw new ModuleSourceException(
          root + ": " + path + " is not listed in SHA256SUMS; it is not used", null);
    }
    return new Artifact(
        manifest(ModulePaths.manifest(id), sums), wasm(path, expected), Provenance.NONE);
  }

  private Document manifest(String path, Sha256Sums sums) {
    var bytes = read(path);
    @Nullable Digest expected = sums.of(path);
    if (expected != null) {
      Sha256Sums.verify(path, expected, Digest.of(bytes), root);
    }
    return Document.of(bytes);
  }

  private WasmBinary wasm(String path, Digest expected) {
    var known = binaries.get(expected);
    var shared = known == null ? null : known.get();
    if (shared != null) {
      return shared;
    }
    var wasm =
        WasmBinary.readWhenNeeded(
            expected,
            size(path),
            () -> {
              var bytes = read(path);
              Sha256Sums.verify(path, expected, Digest.of(bytes), root);
              return bytes;
            });
    binaries.put(expected, new WeakReference<>(wasm));
    return wasm;
  }

  /** In bytes, without unpacking it. */
  private int size(String path) {
    var location = BundledModules.class.getResource(root + "/" + path);
    if (location == null) {
      throw missing(path);
    }
    try {
      var connection = location.openConnection();
      if (connection instanceof JarURLConnection jar) {
        jar.setUseCaches(false);
        try (var _ = jar.getJarFile()) {
          return Math.toIntExact(jar.getJarEntry().getSize());
        }
      }
      return read(path).length;
    } catch (IOException failure) {
      throw unreadable(path, failure);
    }
  }

  private Sha256Sums sums() {
    return Sha256Sums.parse(
        new String(read(ModulePaths.SUMS), StandardCharsets.UTF_8), root + "/" + ModulePaths.SUMS);
  }

  private byte[] read(String path) {
    try (var stream = BundledModules.class.getResourceAsStream(root + "/" + path)) {
      if (stream == null) {
        throw missing(path);
      }
      return stream.readAllBytes();
    } catch (IOException failure) {
      throw unreadable(path, failure);
    }
  }

  private ModuleSourceException unreadable(String path, IOException failure) {
    return new ModuleSourceException(
        "cannot read " + root + "/" + path + " from the class path: " + failure.getMessage(),
        failure);
  }

  private ModuleSourceException missing(String path) {
    return new ModuleSourceException(
        "the class path has no "
            + root
            + "/"
            + path
            + "; it is missing from this build of the broker",
        null);
  }
}
