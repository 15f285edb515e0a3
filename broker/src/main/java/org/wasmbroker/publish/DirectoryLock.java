package org.wasmbroker.publish;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The turn of one writer of a module directory, whichever process it is in. */
final class DirectoryLock implements AutoCloseable {
  private static final String FILE = ".wasm-broker.lock";
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final FileChannel channel;

  private DirectoryLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Waits for the turn. The file stays there: who deleted it could give the turn to two writers.
   *
   * @throws IOException if another writer does not end, or the directory cannot be written to
   */
  static DirectoryLock acquire(Path directory) throws IOException {
    var file = directory.resolve(FILE);
    var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      long deadline = System.nanoTime() + MAX_WAIT.toNanos();
      while (!isLocked(channel)) {
        if (System.nanoTime() > deadline) {
          throw new IOException(
              "another process has been writing to " + directory + " for a minute");
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      return new DirectoryLock(channel);
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException otherThread) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
