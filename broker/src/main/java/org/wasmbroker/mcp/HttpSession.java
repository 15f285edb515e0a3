package org.wasmbroker.mcp;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A session of a client over HTTP. Thread-safe. */
final class HttpSession {
  private static final int MAX_WAITING = 100;
  private static final int MAX_STREAMS = 4;

  private final String id;
  private final Peer peer;

  /** Messages that belong to no request, for one of the streams; more are dropped. */
  private final BlockingQueue<ObjectNode> waiting = new ArrayBlockingQueue<>(MAX_WAITING);

  private final AtomicInteger streams = new AtomicInteger();
  private volatile boolean ended;
  private volatile long used = System.nanoTime();
  private final Runnable forget;

  HttpSession(String id, String owner, McpServer server) {
    this.id = id;
    this.peer = new Peer(owner, waiting::offer);
    this.forget = server.tellChanges(peer);
  }

  String id() {
    return id;
  }

  Peer peer() {
    return peer;
  }

  void use() {
    used = System.nanoTime();
  }

  boolean hasEnded() {
    return ended;
  }

  /** Whether nobody has used it for this time. */
  boolean isIdle(long nanos) {
    return peer.isIdle() && streams.get() == 0 && System.nanoTime() - used > nanos;
  }

  /** Takes a place for a stream, which {@link #closeStream} gives back; false if there is none. */
  boolean openStream() {
    if (streams.incrementAndGet() > MAX_STREAMS) {
      streams.decrementAndGet();
      return false;
    }
    return true;
  }

  void closeStream() {
    use();
    streams.decrementAndGet();
  }

  /** The next message, or null if there is none for some time. */
  @Nullable ObjectNode await(long nanos) throws InterruptedException {
    return waiting.poll(nanos, TimeUnit.NANOSECONDS);
  }

  /** Stops what runs in it. */
  void end() {
    ended = true;
    forget.run();
    peer.cancelAll("the session has ended");
  }
}
