package org.wasmbroker.testing;

import org.wasmbroker.sandbox.CompiledModule;
import org.wasmbroker.sandbox.ComputePermit;
import org.wasmbroker.sandbox.HandlerConfiguration;
import org.wasmbroker.sandbox.Invocation;
import org.wasmbroker.sandbox.Preparation;
import org.wasmbroker.sandbox.PreparationResult;

/** Invocations that start from the image of their configuration. */
public final class PreparedInvocations {
  private PreparedInvocations() {}

  /** The same with an image, which the module must be able to make. */
  public static Invocation prepared(CompiledModule module, Invocation invocation) {
    var preparation =
        new Preparation(
            invocation.handler(),
            HandlerConfiguration.of(invocation.input()).document(),
            invocation.limits(),
            invocation.cancellation(),
            invocation.log(),
            invocation.access(),
            ComputePermit.UNSHARED,
            Long.MAX_VALUE);
    return switch (module.imageMaker().orElseThrow().prepare(preparation)) {
      case PreparationResult.Prepared(var image, var _) -> invocation.withImage(image);
      case PreparationResult.Failed(var result) -> throw new AssertionError(result);
      case PreparationResult.TooLarge(var bytes, var _) -> throw new AssertionError(bytes);
    };
  }
}
