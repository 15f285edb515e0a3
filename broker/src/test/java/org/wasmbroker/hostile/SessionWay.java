package org.wasmbroker.hostile;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.cli.Sessions;
import org.wasmbroker.session.SessionClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Command lines of one session, each with another command beside it and a request after it. What is
 * no command is not listed.
 */
final class SessionWay implements WayIn {
  private static final JsonMapper JSON = JsonMapper.shared();

  /** As the policy grants them to a step. */
  private static final long FILE_BYTES = 512 << 10;

  private static final int FILE_ENTRIES = 100;

  /** Into a pipe: what a client is sent is cut off instead. */
  private static final Set<String> FLOODS =
      Set.of("endless-output-command", "stderr-flood-command", "giant-output-command");

  private final Sessions session;
  private final SessionClient client;

  SessionWay(Map<String, String> settings) {
    session = Sessions.start(settings, FILE_BYTES, FILE_ENTRIES, problem -> {});
    client = session.client();
  }

  @Override
  public Map<String, Ending> run(List<Request> requests) {
    var commands = commands();
    var endings = new LinkedHashMap<String, Ending>();
    for (var request : requests) {
      endings.put(
          request.label(), commands.contains(request.handler()) ? run(request) : Ending.NOT_LISTED);
    }
    return endings;
  }

  private Set<String> commands() {
    var names = new HashSet<String>();
    client
        .ask("{\"id\":\"commands\",\"type\":\"status\"}")
        .path("commands")
        .forEach(name -> names.add(name.stringValue()));
    return names;
  }

  private Ending run(Request request) {
    client.send(shell("asked", line(request)).put("async", true).toString());
    client.send(shell("beside", "echo beside").toString());
    var answers = new HashMap<String, JsonNode>();
    for (int i = 0; i < 2; i++) {
      var answer = client.answer();
      answers.put(answer.path("id").asString(""), answer);
    }
    requireResult("beside\n", answers.get("beside"));
    requireResult("after\n", client.ask(shell("after", "echo after").toString()));
    var _ = client.ask("{\"id\":\"reset\",\"type\":\"reset\"}");
    return ending(Objects.requireNonNull(answers.get("asked"), () -> "" + answers));
  }

  private static ObjectNode shell(String id, String line) {
    return JSON.createObjectNode().put("id", id).put("type", "shell").put("command", line);
  }

  private static void requireResult(String output, @Nullable JsonNode answer) {
    if (answer == null || !answer.path("stdout").asString("").equals(output)) {
      throw new AssertionError("not '%s': %s".formatted(output.strip(), answer));
    }
  }

  private static String line(Request request) {
    var line = new StringBuilder(request.handler());
    JSON.readTree(request.config())
        .path("args")
        .forEach(argument -> line.append(" '").append(argument.stringValue()).append('\''));
    return line + (FLOODS.contains(request.handler()) ? " 2>&1 | true" : "");
  }

  private static Ending ending(JsonNode answer) {
    var command = answer.path("commands").path(0);
    var document = JSON.createObjectNode();
    if (command.has("error")) {
      document.put("status", "failed").set("error", command.path("error"));
      document
          .putObject("metadata")
          .put("error_code", command.path("error_code").stringValue(null));
      return Ending.of(document, command.path("receipt"));
    }
    var result = JSON.createObjectNode();
    List.of("exit_code", "stdout", "stderr").forEach(name -> result.set(name, answer.path(name)));
    return Ending.of(Ending.completed(result), command.path("receipt"));
  }

  @Override
  public void close() {
    session.close();
  }
}
