package org.wasmbroker.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A server that follows the script of a recorded case of {@code http_request}: one exchange per
 * connection. {@code handlers-wasm/README.md} describes the scripts. It responds to any other
 * request than the scripted one with status 599 and the difference.
 */
public final class ScriptedServer implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *(\\d+)");

  private final ServerSocket socket;
  private final List<JsonNode> exchanges;
  private final Thread thread;
  private final AtomicInteger served = new AtomicInteger();

  /** From which the last connection comes; 0 as long as there is none. */
  private volatile int last;

  /**
   * @param script an array of exchanges
   */
  public ScriptedServer(JsonNode script) throws IOException {
    socket = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    exchanges = new ArrayList<>();
    script.forEach(exchanges::add);
    thread = Thread.ofVirtual().name("scripted-server").start(this::serve);
  }

  public int port() {
    return socket.getLocalPort();
  }

  /**
   * The number of exchanges of the script that did not take place, when the client is done. The
   * server may not have come to a client that did not wait for it, so it gets one more connection,
   * which it accepts after all others and as its last one.
   */
  public int unservedExchanges() throws IOException {
    try (var end = new Socket()) {
      end.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      last = end.getLocalPort();
      end.connect(socket.getLocalSocketAddress());
      thread.join();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return exchanges.size() - served.get();
  }

  private void serve() {
    for (var exchange : exchanges) {
      try (var client = socket.accept()) {
        if (client.getPort() == last) {
          return;
        }
        served.incrementAndGet();
        serve(client, exchange);
      } catch (IOException gone) {
        // The client does not want the rest, or the test is over.
        if (socket.isClosed()) {
          return;
        }
      }
    }
  }

  private static void serve(Socket client, JsonNode exchange) throws IOException {
    var in = client.getInputStream();
    var difference = difference(read(in), exchange.get("request").asString());
    var out = client.getOutputStream();
    if (difference != null) {
      var body = difference.getBytes(UTF_8);
      var head = "HTTP/1.1 599 Mismatch\r\ncontent-length: %d\r\n\r\n".formatted(body.length);
      out.write(head.getBytes(UTF_8));
      out.write(body);
      return;
    }
    var response = exchange.get("answer");
    switch (response.isString() ? response.asString() : "") {
      case "close" -> {}
      case "hang" -> in.transferTo(ByteArrayOutputStream.nullOutputStream());
      default -> out.write(RecordedCases.bytes(response));
    }
  }

  private static String read(InputStream in) throws IOException {
    var request = new ByteArrayOutputStream();
    var piece = new byte[16 << 10];
    while (true) {
      int count = in.read(piece);
      if (count > 0) {
        request.write(piece, 0, count);
      }
      var text = request.toString(UTF_8);
      int end = text.indexOf("\r\n\r\n");
      if (count < 0
          || (end >= 0 && text.substring(end + 4).getBytes(UTF_8).length >= length(text))) {
        return text;
      }
    }
  }

  private static int length(String request) {
    var found = LENGTH.matcher(request);
    return found.find() ? Integer.parseInt(found.group(1)) : 0;
  }

  private static @Nullable String difference(String request, String expected) {
    var parts = request.split("\r\n\r\n", 2);
    var expectedParts = expected.split("\n\n", 2);
    var lines = List.of(parts[0].split("\r\n"));
    var expectedLines = List.of(expectedParts[0].split("\n"));
    var line = lines.getFirst().replace(" HTTP/1.1", "");
    if (!line.equals(expectedLines.getFirst())) {
      return "'%s' came, not '%s'".formatted(line, expectedLines.getFirst());
    }
    var headers = lines.stream().skip(1).map(ScriptedServer::header).toList();
    for (var header : expectedLines.subList(1, expectedLines.size())) {
      boolean absent = header.startsWith("!");
      boolean present =
          absent
              ? headers.stream().anyMatch(sent -> sent.startsWith(header.substring(1) + ":"))
              : headers.contains(header);
      if (present == absent) {
        return "the header '%s' is %sthere".formatted(header, absent ? "" : "not ");
      }
    }
    var body = parts.length > 1 ? parts[1] : "";
    var expectedBody = expectedParts.length > 1 ? expectedParts[1] : "";
    return body.equals(expectedBody)
        ? null
        : "the body '%s' came, not '%s'".formatted(body, expectedBody);
  }

  private static String header(String line) {
    int colon = line.indexOf(':');
    return line.substring(0, colon).toLowerCase(Locale.ROOT)
        + ": "
        + line.substring(colon + 1).strip();
  }

  @Override
  public void close() {
    try {
      socket.close();
      thread.join();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
