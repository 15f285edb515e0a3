package org.wasmbroker.registry.release;

import org.jspecify.annotations.Nullable;

/**
 * A module cannot be read from its source; the message names the module, the location and the
 * remedy.
 */
public final class ModuleSourceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ModuleSourceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
