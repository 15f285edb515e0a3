package org.wasmbroker.registry.image;

import org.wasmbroker.sandbox.Access;
import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;

/**
 * All that an image depends on, and nothing that is of one step: the module as it was compiled, the
 * configuration, and what {@code prepare} can tell of limits and grants. Time is not among the
 * limits, since a preparation that ended in time left the same as with more of it.
 */
record ImageKey(CompiledModule module, HandlerConfiguration configuration, Terms terms) {
  /** For what is kept beside the configuration and the image, in bytes. */
  private static final int OVERHEAD = 400;

  /** What {@code prepare} may use, by which it may end in one way or another. */
  record Terms(
      long memory,
      long tableElements,
      long fuel,
      long hostCalls,
      long log,
      long logLine,
      long input,
      boolean mayLog,
      boolean mayRead,
      boolean mayReadContent) {
    static Terms of(Limits limits, Access access) {
      return new Terms(
          limits.memoryBytes(),
          limits.of(LimitKind.TABLE_ELEMENTS),
          limits.fuel(),
          limits.hostCalls(),
          limits.of(LimitKind.LOG),
          limits.of(LimitKind.LOG_LINE),
          limits.of(LimitKind.INPUT),
          access.isGranted("log"),
          access.isGranted("read_input"),
          access.isGranted("read_content"));
    }
  }

  /** For a look-up: it shares the bytes of the step document. */
  static ImageKey of(CompiledModule module, Invocation invocation) {
    return new ImageKey(
        module,
        HandlerConfiguration.of(invocation.input()),
        Terms.of(invocation.limits(), invocation.access()));
  }

  /** To be kept: it does not keep the step document. */
  ImageKey copy() {
    return new ImageKey(module, configuration.copy(), terms);
  }

  /** What it occupies, in bytes. */
  long bytes() {
    return (long) OVERHEAD + configuration.size();
  }

  /** Differs for different keys, as far as 64 bits can. */
  long fingerprint() {
    return configuration.hash() ^ Integer.toUnsignedLong(31 * module.hashCode() + terms.hashCode());
  }

  @Override
  public int hashCode() {
    return 31 * configuration.hashCode() + module.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ImageKey that
        && module.equals(that.module)
        && terms.equals(that.terms)
        && configuration.equals(that.configuration);
  }
}
