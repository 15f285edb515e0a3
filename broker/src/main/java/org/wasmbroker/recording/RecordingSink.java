package org.wasmbroker.recording;

import java.nio.ByteBuffer;

/** Where recordings go. Thread-safe. */
@FunctionalInterface
public interface RecordingSink {
  /**
   * Takes a recording, to be written.
   *
   * @param name of its file
   * @return false if it cannot be taken
   */
  boolean offer(String name, ByteBuffer recording);
}
