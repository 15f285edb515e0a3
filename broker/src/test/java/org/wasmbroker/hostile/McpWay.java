package org.wasmbroker.hostile;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wasmbroker.app.McpService;
import org.wasmbroker.cli.McpServices;
import org.wasmbroker.mcp.PipedClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls of tools by a client of the Model Context Protocol, on two streams. */
final class McpWay implements WayIn {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Calls at once: fewer than are refused. */
  private static final int BESIDE = 16;

  private static final int NO_SUCH_TOOL = -32602;

  private final McpService service;
  private final PipedClient client;

  McpWay(Map<String, String> settings) {
    service = McpServices.start(Map.of(), settings, problem -> {});
    client = new PipedClient(service.server()).initialized();
    var _ =
        client.ask(
            """
            {"jsonrpc":"2.0","id":"level","method":"logging/setLevel","params":{"level":"emergency"}}""");
  }

  @Override
  public Map<String, Ending> run(List<Request> requests) {
    var endings = new LinkedHashMap<String, Ending>();
    for (int from = 0; from < requests.size(); from += BESIDE) {
      var some = requests.subList(from, Math.min(from + BESIDE, requests.size()));
      for (int i = 0; i < some.size(); i++) {
        client.send(call(i, some.get(i)));
      }
      var answers = new HashMap<Integer, JsonNode>();
      while (answers.size() < some.size()) {
        var answer = client.answer();
        answers.put(answer.path("id").asInt(-1), answer);
      }
      for (int i = 0; i < some.size(); i++) {
        endings.put(some.get(i).label(), ending(Objects.requireNonNull(answers.get(i))));
      }
    }
    return endings;
  }

  private static String call(int id, Request request) {
    var arguments = request.config().strip();
    var all =
        arguments.equals("{}")
            ? "{\"context\":%s}".formatted(request.context())
            : "{\"context\":%s,%s".formatted(request.context(), arguments.substring(1));
    return """
    {"jsonrpc":"2.0","id":%d,"method":"tools/call","params":{"name":"%s","arguments":%s}}"""
        .formatted(id, request.handler(), all);
  }

  private Ending ending(JsonNode answer) {
    if (answer.path("error").path("code").asInt(0) == NO_SUCH_TOOL) {
      return Ending.NOT_LISTED;
    }
    var result = answer.path("result");
    var text = JSON.readTree(result.path("content").path(0).path("text").asString(""));
    var document = result.path("isError").asBoolean(false) ? text : Ending.completed(text);
    return Ending.of(
        document, receipt(result.path("_meta").path("wasm-broker/receipt").asString("")));
  }

  private JsonNode receipt(String uri) {
    var read =
        client.ask(
            """
            {"jsonrpc":"2.0","id":"receipt","method":"resources/read","params":{"uri":"%s"}}"""
                .formatted(uri));
    return JSON.readTree(read.path("result").path("contents").path(0).path("text").asString(""))
        .path("receipt");
  }

  @Override
  public void close() {
    client.close();
    service.close();
  }
}
