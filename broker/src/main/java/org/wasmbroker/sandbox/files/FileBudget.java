package org.wasmbroker.sandbox.files;

import java.util.concurrent.atomic.AtomicLong;

/** The memory of the files of all steps together. Thread-safe. */
public final class FileBudget {
  private final long maxBytes;
  private final AtomicLong used = new AtomicLong();

  public FileBudget(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Reserves bytes, unless there are not as many. */
  public boolean reserve(long bytes) {
    long now = used.get();
    while (bytes <= maxBytes - now) {
      if (used.compareAndSet(now, now + bytes)) {
        return true;
      }
      now = used.get();
    }
    return false;
  }

  public void release(long bytes) {
    used.addAndGet(-bytes);
  }

  public long used() {
    return used.get();
  }

  public long maxBytes() {
    return maxBytes;
  }
}
