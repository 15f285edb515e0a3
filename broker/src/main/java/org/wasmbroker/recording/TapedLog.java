package org.wasmbroker.recording;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog;

/** Records the lines of a run, and passes them on. */
record TapedLog(GuestLog log, Tape tape) implements GuestLog {
  @Override
  public void line(Level level, String message, @Nullable String fields) {
    int size = message.length() + (fields == null ? 0 : fields.length());
    tape.add(new TapeEntry.Logged(level, message, fields), size);
    log.line(level, message, fields);
  }

  @Override
  public void instantiated() {
    log.instantiated();
  }

  /**
   * Not recorded, since a replay may start with an image and the recorded run not, or vice versa.
   */
  @Override
  public GuestLog preparation() {
    return log.preparation();
  }
}
