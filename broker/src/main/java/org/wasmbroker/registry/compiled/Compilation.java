package org.wasmbroker.registry.compiled;

/** What became of the request for a compiled module. */
public sealed interface Compilation {
  /** It is compiled, and stays so until the lease is closed. */
  record Ready(Lease lease) implements Compilation {}

  /** The module is at fault; it is not compiled again for these limits. */
  record Refused(String reason) implements Compilation {}

  /** The engine is at fault; the next request compiles again. */
  record Failed(String reason) implements Compilation {}
}
