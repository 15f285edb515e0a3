package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Version;

/**
 * One module as the registry sees it now.
 *
 * @param location of its source
 * @param digest null until it has been read
 * @param manifest null until it is ready
 * @param problem why it was refused, else null
 */
public record ModuleStatus(
    String handler,
    Version version,
    String location,
    State state,
    @Nullable Digest digest,
    @Nullable Manifest manifest,
    @Nullable String problem) {

  /** The progress of loading. */
  public enum State {
    LOADING,
    READY,
    REFUSED
  }

  static ModuleStatus of(Candidate candidate) {
    var id = candidate.id();
    var location = candidate.source().location();
    return switch (candidate.resultIfLoaded()) {
      case null ->
          new ModuleStatus(id.handler(), id.version(), location, State.LOADING, null, null, null);
      case LoadResult.Usable(Manifest manifest, var module, _, _) ->
          new ModuleStatus(
              id.handler(), id.version(), location, State.READY, module.digest(), manifest, null);
      case LoadResult.Broken(String problem, Digest digest, _) ->
          new ModuleStatus(
              id.handler(), id.version(), location, State.REFUSED, digest, null, problem);
    };
  }
}
