package org.wasmbroker.oci;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.url.HttpUrl;

/** A response, whose body is read within the time of its request. To be closed. */
final class Answer implements AutoCloseable {
  private static final int BUFFER = 64 << 10;

  private final HttpUrl url;
  private final ClassicHttpResponse response;
  private final ExchangeTime time;
  private boolean complete;

  /**
   * @param url that responded, at the end of all redirects
   */
  Answer(HttpUrl url, ClassicHttpResponse response, ExchangeTime time) {
    this.url = url;
    this.response = response;
    this.time = time;
    this.complete = response.getEntity() == null;
  }

  HttpUrl url() {
    return url;
  }

  int status() {
    return response.getCode();
  }

  /** The first header of that name, or null. */
  @Nullable String header(String name) {
    Header header = response.getFirstHeader(name);
    return header == null ? null : header.getValue();
  }

  List<String> headers(String name) {
    return Arrays.stream(response.getHeaders(name)).map(Header::getValue).toList();
  }

  /** The media type without parameters; empty if there is none. */
  String contentType() {
    var type = header("Content-Type");
    if (type == null) {
      return "";
    }
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip();
  }

  /**
   * The body.
   *
   * @param what for the message
   * @throws OciException if it has more bytes, or ends too early
   */
  byte[] body(String what, int maxBytes) {
    var bytes = new ByteArrayOutputStream();
    copy(what, maxBytes, bytes::write);
    return bytes.toByteArray();
  }

  /** The beginning of the body; what cannot be read is left out. */
  byte[] bodyStart(int maxBytes) {
    try {
      var entity = response.getEntity();
      return entity == null ? new byte[0] : entity.getContent().readNBytes(maxBytes);
    } catch (IOException | RuntimeException unreadable) {
      return new byte[0];
    }
  }

  /** Takes the parts of a body. */
  interface Sink {
    void write(byte[] buffer, int offset, int length);
  }

  /**
   * Passes the body on in parts.
   *
   * @throws OciException if it has more bytes, or ends too early
   */
  void copy(String what, long maxBytes, Sink sink) {
    if (response.getEntity() == null) {
      return;
    }
    try {
      long announced = response.getEntity().getContentLength();
      if (announced > maxBytes) {
        throw tooLarge(what, maxBytes);
      }
      var stream = response.getEntity().getContent();
      copy(stream, what, maxBytes, sink);
      complete = true;
    } catch (IOException broken) {
      throw time.failure(what + ": the response was cut off", broken);
    }
  }

  private static void copy(InputStream stream, String what, long maxBytes, Sink sink)
      throws IOException {
    var buffer = new byte[BUFFER];
    long total = 0;
    for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
      total += read;
      if (total > maxBytes) {
        throw tooLarge(what, maxBytes);
      }
      sink.write(buffer, 0, read);
    }
  }

  private static OciException tooLarge(String what, long maxBytes) {
    return new OciException(
        OciException.Kind.TOO_LARGE,
        "%s has more than %d bytes, which are allowed".formatted(what, maxBytes));
  }

  /** A body that was not read to its end, which may have none, is not waited for. */
  @Override
  public void close() {
    if (!complete) {
      time.abort();
    }
    try {
      response.close();
    } catch (IOException | RuntimeException unimportant) {
      // the connection is gone, which is what was wanted
    }
    time.close();
  }
}
