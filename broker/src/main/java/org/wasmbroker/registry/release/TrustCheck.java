package org.wasmbroker.registry.release;

/**
 * Decides whether a module may run. It is asked before a module is compiled, and again for every
 * module in service after what it decides by has changed. Safe for use by several threads, and
 * never waits.
 */
public interface TrustCheck {
  /** Where nothing is demanded of modules. */
  TrustCheck NONE = (_, _) -> new Verdict.Trusted();

  Verdict check(Release release, Evidence evidence);
}
