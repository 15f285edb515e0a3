package org.wasmbroker.replay;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.recording.TapeEntry;
import org.wasmbroker.sandbox.GuestLog;

/** Compares the lines of a run with the recorded ones. */
record ReplayLog(Answers answers) implements GuestLog {
  @Override
  public void line(Level level, String message, @Nullable String fields) {
    answers.log(new TapeEntry.Logged(level, message, fields));
  }

  /** They are not recorded. */
  @Override
  public GuestLog preparation() {
    return GuestLog.NONE;
  }
}
