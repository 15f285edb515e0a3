package org.wasmbroker.registry.index;

import org.wasmbroker.registry.release.Release;
import org.wasmbroker.registry.release.ReleaseId;
import org.wasmbroker.registry.source.ModuleSource;

/** A release and the source that has it. */
public record Offer(Release release, ModuleSource source) {
  public ReleaseId id() {
    return release.id();
  }
}
