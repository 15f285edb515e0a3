package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.registry.release.Manifest;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;

/** The result of loading one version of a handler. */
sealed interface LoadResult {
  /**
   * @param compiledFor the limits on memory and table elements that its code was compiled for
   */
  record Usable(Manifest manifest, ModuleId id, CompiledModule module, Limits compiledFor)
      implements LoadResult {
    boolean fits(Limits limits) {
      return limits.memoryBytes() <= compiledFor.memoryBytes()
          && limits.tableElements() <= compiledFor.tableElements();
    }
  }

  /**
   * @param digest the module's, if it could be read
   * @param byModule whether the module is at fault; else the engine, which may work again later
   */
  record Broken(String problem, @Nullable Digest digest, boolean byModule) implements LoadResult {}
}
