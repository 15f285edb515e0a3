package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** The broker's reader of references and that of the handlers find the same texts right. */
class PlanningAgreementTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${context.id}",
        "a ${context.id} b ${prev[0].x} c",
        "${deps[\"a name\"].x}",
        "${context[\"a}b\"]}",
        "${context[\"a\\\"b\"]}",
        "${steps.load.result}",
        "${steps.load.result.id}",
        "${step.name}",
        "${secrets.KEY}",
        "$${context",
        "$${context.id} and ${context.id}",
        "{context.id} $5",
        "${context",
        "${}",
        "${ context.id}",
        "${contexts.id}",
        "${steps.load.id}",
        "${steps.load}",
        "${secrets}",
        "${secrets.a.b}",
        "${[0]}",
        "${context..id}",
        "${context[x]}",
        "${context[0}",
        "${context[0]id}",
        "${context['id']}",
        "${context[\"id}",
        "${context.id.}",
        "${env.HOME}"
      })
  void aTextIsRightForBothOrForNone(String text) throws IOException {
    var document = JsonNodeFactory.instance.objectNode();
    document.putObject("config").put("url", "https://api.example.com/").put("body", text);
    var input = directory.resolve("input.json");
    Files.writeString(input, document.toString());
    var invoked = CommandRun.of("invoke", "http_request", "--input", input.toString());
    boolean byModule = !invoked.out().contains("\"invalid_config\"");

    var plan = JsonNodeFactory.instance.objectNode().put("plan", 1);
    var steps = plan.putArray("steps");
    steps.addObject().put("name", "load").put("handler", "noop");
    steps.addObject().put("name", "a name").put("handler", "noop");
    var step = steps.addObject().put("name", "send").put("handler", "http_request");
    step.putArray("dependencies").add("load").add("a name");
    step.set("config", document.get("config"));
    var file = directory.resolve("plan.json");
    Files.writeString(file, plan.toString());
    var report = JSON.readTree(CommandRun.of("plan", "check", "--json", file.toString()).out());
    boolean byPlan =
        report
            .path("findings")
            .valueStream()
            .noneMatch(
                finding ->
                    finding.path("pointer").stringValue().equals("/steps/2/config/body")
                        && !finding.path("rule").stringValue().equals("policy"));

    assertThat(byPlan).as(invoked.out() + report).isEqualTo(byModule);
  }
}
