package org.wasmbroker.session;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.wasmbroker.sandbox.files.FileException;
import org.wasmbroker.sandbox.host.GuestCommand.TooMuchOutputException;

/** Where a stream of a command goes. Used by one thread at a time. */
sealed interface Sink {
  void write(byte[] bytes) throws FileException;

  /** To nowhere. */
  record Nowhere() implements Sink {
    @Override
    public void write(byte[] bytes) {
      // that is what it is for
    }
  }

  /** To a file. */
  record ToFile(SessionFiles.Out file) implements Sink {
    @Override
    public void write(byte[] bytes) throws FileException {
      file.write(bytes);
    }
  }

  /** To the next command. More than it may have ends the command. */
  final class Pipe implements Sink {
    private final long maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Pipe(long maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public void write(byte[] more) {
      if (bytes.size() + (long) more.length > maxBytes) {
        throw new TooMuchOutputException(bytes.size() + (long) more.length);
      }
      bytes.writeBytes(more);
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }

  /**
   * To the client: the first bytes are kept, the others counted. What is new can be taken by
   * another thread meanwhile.
   */
  final class Kept implements Sink {
    private final int maxBytes;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(); // guarded by this
    private long dropped; // guarded by this
    private int told; // guarded by this

    Kept(int maxBytes) {
      this.maxBytes = maxBytes;
    }

    @Override
    public synchronized void write(byte[] more) {
      int count = Math.min(more.length, maxBytes - bytes.size());
      bytes.write(more, 0, count);
      dropped += more.length - count;
    }

    synchronized byte[] bytes() {
      return bytes.toByteArray();
    }

    /** How many bytes were dropped. */
    synchronized long dropped() {
      return dropped;
    }

    /** What was kept since this was called last. */
    synchronized byte[] takeNew() {
      var all = bytes.toByteArray();
      int end = Texts.endOfCharacters(all, told, all.length);
      var fresh = Arrays.copyOfRange(all, told, end);
      told = end;
      return fresh;
    }
  }
}
