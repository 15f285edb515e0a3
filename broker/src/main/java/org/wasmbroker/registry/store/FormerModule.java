package org.wasmbroker.registry.store;

import java.util.List;
import org.wasmbroker.registry.release.Artifact;
import org.wasmbroker.registry.release.ModuleSourceException;
import org.wasmbroker.registry.release.Origin;
import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;

/** One release that its source no longer offers, or that meant something else then. */
record FormerModule(Release release, Pin pin, ModuleStore store) implements ModuleSource {
  @Override
  public String location() {
    return release.location() + " (as it was)";
  }

  /** What cannot be read now may be fetched and kept again later. */
  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public Origin origin() {
    return release.origin();
  }

  @Override
  public List<Release> list() {
    return List.of(release);
  }

  @Override
  public Artifact fetch(ReleaseId id) {
    return store
        .read(pin)
        .orElseThrow(
            () ->
                new ModuleSourceException(
                    "the module store no longer has all files of " + id, null));
  }
}
