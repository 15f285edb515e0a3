package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hc.client5.http.io.ConnectionEndpoint;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.TimeValue;
import org.jspecify.annotations.Nullable;

/**
 * One request on one connection. Used by one thread, except for {@link #abort}. Ends once, with
 * {@link #releaseForReuse} or {@link #discard}.
 */
final class Exchange {
  private final HttpClientConnectionManager pool;
  private final ConnectionEndpoint endpoint;
  private final ClassicHttpRequest request;
  private final String owner;
  private final TimeValue idleTimeout;
  private final HttpCall call;
  private final AtomicBoolean held = new AtomicBoolean(true);
  private @Nullable ClassicHttpResponse response;
  private long connectNanos;

  Exchange(
      HttpClientConnectionManager pool,
      ConnectionEndpoint endpoint,
      ClassicHttpRequest request,
      String owner,
      TimeValue idleTimeout,
      HttpCall call) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.request = request;
    this.owner = owner;
    this.idleTimeout = idleTimeout;
    this.call = call;
  }

  void connected(long nanos) {
    connectNanos = nanos;
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

  /** Closes the connection while another thread waits for it. Thread-safe. */
  void abort() {
    if (held.get()) {
      endpoint.close(CloseMode.IMMEDIATE);
    }
  }

  /** The response was read completely: the connection may serve the owner's next request. */
  void releaseForReuse() {
    var context = HttpCoreContext.create();
    if (!call.isAborted()
        && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response(), context)) {
      if (held.compareAndSet(true, false)) {
        pool.release(endpoint, owner, idleTimeout);
      }
    } else {
      discard();
    }
  }

  /** Closes the connection without reading the rest of the response. */
  void discard() {
    if (held.compareAndSet(true, false)) {
      endpoint.close(CloseMode.IMMEDIATE);
      pool.release(endpoint, null, TimeValue.ZERO_MILLISECONDS);
    }
  }
}
