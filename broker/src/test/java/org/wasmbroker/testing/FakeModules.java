package org.wasmbroker.testing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Provenance;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Version;

/** Modules in memory, whose binaries are the texts that {@link FakeEngine} knows. */
public final class FakeModules implements ModuleSource {
  private final String location;
  private final Map<ReleaseId, Artifact> files = new ConcurrentHashMap<>();
  private final AtomicInteger listings = new AtomicInteger();
  private volatile @Nullable String problem;

  public FakeModules(String location) {
    this.location = location;
  }

  public FakeModules with(String handler, String version, String text) {
    return with(handler, version, text, "");
  }

  /**
   * @param members additional members of the manifest, starting with a comma
   */
  public FakeModules with(String handler, String version, String text, String members) {
    var manifest =
        "{\"name\":\"%s\",\"version\":\"%s\",\"abi\":\"1\"%s}".formatted(handler, version, members);
    files.put(
        new ReleaseId(handler, Version.parse(version)),
        new Artifact(
            Document.of(manifest),
            new WasmBinary(text.getBytes(StandardCharsets.UTF_8)),
            Provenance.NONE));
    return this;
  }

  public void without(String handler, String version) {
    files.remove(new ReleaseId(handler, Version.parse(version)));
  }

  /** Makes every listing fail with this message; null repairs it. */
  public void breakWith(@Nullable String message) {
    problem = message;
  }

  public int listings() {
    return listings.get();
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public Origin origin() {
    return Origin.USER;
  }

  @Override
  public List<Release> list() {
    listings.incrementAndGet();
    var message = problem;
    if (message != null) {
      throw new ModuleSourceException(message, null);
    }
    return files.keySet().stream()
        .map(id -> new Release(id, null, origin(), location, null))
        .toList();
  }

  @Override
  public Artifact fetch(ReleaseId entry) {
    var file = files.get(entry);
    if (file == null) {
      throw new ModuleSourceException(entry + " is gone", null);
    }
    return file;
  }
}
