package org.wasmbroker.registry;

import java.util.Optional;
import org.wasmbroker.registry.load.Candidate;
import org.wasmbroker.registry.load.LoadResult;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.ModuleId;

/** A module that is loaded, and its manifest. */
public record LoadedRelease(ModuleId id, Manifest manifest) {
  /** Empty while it is not loaded, or cannot be used. */
  static Optional<LoadedRelease> of(Candidate candidate) {
    return candidate.resultIfLoaded() instanceof LoadResult.Usable usable
        ? Optional.of(new LoadedRelease(usable.id(), usable.manifest()))
        : Optional.empty();
  }
}
