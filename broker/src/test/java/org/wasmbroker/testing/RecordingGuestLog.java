package org.wasmbroker.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.sandbox.GuestLog;

/** Records a guest's log lines, and lets tests wait for the first one. */
public final class RecordingGuestLog implements GuestLog {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);

  @Override
  public void line(Level level, String message, @Nullable String fields) {
    lines.add(level + " " + message + (fields == null ? "" : " " + fields));
    first.countDown();
  }

  /** Each as {@code LEVEL message fields}. */
  public List<String> lines() {
    return lines;
  }

  public void awaitFirstLine() throws InterruptedException {
    first.await();
  }
}
