package org.wasmbroker.registry;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.step.Digest;

/** What came of loading one version of a handler. */
sealed interface Loaded {
  Resolution asResolution();

  record Usable(Manifest manifest, Resolution.Resolved resolved) implements Loaded {
    @Override
    public Resolution asResolution() {
      return resolved;
    }
  }

  /**
   * @param digest the module's, where it was read
   */
  record Broken(String problem, @Nullable Digest digest) implements Loaded {
    @Override
    public Resolution asResolution() {
      return new Resolution.Refused(problem);
    }
  }
}
