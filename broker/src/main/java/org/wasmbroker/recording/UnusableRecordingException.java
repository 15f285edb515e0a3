package org.wasmbroker.recording;

/** A file is no recording, or none that can be replayed; the message says where and why. */
public final class UnusableRecordingException extends Exception {
  private static final long serialVersionUID = 1;

  public UnusableRecordingException(String message) {
    super(message);
  }
}
