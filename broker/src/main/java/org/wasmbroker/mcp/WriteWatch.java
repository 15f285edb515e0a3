package org.wasmbroker.mcp;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.concurrent.TaskLoop;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.McpEvent;

/**
 * Ends writes to clients that do not read: it interrupts their thread, which closes the connection.
 */
final class WriteWatch implements AutoCloseable {
  private final Duration limit;
  private final EventSink events;
  private final Set<Write> writes = ConcurrentHashMap.newKeySet();
  private final TaskLoop loop = new TaskLoop("mcp-writes", this::look);

  /** What writes. */
  @FunctionalInterface
  interface Body {
    void write() throws IOException;
  }

  /** One write; the thread is null when it has ended. */
  private static final class Write {
    private final long began = System.nanoTime();
    private @Nullable Thread thread = Thread.currentThread(); // guarded by this

    synchronized void end() {
      thread = null;
    }

    synchronized boolean interrupt() {
      var writing = thread;
      thread = null;
      if (writing != null) {
        writing.interrupt();
      }
      return writing != null;
    }
  }

  /**
   * @param limit how long one write may take
   */
  WriteWatch(Duration limit, EventSink events) {
    this.limit = limit;
    this.events = events;
  }

  void start() {
    loop.start();
  }

  /** Runs a write, for no longer than the limit. */
  void run(Body body) throws IOException {
    var write = new Write();
    writes.add(write);
    try {
      body.write();
    } finally {
      write.end();
      writes.remove(write);
    }
  }

  private Duration look() {
    long now = System.nanoTime();
    for (var write : writes) {
      if (now - write.began > limit.toNanos() && write.interrupt()) {
        events.on(new McpEvent.Refused(McpEvent.Reason.SLOW));
      }
    }
    return limit.dividedBy(4);
  }

  @Override
  public void close() {
    loop.close();
  }
}
