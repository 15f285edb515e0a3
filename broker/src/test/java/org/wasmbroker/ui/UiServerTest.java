package org.wasmbroker.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UiServerTest {
  private static final Status STATUS = new Status("1.2.3", null, List.of("one is left out"));

  @TempDir private Path directory;

  private final Playground playground = new Playground(STATUS, List.of());
  private final UiServer server =
      new UiServer(playground, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void servesThePageAndWhatItNeeds() throws IOException {
    assertThat(get("/")).startsWith("HTTP/1.1 200").contains("text/html", "<html lang=\"en\">");
    assertThat(get("/playground.js")).startsWith("HTTP/1.1 200").contains("text/javascript");
    assertThat(get("/host.js")).startsWith("HTTP/1.1 200");
    assertThat(get("/style.css")).startsWith("HTTP/1.1 200").contains("text/css");
    assertThat(get("/icon.svg")).startsWith("HTTP/1.1 200").contains("image/svg+xml");
    assertThat(get("/catalog.json"))
        .startsWith("HTTP/1.1 200")
        .contains("\"version\":\"1.2.3\"", "one is left out");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: localhost",
        "HEAD /host.js HTTP/1.1\r\nHost: localhost",
        "GET /missing HTTP/1.1\r\nHost: localhost",
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0",
        "GET / HTTP/1.1\r\nHost: evil.example",
      })
  void everyResponseHasThePolicyAlsoOneThatRefuses(String request) throws IOException {
    assertThat(ask(request))
        .contains(
            "Content-security-policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"
                + " worker-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
            "X-content-type-options: nosniff\r\n",
            "Referrer-policy: no-referrer\r\n",
            "Cross-origin-opener-policy: same-origin\r\n",
            "Cross-origin-embedder-policy: require-corp\r\n",
            "Cross-origin-resource-policy: same-origin\r\n")
        .doesNotContain("unsafe-inline", "'unsafe-eval'");
  }

  @Test
  void theScriptOfTheWorkersMayReachNothing() throws IOException {
    assertThat(get("/worker.js")).startsWith("HTTP/1.1 200").contains("connect-src 'none';");
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example:80", "localhost.", "", "[::2]"})
  void aRequestThatNamesAnotherHostIsRefused(String host) throws IOException {
    assertThat(ask("GET / HTTP/1.1\r\nHost: " + host)).startsWith("HTTP/1.1 421");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1:8780", "[::1]:8780", "LOCALHOST:1"})
  void theNamesOfLoopbackAreItsOwn(String host) throws IOException {
    assertThat(ask("GET / HTTP/1.1\r\nHost: " + host)).startsWith("HTTP/1.1 200");
  }

  @Test
  void theLoopbackAddressThatItListensOnIsItsOwn() throws IOException {
    var address = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    try (var other = new UiServer(playground, new InetSocketAddress(address, 0))) {
      other.start();

      var answer = ask(other, "GET / HTTP/1.1\r\nHost: 127.0.0.2:8780");

      assertThat(answer).startsWith("HTTP/1.1 200");
      assertThat(ask(other, "GET / HTTP/1.1\r\nHost: 127.0.0.3")).startsWith("HTTP/1.1 421");
    }
    assertThat(ask("GET / HTTP/1.1\r\nHost: 127.0.0.2")).startsWith("HTTP/1.1 421");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET http://localhost HTTP/1.1\r\nHost: localhost",
        "GET /?a={b} HTTP/1.1\r\nHost: localhost",
        "OPTIONS * HTTP/1.1\r\nHost: localhost"
      })
  void whatTheJdkRefusesByItselfHasNothingOfTheRequestInIt(String request) throws IOException {
    var refused = ask(request);
    assertThat(refused).startsWith("HTTP/1.1 4");
    assertThat(refused.substring(refused.indexOf("\r\n\r\n")))
        .doesNotContain("localhost", "{b}", "*");
  }

  @Test
  void aRequestWithoutAHostIsRefused() throws IOException {
    assertThat(ask("GET / HTTP/1.0")).contains(" 421 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../pom.xml",
        "/..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/web/../host.js",
        "/modules/",
        "/modules/0000000000000000000000000000000000000000000000000000000000000000.wasm",
        "/SOURCES.sha256",
        "/host.js/",
        "/HOST.JS",
      })
  void nothingElseIsThere(String path) throws IOException {
    assertThat(get(path)).startsWith("HTTP/1.1 404");
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void otherMethodsAreRefused(String method) throws IOException {
    assertThat(ask(method + " / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0"))
        .startsWith("HTTP/1.1 405")
        .contains("Allow: GET, HEAD");
  }

  @Test
  void aBrowserAsksAgainAndGetsWhatHasChanged() throws IOException {
    var first = get("/host.js");
    var tag = first.lines().filter(line -> line.startsWith("Etag: ")).findFirst().orElseThrow();

    var again =
        ask(
            "GET /host.js HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "
                + tag.substring("Etag: ".length()));

    assertThat(first).contains("Cache-control: no-cache");
    assertThat(again).startsWith("HTTP/1.1 304").endsWith("\r\n\r\n");
  }

  @Test
  void headHasNoBody() throws IOException {
    assertThat(ask("HEAD / HTTP/1.1\r\nHost: localhost"))
        .startsWith("HTTP/1.1 200")
        .endsWith("\r\n\r\n");
  }

  @Test
  void itListensOnLoopbackOnly() {
    assertThatThrownBy(() -> new UiServer(playground, new InetSocketAddress("0.0.0.0", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a loopback address")
        .hasMessageContaining("--export");
  }

  @Test
  void anExportHasTheSameFilesAndTheirHeaders() throws IOException {
    var site = directory.resolve("site");

    playground.export(site);

    try (var files = Files.list(site)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "_headers",
              "catalog.json",
              "host.js",
              "icon.svg",
              "index.html",
              "modules",
              "playground.js",
              "style.css",
              "worker.js");
    }
    assertThat(Files.readString(site.resolve("_headers")))
        .contains("/*\n  Content-Security-Policy: ", "/worker.js\n", "connect-src 'none'");
    assertThatThrownBy(() -> playground.export(site))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not empty");
  }

  private String get(String path) throws IOException {
    return ask("GET " + path + " HTTP/1.1\r\nHost: localhost");
  }

  /** The whole response, with its headers as the JDK's server writes them. */
  private String ask(String request) throws IOException {
    return ask(server, request);
  }

  private static String ask(UiServer server, String request) throws IOException {
    var address = server.address();
    try (var socket = new Socket(address.getAddress(), address.getPort())) {
      socket
          .getOutputStream()
          .write((request + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
