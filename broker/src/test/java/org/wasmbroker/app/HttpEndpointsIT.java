package org.wasmbroker.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.telemetry.micrometer.KnownValues;
import org.wasmbroker.telemetry.micrometer.PrometheusMetrics;

/** Misbehaving clients; slow, because it waits for timeouts. */
class HttpEndpointsIT {
  private final PrometheusMetrics metrics = new PrometheusMetrics("0.1.0", KnownValues.NONE);
  private final HttpEndpoints endpoints =
      new HttpEndpoints(
          new HttpConfig("127.0.0.1", 0),
          threads -> TestPages.standalone(metrics, List.of(), threads));

  @BeforeEach
  void start() {
    endpoints.start();
  }

  @AfterEach
  void close() {
    endpoints.close();
    metrics.close();
  }

  @Test
  void aRequestThatNeverEndsIsDisconnected() throws IOException {
    try (var slow = connect()) {
      slow.getOutputStream().write(ascii("GET /health/live HTTP/1.1\r\nHost: x\r\nX-More: "));

      assertThat(answer(slow)).isEmpty();
    }
  }

  @Test
  void aRequestWithOversizedHeadersIsRejected() throws IOException {
    try (var talkative = connect()) {
      var header = "X-More: " + "x".repeat(20_000) + "\r\n";
      talkative.getOutputStream().write(ascii("GET /health/live HTTP/1.1\r\n" + header + "\r\n"));

      assertThat(answer(talkative)).doesNotContain("200 OK");
    }
  }

  @Test
  void slowClientsDoNotBlockOthers() throws IOException {
    try (var slow = connect();
        var slower = connect();
        var quick = connect()) {
      slow.getOutputStream().write(ascii("GET /metr"));
      slower.getOutputStream().write(ascii("G"));
      quick
          .getOutputStream()
          .write(ascii("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));

      assertThat(answer(quick)).startsWith("HTTP/1.1 200 OK");
    }
  }

  private Socket connect() throws IOException {
    var socket = new Socket(endpoints.address().getAddress(), endpoints.address().getPort());
    socket.setSoTimeout(300_000);
    return socket;
  }

  private static String answer(Socket socket) throws IOException {
    try {
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    } catch (SocketException reset) {
      return "";
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
