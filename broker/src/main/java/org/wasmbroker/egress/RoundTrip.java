package org.wasmbroker.egress;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.ProtocolException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultHttpResponseParser;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpMessageParser;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.http.message.BasicLineParser;
import org.apache.hc.core5.http.message.MessageSupport;
import org.jspecify.annotations.Nullable;

/** One request and its response head on a connection. Sends once, and never again by itself. */
final class RoundTrip {
  /** A server that sends more of them has no response. */
  private static final int MAX_INTERIM_RESPONSES = 100;

  private RoundTrip() {}

  /**
   * Sends the request and waits for the head of its response. A server may respond before it has
   * read the whole body, and close: its response counts.
   *
   * @param onUnread run if the server took less than the whole request, so that the connection can
   *     serve no other
   */
  static ClassicHttpResponse perform(
      ClassicHttpRequest request, HttpClientConnection connection, Runnable onUnread)
      throws IOException, HttpException {
    var unread = send(request, connection);
    try {
      var response = receiveHead(connection);
      if (MessageSupport.canResponseHaveBody(request.getMethod(), response)) {
        connection.receiveResponseEntity(response);
      }
      if (unread != null) {
        onUnread.run();
      }
      return response;
    } catch (IOException | HttpException noResponse) {
      if (unread != null) {
        noResponse.addSuppressed(unread);
      }
      throw noResponse;
    }
  }

  /** Why the server did not take all of it; null if it did. */
  private static @Nullable SocketException send(
      ClassicHttpRequest request, HttpClientConnection connection)
      throws IOException, HttpException {
    try {
      connection.sendRequestHeader(request);
      connection.sendRequestEntity(request);
      connection.flush();
      return null;
    } catch (SocketException closed) {
      return closed;
    }
  }

  private static ClassicHttpResponse receiveHead(HttpClientConnection connection)
      throws IOException, HttpException {
    for (int i = 0; i <= MAX_INTERIM_RESPONSES; i++) {
      var response = connection.receiveResponseHeader();
      if (response.getCode() >= HttpStatus.SC_SUCCESS) {
        return response;
      }
      if (response.getCode() == HttpStatus.SC_SWITCHING_PROTOCOLS) {
        throw new ProtocolException("another protocol, which was not requested");
      }
    }
    throw new ProtocolException("too many interim responses");
  }

  /** Parses response heads; the HTTP client's own parser takes one that is cut off for complete. */
  static HttpMessageParser<ClassicHttpResponse> parser(Http1Config config) {
    var parser = new DefaultHttpResponseParser(config, BasicLineParser.INSTANCE, null);
    return (SessionInputBuffer buffer, InputStream in) -> parser.parse(buffer, new HeadStream(in));
  }

  /** A head does not end with its connection. */
  private static final class HeadStream extends InputStream {
    private final InputStream in;

    HeadStream(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      return requireMore(in.read());
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return requireMore(in.read(into, offset, length));
    }

    private static int requireMore(int read) throws IOException {
      if (read < 0) {
        throw new ConnectionClosedException("the connection was closed before the end of the head");
      }
      return read;
    }
  }
}
