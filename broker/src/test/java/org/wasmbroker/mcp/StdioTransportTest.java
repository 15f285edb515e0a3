package org.wasmbroker.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.wasmbroker.plan.catalog.Entries;
import org.wasmbroker.step.StepError;
import org.wasmbroker.step.TraceContext;

/**
 * Sessions over two streams: a message a line, and the next one is served whatever the last was.
 */
class StdioTransportTest {
  private static final String PING = "{\"jsonrpc\":\"2.0\",\"id\":99,\"method\":\"ping\"}";

  private final McpRig rig = new McpRig();

  private static String call(int id, String tool, String arguments) {
    return """
    {"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":%s,"_meta":{"progressToken":"p"}}}"""
        .formatted(id, tool, arguments);
  }

  static Stream<Arguments> badMessages() {
    return Stream.of(
        Arguments.of("{", -32700, "null"),
        Arguments.of("{\"a\":1,\"a\":2}", -32700, "null"),
        Arguments.of("\u0001", -32700, "null"),
        Arguments.of("[".repeat(5000), -32700, "null"),
        Arguments.of("7", -32600, "null"),
        Arguments.of("[" + PING + "]", -32600, "null"),
        Arguments.of("{\"id\":1,\"method\":\"ping\"}", -32600, "1"),
        Arguments.of("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}", -32600, "1"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600, "null"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", -32600, "null"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":\"a\"}", -32600, "\"a\""),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600, "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":[]}", -32602, "1"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/delete\"}", -32601, "1"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"prompts/list\"}", -32601, "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}", -32602, "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\"}}",
            -32600,
            "1"),
        Arguments.of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}", -32602, "1"),
        Arguments.of(call(1, "no_such_tool", "{}"), -32602, "1"),
        Arguments.of(call(1, "transform", "[]"), -32602, "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"bogus\"}}",
            -32602,
            "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"loud\"}}",
            -32602,
            "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{\"uri\":\"file:///etc/passwd\"}}",
            -32002,
            "1"),
        Arguments.of(
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"resources/read\",\"params\":{}}",
            -32602,
            "1"));
  }

  @ParameterizedTest
  @MethodSource("badMessages")
  void aBadMessageGetsAnErrorWithItsIdAndTheNextOneIsServed(String bad, int code, String id) {
    try (var client = new PipedClient(rig.server()).initialized()) {
      var error = client.ask(bad);

      assertThat(error.path("error").path("code").asInt(0)).isEqualTo(code);
      assertThat(error.path("id").toString()).isEqualTo(id);
      assertThat(client.ask(PING).path("id").asInt(0)).isEqualTo(99);
    }
  }

  @Test
  void aLineThatIsTooLongIsSkippedAndTheNextOneIsServed() {
    var small = new McpRig(McpRig.config(List.of("*"), 50, 20, 4));
    try (var client = new PipedClient(small.server()).initialized()) {
      var error = client.ask("\"" + "a".repeat(1 << 17) + "\"");

      assertThat(error.path("error").path("message").asString("")).contains("16384 bytes");
      assertThat(client.ask(PING).has("result")).isTrue();
    }
  }

  @Test
  void theTraceContextOfARequestIsThatOfItsStep() {
    var parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    var traced = call(1, "transform", "{}").replace("\"p\"", "\"p\",\"traceparent\":%s");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var _ = client.ask(traced.formatted("\"%s\",\"tracestate\":\"a=1\"".formatted(parent)));
      var _ = client.ask(traced.formatted("[]"));
      var _ = client.ask(call(1, "transform", "{}"));
    }
    assertThat(rig.steps().traces())
        .containsExactly(TraceContext.read(parent, "a=1"), TraceContext.NONE, TraceContext.NONE);
  }

  @Test
  void bytesThatAreNoUtf8AreNoMessage() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      client.send(new byte[] {'"', (byte) 0xc3, '"', '\n'});

      assertThat(client.answer().path("error").path("code").asInt(0)).isEqualTo(-32700);
      assertThat(client.ask(PING).has("result")).isTrue();
    }
  }

  @Test
  void emptyLinesUnknownNotificationsAndAnswersAreNotAnswered() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      client.send("");
      client.send("  \r");
      client.send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard\"}");
      client.send("{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":{}}");
      client.send(
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":77}}");

      assertThat(client.ask(PING).path("id").asInt(0)).isEqualTo(99);
    }
  }

  @Test
  void nothingButPingIsServedBeforeInitialize() {
    try (var client = new PipedClient(rig.server())) {
      assertThat(client.ask(PING).has("result")).isTrue();
      var early = client.ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");

      assertThat(early.path("error").path("code").asInt(0)).isEqualTo(-32600);
      assertThat(early.path("error").path("message").asString("")).contains("initialize");
    }
  }

  @Test
  void aVersionThatIsNotKnownIsAnsweredWithTheNewestThatIs() {
    try (var client = new PipedClient(rig.server())) {
      var begun =
          client.ask(
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"1999-01-01\"}}");

      assertThat(begun.path("result").path("protocolVersion").asString("")).isEqualTo("2025-11-25");
      assertThat(begun.path("result").path("serverInfo").path("version").asString(""))
          .isEqualTo("1.2.3");
    }
  }

  @Test
  void aCallIsAStepWhoseConfigurationAndDataAreTheArguments() {
    rig.steps().completeWith("{\n\"sum\": 1.0, \"big\": 12345678901234567890123}");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var answer = client.ask(call(1, "transform", "{\"filter\":\".context\",\"context\":[1.50]}"));

      assertThat(rig.steps().documents())
          .containsExactly("{\"config\":{\"filter\":\".context\"},\"context\":[1.50]}");
      var result = answer.path("result");
      assertThat(result.path("structuredContent").path("sum").toString()).isEqualTo("1.0");
      assertThat(result.path("content").path(0).path("text").asString(""))
          .contains("12345678901234567890123");
      assertThat(result.path("isError").asBoolean(false)).isFalse();
    }
  }

  @Test
  void aResultThatIsNoObjectIsTextOnly() {
    rig.steps().completeWith("[1,2]");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var result = client.ask(call(1, "transform", "{}")).path("result");

      assertThat(result.has("structuredContent")).isFalse();
      assertThat(result.path("content").path(0).path("text").asString("")).isEqualTo("[1,2]");
    }
  }

  @Test
  void aStepsErrorIsAToolErrorWithTheDocumentOfAQueue() {
    rig.steps().failWith(StepError.permanent("bad_filter", "no such function"));
    try (var client = new PipedClient(rig.server()).initialized()) {
      var result = client.ask(call(1, "transform", "{}")).path("result");

      assertThat(result.path("isError").asBoolean(false)).isTrue();
      assertThat(result.path("content").path(0).path("text").asString(""))
          .contains("\"status\":\"failed\"", "\"error_type\":\"bad_filter\"");
    }
  }

  @Test
  void progressAndLogLinesComeBeforeTheAnswer() {
    rig.steps().logBefore("one", "two");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var _ = client.ask(call(1, "transform", "{}"));

      assertThat(client.notifications())
          .extracting(each -> each.path("method").asString(""))
          .contains("notifications/progress", "notifications/message");
      assertThat(client.notifications())
          .filteredOn(each -> each.path("method").asString("").endsWith("message"))
          .extracting(each -> each.path("params").path("data").path("message").asString(""))
          .containsExactly("one", "two");
    }
  }

  @Test
  void logLinesBelowTheLevelThatWasSetAreNotSent() {
    rig.steps().logBefore("one");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var _ =
          client.ask(
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/setLevel\",\"params\":{\"level\":\"warning\"}}");
      var _ = client.ask(call(2, "transform", "{}"));

      assertThat(client.notifications())
          .noneMatch(each -> each.path("method").asString("").endsWith("message"));
    }
  }

  @Test
  void aCallThatIsCancelledIsStoppedAndNotAnswered() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      client.send(call(7, "gate", "{}"));
      var started = client.awaitNotification("notifications/progress");
      assertThat(started.path("params").path("progressToken").asString("")).isEqualTo("p");
      client.send(
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":7}}");

      rig.steps().completeWith("{}");
      assertThat(client.ask(PING).path("id").asInt(0)).isEqualTo(99);
      client.end();
      assertThat(client.answer().isNull()).as("no answer to 7").isTrue();
    }
  }

  @Test
  void moreCallsThanTheLimitAreRefusedAndCanBeTriedAgain() {
    var narrow = new McpRig(McpRig.config(List.of("*"), 50, 20, 1));
    try (var client = new PipedClient(narrow.server()).initialized()) {
      client.send(call(1, "gate", "{}"));
      var _ = client.awaitNotification("notifications/progress");
      var refused = client.ask(call(2, "transform", "{}"));

      assertThat(refused.path("error").path("code").asInt(0)).isEqualTo(-32000);
      assertThat(refused.path("error").path("data").path("retryable").asBoolean(false)).isTrue();
      client.send(
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
    }
  }

  @Test
  void twoRequestsWithOneIdAreNotServedAtOnce() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      client.send(call(1, "gate", "{}"));
      var second = client.ask(call(1, "transform", "{}"));

      assertThat(second.path("error").path("code").asInt(0)).isEqualTo(-32600);
      client.send(
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}");
    }
  }

  @Test
  void theClientIsToldWhenTheToolsChangeAndNotOtherwise() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      assertThat(client.ask(PING).has("result")).isTrue();
      rig.install(Entries.bundled());
      rig.install(List.of(Entries.of(Entries.manifest("newcomer", ""))));

      var _ = client.awaitNotification("notifications/tools/list_changed");
      var listed = client.ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}");
      assertThat(listed.path("result").path("tools").path(0).path("name").asString(""))
          .isEqualTo("newcomer");
      assertThat(client.notifications()).isEmpty();
    }
  }

  @Test
  void listsComeInPagesOfWhatIsOffered() {
    var paged = new McpRig(McpRig.config(List.of("transform", "v*", "gate"), 2, 20, 1));
    try (var client = new PipedClient(paged.server()).initialized()) {
      var first =
          client.ask("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}").path("result");
      var second =
          client
              .ask(
                  "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\",\"params\":{\"cursor\":%s}}"
                      .formatted(first.path("nextCursor")))
              .path("result");

      assertThat(Stream.of(first, second).flatMap(page -> page.path("tools").valueStream()))
          .extracting(tool -> tool.path("name").asString(""))
          .containsExactly("gate", "transform", "validate");
      assertThat(second.has("nextCursor")).isFalse();
    }
  }

  @Test
  void manyToolsCanBeSearched() {
    var many = new McpRig(McpRig.config(List.of("*"), 50, 3, 1));
    try (var client = new PipedClient(many.server()).initialized()) {
      var found =
          client.ask(call(1, "search_handlers", "{\"query\":\"an HTTP request\",\"limit\":2}"));
      var problem = client.ask(call(2, "search_handlers", "{\"query\":7}"));

      assertThat(found.path("result").path("structuredContent").path("tools").path(0).path("name"))
          .hasToString("\"http_request\"");
      assertThat(problem.path("result").path("isError").asBoolean(false)).isTrue();
    }
  }

  @Test
  void receiptsAndDocumentsCanBeRead() {
    try (var client = new PipedClient(rig.server()).initialized()) {
      var uri =
          client
              .ask(call(1, "transform", "{}"))
              .path("result")
              .path("_meta")
              .path("wasm-broker/receipt");
      var receipt =
          client.ask(
              "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"resources/read\",\"params\":{\"uri\":%s}}"
                  .formatted(uri));
      var document =
          client.ask(
              "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"resources/read\",\"params\":{\"uri\":\"wasm-broker://handlers/transform\"}}");
      var list = client.ask("{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"resources/list\"}");

      assertThat(receipt.path("result").path("contents").path(0).path("text").asString(""))
          .contains("\"receipt\":{", "\"handler\":\"transform\"", "\"status\":\"completed\"");
      assertThat(document.path("result").path("contents").path(0).path("text").asString(""))
          .startsWith("# Handlers");
      assertThat(list.path("result").path("resources").valueStream().map(each -> each.path("uri")))
          .contains(uri);
    }
  }

  @Test
  void callsUnderWayAreAnsweredAfterTheEndOfTheInput() {
    rig.steps().completeWith("{\"late\":true}");
    try (var client = new PipedClient(rig.server()).initialized()) {
      for (int id = 1; id <= 20; id++) {
        client.send(
            call(id, "transform", "{}").replace(",\"_meta\":{\"progressToken\":\"p\"}", ""));
      }
      client.end();

      var ids = Stream.generate(client::answer).takeWhile(answer -> !answer.isNull()).toList();
      assertThat(ids.stream().filter(answer -> answer.has("result")).count())
          .as("the limit of calls may refuse some, and each is answered")
          .isGreaterThanOrEqualTo(1);
      assertThat(ids).hasSize(20);
    }
  }

  @Test
  void everyMessageIsOneLineOfUtf8() {
    rig.steps().completeWith("{\r\n\"text\":\"\u00e4\u2028\\n\"\n}");
    try (var client = new PipedClient(rig.server()).initialized()) {
      var result = client.ask(call(1, "transform", "{}")).path("result");

      assertThat(result.path("structuredContent").path("text").asString(""))
          .isEqualTo("\u00e4\u2028\n");
    }
  }
}
