package org.wasmbroker.sandbox.files;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestCapability;
import org.wasmbroker.step.Document;

/**
 * The directories that are granted to one step. Each of its runs begins with them as they were
 * given, as it begins with a fresh memory: what one run writes is not there for the next, which may
 * happen in another broker. Used by the step's thread.
 */
public interface GuestFiles extends GuestCapability {
  /**
   * The directories of a run that begins; those of the run before are gone.
   *
   * @param clock nanoseconds since 1970, as the guest sees them
   * @param content what the guest's module carries beside its code, or null
   * @throws UnusableContentException if a directory is that content and it is no archive
   * @throws IllegalStateException if the memory for the files of all steps is used up
   */
  FileSystem begin(LongSupplier clock, @Nullable Document content);
}
