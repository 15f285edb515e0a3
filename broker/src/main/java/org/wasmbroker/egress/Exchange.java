package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpConnection;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.jspecify.annotations.Nullable;

/**
 * One request on one connection. Used by one thread, except for {@link #abort}. Ends once, with
 * {@link #releaseForReuse} or {@link #discard}.
 */
final class Exchange {
  private final ConnectionPool pool;
  private final ConnectionEndpoint endpoint;
  private final ClassicHttpRequest request;
  private final String owner;
  private final HttpCall call;
  private boolean held = true; // guarded by this
  private boolean unread;
  private @Nullable HttpConnection connection;
  private @Nullable ClassicHttpResponse response;
  private long connectNanos;

  Exchange(
      ConnectionPool pool,
      ConnectionEndpoint endpoint,
      ClassicHttpRequest request,
      String owner,
      HttpCall call) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.request = request;
    this.owner = owner;
    this.call = call;
  }

  ConnectionEndpoint endpoint() {
    return endpoint;
  }

  void connected(long nanos) {
    connectNanos = nanos;
  }

  void sendingOn(HttpConnection newConnection) {
    connection = newConnection;
  }

  /** The server took less than the whole request. */
  void requestUnread() {
    unread = true;
  }

  void responseReceived(ClassicHttpResponse newResponse) {
    response = newResponse;
  }

  /** 0 if a pooled connection was reused. */
  long connectNanos() {
    return connectNanos;
  }

  ClassicHttpResponse response() {
    if (response == null) {
      throw new IllegalStateException("no response yet");
    }
    return response;
  }

  /** The body as received; empty if the response has none. */
  InputStream body() throws IOException {
    var entity = response().getEntity();
    return entity == null ? InputStream.nullInputStream() : entity.getContent();
  }

  /**
   * Closes the connection while another thread waits for it; never one that was given back, and
   * that another request may be using already. Thread-safe.
   */
  synchronized void abort() {
    if (held) {
      endpoint.close(CloseMode.IMMEDIATE);
    }
  }

  /** The response was read completely: the connection may serve the owner's next request. */
  void releaseForReuse() {
    if (connection == null || unread || call.isAborted() || !isKeptAlive()) {
      discard();
    } else {
      release(connection);
    }
  }

  private boolean isKeptAlive() {
    return DefaultConnectionReuseStrategy.INSTANCE.keepAlive(
        request, response(), HttpCoreContext.create());
  }

  private synchronized void release(HttpConnection used) {
    if (held) {
      held = false;
      pool.release(endpoint, used, owner);
    }
  }

  /** Closes the connection without reading the rest of the response. */
  synchronized void discard() {
    if (held) {
      held = false;
      endpoint.close(CloseMode.IMMEDIATE);
      pool.discard(endpoint);
    }
  }
}
