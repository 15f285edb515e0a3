package org.wasmbroker.session;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.files.FileSystem;
import org.wasmbroker.sandbox.files.FileUsage;
import org.wasmbroker.sandbox.files.GuestFiles;
import org.wasmbroker.step.CapabilityUsage;
import org.wasmbroker.step.Document;

/** A session's files as one run of a command has them, and what it did with them. */
final class RunFiles implements GuestFiles {
  private final Opening opening;
  private final FileUsage usage = new FileUsage();

  /** Opens the session's files. */
  @FunctionalInterface
  interface Opening {
    FileSystem open(FileUsage usage, LongSupplier clock);
  }

  RunFiles(Opening opening) {
    this.opening = opening;
  }

  @Override
  public FileSystem begin(LongSupplier clock, @Nullable Document content) {
    return opening.open(usage, clock);
  }

  @Override
  public @Nullable CapabilityUsage usage() {
    return usage.isEmpty() ? null : new CapabilityUsage("files", usage.counts());
  }
}
