package org.wasmbroker.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.mcp.HttpClientOfTests.Answer;
import org.wasmbroker.plan.catalog.Entries;
import org.wasmbroker.telemetry.BrokerEvent;
import org.wasmbroker.telemetry.McpEvent;
import org.wasmbroker.testing.Await;

/** Clients over HTTP, also those that mean no good. */
class HttpTransportIT {
  private static final String INITIALIZE =
      """
      {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{}}}""";
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}";
  private static final String META =
      """
      "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}""";
  private static final String NEW = "MCP-Protocol-Version: 2026-07-28";

  @TempDir private Path directory;

  private final Queue<BrokerEvent> events = new ConcurrentLinkedQueue<>();
  private McpRig rig = new McpRig(McpRig.config(List.of("*"), 50, 20, 2));
  private @Nullable HttpTransport transport;

  private HttpClientOfTests start() throws IOException {
    return start(Duration.ofMinutes(5));
  }

  private HttpClientOfTests start(Duration writeLimit) throws IOException {
    transport =
        new HttpTransport(
            rig.server(),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            events::add,
            writeLimit);
    transport.start();
    return new HttpClientOfTests(transport.address());
  }

  @AfterEach
  void stop() {
    if (transport != null) {
      transport.close();
    }
  }

  private static String session(HttpClientOfTests client, String... headers) {
    return "Mcp-Session-Id: " + client.post(INITIALIZE, headers).header("Mcp-Session-Id");
  }

  private static String call(String tool, String more) {
    return """
    {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s","arguments":{}%s}}"""
        .formatted(tool, more);
  }

  private static void assertRefused(Answer answer, int status) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().path("error").path("code").asInt(0)).isNegative();
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("POST", "/mcp", 421, "Host: evil.example"),
        Arguments.of("POST", "/mcp", 421, "Host: localhost.evil.example"),
        Arguments.of("POST", "/mcp", 403, "Origin: https://evil.example"),
        Arguments.of("POST", "/mcp", 403, "Origin: null"),
        Arguments.of("POST", "/mcp", 403, "Origin: http://localhost.evil.example"),
        Arguments.of("POST", "/", 404, "Accept: */*"),
        Arguments.of("POST", "/mcp/more", 404, "Accept: */*"),
        Arguments.of("PUT", "/mcp", 405, "Accept: */*"),
        Arguments.of("POST", "/mcp", 415, "Content-Type: text/plain"),
        Arguments.of("POST", "/mcp", 406, "Accept: text/html"),
        Arguments.of("GET", "/mcp", 406, "Accept: text/html"),
        Arguments.of("GET", "/mcp", 400, "Accept: text/event-stream"),
        Arguments.of("POST", "/mcp", 400, "Accept: */*"),
        Arguments.of("POST", "/mcp", 404, "Mcp-Session-Id: of-another-time"),
        Arguments.of("DELETE", "/mcp", 404, "Mcp-Session-Id: of-another-time"),
        Arguments.of("POST", "/mcp", 400, "MCP-Protocol-Version: 1999-01-01"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aRequestThatIsNotServedIsToldWhyAndTheNextOneIsServed(
      String method, String path, int status, String header) throws IOException {
    var client = start();

    assertRefused(client.send(method, path, PING, header), status);
    assertThat(client.post(PING, session(client)).status()).isEqualTo(200);
  }

  @Test
  void aBodyThatIsTooLargeIsNotRead() throws IOException {
    var client = start();

    assertRefused(client.post("\"" + "a".repeat(1 << 14) + "\""), 413);
    assertThat(events).contains(new McpEvent.Refused(McpEvent.Reason.TOO_LARGE));
  }

  @Test
  void aBodyThatIsNoMessageIsRefused() throws IOException {
    var client = start();

    assertRefused(client.post("{"), 400);
    assertRefused(client.post("[" + PING + "]", session(client)), 400);
  }

  @Test
  void pagesOfTheSameMachineAreServed() throws IOException {
    var client = start();

    assertThat(client.post(INITIALIZE, "Origin: http://localhost:6274").status()).isEqualTo(200);
    assertThat(client.post(INITIALIZE, "Host: [::1]:80", "Origin: http://[::1]").status())
        .isEqualTo(200);
  }

  @Test
  void aSessionLastsUntilItIsEnded() throws IOException {
    var client = start();
    var session = session(client);

    assertThat(
            client
                .post("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", session)
                .status())
        .isEqualTo(202);
    assertThat(client.post(PING, session).json().path("id").asInt(0)).isEqualTo(9);
    assertThat(client.send("DELETE", "/mcp", "", session).status()).isEqualTo(204);
    assertRefused(client.post(PING, session), 404);
  }

  @Test
  void moreSessionsThanTheLimitAreRefusedUntilOneEnds() throws IOException {
    var client = start();
    var first = session(client);
    var _ = session(client);

    assertRefused(client.post(INITIALIZE), 503);
    var _ = client.send("DELETE", "/mcp", "", first);
    assertThat(client.post(INITIALIZE).status()).isEqualTo(200);
    assertThat(events)
        .contains(
            new McpEvent.Sessions(2),
            new McpEvent.Sessions(1),
            new McpEvent.Refused(McpEvent.Reason.BUSY));
  }

  @Test
  void aSessionThatCannotBeInitializedTakesNoPlace() throws IOException {
    var client = start();
    for (int i = 0; i < 5; i++) {
      assertThat(
              client
                  .post("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}")
                  .json()
                  .path("error")
                  .path("code")
                  .asInt(0))
          .isEqualTo(-32602);
    }
    assertThat(client.post(INITIALIZE).status()).isEqualTo(200);
  }

  @Test
  void progressAndLogLinesAreEventsBeforeTheAnswer() throws IOException {
    rig.steps().logBefore("one");
    var client = start();

    var answer =
        client.post(call("transform", ",\"_meta\":{\"progressToken\":7}"), session(client));

    assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
    assertThat(answer.events())
        .extracting(event -> event.path("method").asString("answer"))
        .startsWith("notifications/progress")
        .contains("notifications/message")
        .endsWith("answer");
  }

  @Test
  void aClientThatReadsNoEventsGetsTheAnswerAlone() throws IOException {
    rig.steps().logBefore("one");
    var client = start();

    var answer =
        client.post(
            call("transform", ",\"_meta\":{\"progressToken\":7}"),
            session(client),
            "Accept: application/json");

    assertThat(answer.json().has("result")).isTrue();
  }

  @Test
  void anEndlessCallIsCancelledFromAnotherConnection() throws IOException {
    var client = start();
    var session = session(client);
    try (var calling =
        client.open("POST", "/mcp", call("gate", ",\"_meta\":{\"progressToken\":7}"), session)) {
      var lines = lines(calling);
      awaitLine(lines, "notifications/progress");
      var cancelled =
          client.post(
              "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}",
              session);

      assertThat(cancelled.status()).isEqualTo(202);
      assertThat(lines.lines().filter(line -> line.contains("\"id\":1")).toList()).isEmpty();
    }
  }

  @Test
  void ofTwoOwnersEachHasItsSessionsOnly() throws IOException {
    var tokens = directory.resolve("tokens");
    Files.writeString(tokens, "first-token-of-many-letters\nsecond-token-of-many-letters\n");
    rig = new McpRig(withTokens(tokens));
    var client = start();
    var first = "Authorization: Bearer first-token-of-many-letters";
    var second = "Authorization: Bearer second-token-of-many-letters";
    var session = session(client, first);

    assertRefused(client.post(INITIALIZE), 401);
    assertRefused(client.post(INITIALIZE, "Authorization: Bearer guessed-token-of-letters"), 401);
    assertRefused(client.post(INITIALIZE, "Authorization: Basic first-token-of-many-letters"), 401);
    assertRefused(client.post(PING, session, second), 404);
    assertThat(client.post(PING, session, first).status()).isEqualTo(200);
    assertThat(client.post(INITIALIZE).header("WWW-Authenticate")).isEqualTo("Bearer");
  }

  @Test
  void aTokenThatIsReplacedIsNotAcceptedAnyMore() throws IOException {
    var tokens = Files.writeString(directory.resolve("tokens"), "first-token-of-many-letters");
    rig = new McpRig(withTokens(tokens));
    var client = start();
    Files.writeString(tokens, "second-token-of-many-letters");
    Files.setLastModifiedTime(tokens, FileTime.fromMillis(1));

    assertRefused(
        client.post(INITIALIZE, "Authorization: Bearer first-token-of-many-letters"), 401);
    assertThat(
            client.post(INITIALIZE, "Authorization: Bearer second-token-of-many-letters").status())
        .isEqualTo(200);
  }

  @Test
  void withoutTokensOnlyLoopbackAddressesAreServed() {
    assertThatThrownBy(
            () -> new HttpTransport(rig.server(), new InetSocketAddress("0.0.0.0", 0), events::add))
        .hasMessageContaining("mcp.token-file");
  }

  @Test
  void changesOfTheToolsComeOnTheSessionsStream() throws IOException {
    var client = start();
    try (var listening =
        client.open("GET", "/mcp", "", session(client), "Accept: text/event-stream")) {
      var lines = lines(listening);
      awaitLine(lines, "200 OK");
      rig.install(List.of(Entries.of(Entries.manifest("newcomer", ""))));
      awaitLine(lines, "notifications/tools/list_changed");
    }
  }

  @Test
  void aClientThatDoesNotReadIsDisconnected() throws IOException {
    rig.steps().completeWith("\"" + "a".repeat(64 << 20) + "\"");
    var client = start(Duration.ofSeconds(4));
    try (var _ = client.open("POST", "/mcp", call("transform", ""), session(client))) {
      Await.until(
          "the slow client was disconnected",
          () -> events.contains(new McpEvent.Refused(McpEvent.Reason.SLOW)));
    }
    assertThat(client.post(PING, session(client)).status()).isEqualTo(200);
  }

  @Test
  void manyStreamsOfOneSessionAreRefused() throws IOException {
    var client = start();
    var session = session(client);
    var open = new ArrayList<Socket>();
    try {
      for (int i = 0; i < 4; i++) {
        var socket = client.open("GET", "/mcp", "", session, "Accept: text/event-stream");
        open.add(socket);
        awaitLine(lines(socket), "200 OK");
      }
      assertRefused(client.send("GET", "/mcp", "", session, "Accept: text/event-stream"), 409);
    } finally {
      for (var socket : open) {
        socket.close();
      }
    }
  }

  // The era without sessions

  @Test
  void aRequestOfTheNewEraNeedsNoSession() throws IOException {
    var client = start();

    var found = client.post(alone("server/discover", ""), NEW, "Mcp-Method: server/discover");
    var tools = client.post(alone("tools/list", ""), NEW, "Mcp-Method: tools/list");

    assertThat(found.json().path("result").path("supportedVersions").toString())
        .isEqualTo("[\"2026-07-28\"]");
    assertThat(tools.json().path("result").path("resultType").asString("")).isEqualTo("complete");
    assertThat(tools.json().path("result").path("ttlMs").asInt(0)).isEqualTo(10_000);
    assertThat(tools.json().path("result").path("cacheScope").asString("")).isEqualTo("private");
    assertThat(
            tools
                .json()
                .path("result")
                .path("_meta")
                .path("io.modelcontextprotocol/serverInfo")
                .path("version")
                .asString(""))
        .isEqualTo("1.2.3");
    assertThat(tools.header("Mcp-Session-Id")).isEmpty();
  }

  private static String alone(String method, String more) {
    return "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"%s\",\"params\":{%s%s}}"
        .formatted(method, META, more);
  }

  @Test
  void inTheNewEraAnyValueIsStructuredContent() throws IOException {
    rig.steps().completeWith("[1,2]");
    var client = start();

    var answer =
        client.post(
            alone("tools/call", ",\"name\":\"transform\",\"arguments\":{}"),
            NEW,
            "Mcp-Method: tools/call",
            "Mcp-Name: =?base64?dHJhbnNmb3Jt?=");

    assertThat(answer.json().path("result").path("structuredContent").toString())
        .isEqualTo("[1,2]");
  }

  static Stream<Arguments> mismatches() {
    var list = alone("tools/list", "");
    var call = alone("tools/call", ",\"name\":\"transform\"");
    var none = "X-Nothing: 1";
    return Stream.of(
        Arguments.of(list, NEW, "Mcp-Method: tools/call", none, 400, -32020),
        Arguments.of(list, NEW, none, none, 400, -32020),
        Arguments.of(list, none, "Mcp-Method: tools/list", none, 400, -32020),
        Arguments.of(
            list, "MCP-Protocol-Version: 2025-11-25", "Mcp-Method: tools/list", none, 400, -32020),
        Arguments.of(
            list, NEW, "Mcp-Method: tools/list\r\nMcp-Method: tools/list", none, 400, -32020),
        Arguments.of(call, NEW, "Mcp-Method: tools/call", none, 400, -32020),
        Arguments.of(call, NEW, "Mcp-Method: tools/call", "Mcp-Name: validate", 400, -32020),
        Arguments.of(call, NEW, "Mcp-Method: tools/call", "Mcp-Name: =?base64?%%%?=", 400, -32020),
        Arguments.of(
            call.replace("transform", "absent"),
            NEW,
            "Mcp-Method: tools/call",
            "Mcp-Name: absent",
            400,
            -32602),
        Arguments.of(alone("ping", ""), NEW, "Mcp-Method: ping", none, 404, -32601),
        Arguments.of(alone("initialize", ""), NEW, "Mcp-Method: initialize", none, 404, -32601),
        Arguments.of(
            list.replace("2026-07-28", "2099-01-01"),
            "MCP-Protocol-Version: 2099-01-01",
            "Mcp-Method: tools/list",
            none,
            400,
            -32022),
        Arguments.of(
            list.replace("\"io.modelcontextprotocol/clientCapabilities\":{}", "\"a\":1"),
            NEW,
            "Mcp-Method: tools/list",
            none,
            400,
            -32602),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":\"tools/list\"}",
            NEW,
            "Mcp-Method: tools/list",
            none,
            400,
            -32602));
  }

  @ParameterizedTest
  @MethodSource("mismatches")
  void headersAndMessageHaveToSayTheSame(
      String body, String version, String method, String name, int status, int code)
      throws IOException {
    var client = start();

    var answer = client.post(body, version, method, name);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.json().path("error").path("code").asInt(0)).isEqualTo(code);
    assertThat(answer.json().path("id").asInt(0)).isEqualTo(5);
  }

  @Test
  void inTheNewEraACallEndsWithItsConnection() throws IOException {
    var client = start();
    var body =
        alone("tools/call", ",\"name\":\"gate\"")
            .replace("\"_meta\":{", "\"_meta\":{\"progressToken\":1,");
    for (int i = 0; i < 2; i++) {
      try (var calling =
          client.open("POST", "/mcp", body, NEW, "Mcp-Method: tools/call", "Mcp-Name: gate")) {
        awaitLine(lines(calling), "notifications/progress");
      }
    }

    Await.until(
        "both calls have made room for another one",
        () ->
            client
                .post(
                    alone("tools/call", ",\"name\":\"transform\""),
                    NEW,
                    "Mcp-Method: tools/call",
                    "Mcp-Name: transform")
                .json()
                .has("result"));
  }

  @Test
  void changesOfTheToolsComeToThoseWhoListen() throws IOException {
    var client = start();
    try (var listening =
        client.open(
            "POST",
            "/mcp",
            alone("subscriptions/listen", ",\"notifications\":{\"toolsListChanged\":true}"),
            NEW,
            "Mcp-Method: subscriptions/listen")) {
      var lines = lines(listening);
      assertThat(awaitLine(lines, "notifications/subscriptions/acknowledged"))
          .contains("\"io.modelcontextprotocol/subscriptionId\":5");
      rig.install(List.of(Entries.of(Entries.manifest("newcomer", ""))));
      awaitLine(lines, "notifications/tools/list_changed");
      Objects.requireNonNull(transport).close();
      assertThat(awaitLine(lines, "\"id\":5")).contains("\"resultType\":\"complete\"");
    }
  }

  private McpConfig withTokens(Path tokens) {
    var plain = McpRig.config(List.of("*"), 50, 20, 2);
    return new McpConfig(
        plain.tools(),
        plain.pageSize(),
        plain.searchAbove(),
        plain.calls(),
        plain.messageBytes(),
        plain.receipts(),
        plain.sessions(),
        plain.sessionIdle(),
        plain.hosts(),
        plain.origins(),
        tokens);
  }

  private static BufferedReader lines(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static String awaitLine(BufferedReader lines, String part) throws IOException {
    for (var line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.contains(part)) {
        return line;
      }
    }
    throw new AssertionError("the stream has ended without " + part);
  }
}
