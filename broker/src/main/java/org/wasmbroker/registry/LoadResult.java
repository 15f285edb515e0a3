package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.ModuleId;

/** What came of loading one version of a handler. */
sealed interface LoadResult {
  /**
   * @param compiledFor the most memory and table elements that a run of it may have
   */
  record Usable(Manifest manifest, ModuleId id, CompiledModule module, Limits compiledFor)
      implements LoadResult {
    boolean fits(Limits limits) {
      return limits.memoryBytes() <= compiledFor.memoryBytes()
          && limits.tableElements() <= compiledFor.tableElements();
    }
  }

  /**
   * @param digest the module's, where it was read
   */
  record Broken(String problem, @Nullable Digest digest) implements LoadResult {}
}
