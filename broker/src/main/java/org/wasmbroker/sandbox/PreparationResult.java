package org.wasmbroker.sandbox;

import org.wasmbroker.step.Receipt;

/** How a preparation ended. */
public sealed interface PreparationResult {
  /** What it used; no bytes out. */
  Receipt receipt();

  /** Runs of the same configuration may start with the image. */
  record Prepared(PreparedImage image, Receipt receipt) implements PreparationResult {}

  /**
   * It succeeded, but its image would be larger than {@link Preparation#maxImageBytes}: runs have
   * to prepare themselves.
   *
   * @param bytes the least that the image would occupy
   */
  record TooLarge(long bytes, Receipt receipt) implements PreparationResult {}

  /**
   * It failed as a run fails, and every run of the same configuration would.
   *
   * @param result anything but {@link InvocationResult.Completed}
   */
  record Failed(InvocationResult result) implements PreparationResult {
    @Override
    public Receipt receipt() {
      return result.receipt();
    }
  }
}
