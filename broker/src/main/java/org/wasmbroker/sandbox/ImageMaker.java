package org.wasmbroker.sandbox;

/** Makes the images that runs of one module start with. */
@FunctionalInterface
public interface ImageMaker {
  /**
   * Runs {@code _initialize} and {@code prepare} in an instance of its own, on the calling thread,
   * and keeps what they changed. No native resource outlives the call.
   *
   * @throws IllegalArgumentException if the memory or table limits exceed those passed to {@link
   *     Engine#compile}
   * @throws IllegalStateException if the module is freed
   */
  PreparationResult prepare(Preparation preparation);
}
