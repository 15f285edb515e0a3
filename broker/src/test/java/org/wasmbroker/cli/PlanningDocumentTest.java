package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.schema.JsonSchema;
import org.wasmbroker.step.Document;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Runs the example of docs/planning.md as it stands. */
class PlanningDocumentTest {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern BLOCK =
      Pattern.compile("^```(yaml|console)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern NAME = Pattern.compile("^# (\\S+\\.yaml)\n");
  private static final String PROMPT = "$ wasm-broker ";

  @TempDir private Path directory;

  @Test
  void theExampleEndsAsItIsShown() throws IOException {
    int commands = 0;
    var blocks = BLOCK.matcher(Files.readString(DOCS.resolve("planning.md")));
    while (blocks.find()) {
      var content = blocks.group(2);
      if (blocks.group(1).equals("yaml")) {
        var name = NAME.matcher(content);
        assertThat(name.find()).as(content).isTrue();
        Files.writeString(directory.resolve(name.group(1)), content);
      } else {
        for (var command : content.split("(?=^\\$ )|\n(?=\\$ )", -1)) {
          run(command.lines().toList());
          commands++;
        }
      }
    }
    assertThat(commands).isEqualTo(4);
  }

  private void run(List<String> shown) {
    assertThat(shown.getFirst()).startsWith(PROMPT);
    var arguments =
        Arrays.stream(shown.getFirst().substring(PROMPT.length()).split(" ", -1))
            .map(each -> each.endsWith(".yaml") ? directory.resolve(each).toString() : each)
            .toArray(String[]::new);

    var run = CommandRun.of(arguments);

    var out = run.out().replace(directory + "/", "").lines().toList();
    if (shown.get(1).equals("…")) {
      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
      assertThat(out).isNotEmpty();
      return;
    }
    var expected = new ArrayList<>(shown.subList(1, shown.size()));
    assertThat(out).as(run.out() + run.err()).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      var pattern =
          Arrays.stream(expected.get(i).split("…", -1))
              .map(Pattern::quote)
              .collect(Collectors.joining(".*"));
      assertThat(out.get(i)).matches(pattern);
    }
  }

  @Test
  void thePlansSatisfyTheirSchema() throws IOException {
    var schema = JsonSchema.of(Document.of(Files.readString(DOCS.resolve("plan.schema.json"))));
    assertThat(schema.compileError()).isNull();
    var blocks = BLOCK.matcher(Files.readString(DOCS.resolve("planning.md")));
    int plans = 0;
    while (blocks.find()) {
      if (blocks.group(2).contains("plan: 1")) {
        var plan = new YAMLMapper().readTree(blocks.group(2));
        assertThat(schema.violations(Document.of(JsonMapper.shared().writeValueAsString(plan))))
            .isEmpty();
        plans++;
      }
    }
    assertThat(plans).isEqualTo(2);
  }

  @Test
  void theSchemaRefusesWhatTheReaderRefuses() throws IOException {
    var schema = JsonSchema.of(Document.of(Files.readString(DOCS.resolve("plan.schema.json"))));
    for (var json :
        List.of(
            "{}",
            "{\"plan\":2,\"steps\":[{\"name\":\"a\",\"handler\":\"noop\"}]}",
            "{\"plan\":1,\"steps\":[]}",
            "{\"plan\":1,\"steps\":[{\"handler\":\"noop\"}]}",
            "{\"plan\":1,\"steps\":[{\"name\":\"a\",\"handler\":\"No/op\"}]}",
            "{\"plan\":1,\"steps\":[{\"name\":\"a\",\"handler\":\"noop\",\"after\":[]}]}")) {
      var file = directory.resolve("plan.json");
      Files.writeString(file, json);

      assertThat(schema.violations(Document.of(json))).as(json).isNotEmpty();
      assertThat(CommandRun.of("plan", "check", file.toString()).exitCode())
          .as(json)
          .isEqualTo(ExitCode.FAILED);
    }
  }
}
