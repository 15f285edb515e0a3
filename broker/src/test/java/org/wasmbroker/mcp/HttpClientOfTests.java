package org.wasmbroker.mcp;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks HTTP as bytes, so that it can say what a well-behaved client would not. */
final class HttpClientOfTests {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final List<String> USUAL =
      List.of("Content-Type: application/json", "Accept: application/json, text/event-stream");

  private final InetSocketAddress address;

  HttpClientOfTests(InetSocketAddress address) {
    this.address = address;
  }

  /** A whole response. */
  record Answer(int status, String head, String body) {
    JsonNode json() {
      return JSON.readTree(body);
    }

    /** The value of a header, or an empty text. */
    String header(String name) {
      return head.lines()
          .filter(
              line -> line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":"))
          .map(line -> line.substring(name.length() + 1).strip())
          .findFirst()
          .orElse("");
    }

    /** The messages of a stream of events. */
    List<JsonNode> events() {
      return body.lines()
          .filter(line -> line.startsWith("data: "))
          .map(line -> JSON.readTree(line.substring("data: ".length())))
          .toList();
    }
  }

  Answer post(String body, String... headers) {
    return send("POST", "/mcp", body, headers);
  }

  /** With the usual headers, unless one of the given has the same name. */
  Answer send(String method, String path, String body, String... headers) {
    try (var socket = open(method, path, body, headers)) {
      var bytes = socket.getInputStream().readAllBytes();
      return parse(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException unexpected) {
      throw new UncheckedIOException(unexpected);
    }
  }

  /** Sends a request, and leaves the rest to the caller. */
  Socket open(String method, String path, String body, String... headers) throws IOException {
    var all = new ArrayList<String>();
    all.add("Connection: close");
    all.addAll(List.of(headers));
    addUnlessNamed(all, "Host: localhost:" + address.getPort());
    USUAL.forEach(each -> addUnlessNamed(all, each));
    addUnlessNamed(all, "Content-Length: " + body.getBytes(StandardCharsets.UTF_8).length);
    var socket = new Socket(address.getAddress(), address.getPort());
    var text = method + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", all) + "\r\n\r\n" + body;
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
    socket.getOutputStream().flush();
    return socket;
  }

  private static void addUnlessNamed(List<String> headers, String header) {
    var name = header.substring(0, header.indexOf(':') + 1).toLowerCase(Locale.ROOT);
    if (headers.stream().noneMatch(each -> each.toLowerCase(Locale.ROOT).startsWith(name))) {
      headers.add(header);
    }
  }

  private static Answer parse(String text) {
    int end = text.indexOf("\r\n\r\n");
    var head = text.substring(0, end);
    var body = text.substring(end + 4);
    return new Answer(
        Integer.parseInt(head.split(" ", 3)[1]),
        head,
        head.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")
            ? unchunked(body)
            : body);
  }

  /** The parts of a body; sizes are in bytes, and the texts of the tests are ASCII. */
  private static String unchunked(String body) {
    var whole = new StringBuilder();
    int at = 0;
    while (at < body.length()) {
      int line = body.indexOf("\r\n", at);
      if (line < 0) {
        break;
      }
      int size = Integer.parseInt(body.substring(at, line).strip(), 16);
      whole.append(body, line + 2, Math.min(body.length(), line + 2 + size));
      at = line + 2 + size + 2;
    }
    return whole.toString();
  }
}
