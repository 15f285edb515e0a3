package org.wasmbroker.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The protocol of sessions, with commands that are no guests. */
class SessionTest {
  private static final SessionLimits LIMITS =
      new SessionLimits(10_000, 50, 1024, 2000, 4096, 2, Duration.ofMinutes(5));

  private final FakeCommands commands = new FakeCommands();

  private SessionClient client() {
    return new SessionClient(commands, LIMITS);
  }

  private static String text(JsonNode answer, String... path) {
    var at = answer;
    for (var name : path) {
      at = at.path(name);
    }
    return at.isString() ? at.stringValue() : at.toString();
  }

  @Test
  void filesAreWrittenReadListedAndRemoved() {
    try (var client = client()) {
      client.send("{\"id\":1,\"type\":\"write_file\",\"path\":\"/data/a\",\"content\":\"ä\\n\"}");
      client.send("{\"id\":2,\"type\":\"read_file\",\"path\":\"/data/a\",\"encoding\":\"base64\"}");
      client.send("{\"id\":3,\"type\":\"list_files\",\"path\":\"/\",\"recursive\":true}");
      client.send("{\"id\":4,\"type\":\"remove_file\",\"path\":\"/data/a\"}");
      client.send("{\"id\":5,\"type\":\"read_file\",\"path\":\"/data/a\"}");

      assertThat(client.answer().toString())
          .isEqualTo("{\"id\":1,\"type\":\"result\",\"path\":\"/data/a\",\"size\":3}");
      assertThat(text(client.answer(), "content_base64")).isEqualTo("w6QK");
      assertThat(client.answer().path("files").toString())
          .isEqualTo(
              "[{\"path\":\"/data\",\"type\":\"directory\"},"
                  + "{\"path\":\"/data/a\",\"type\":\"file\",\"size\":3}]");
      assertThat(text(client.answer(), "type")).isEqualTo("result");
      var missing = client.answer();
      assertThat(missing.path("id").intValue()).isEqualTo(5);
      assertThat(text(missing, "error", "type")).isEqualTo("not_found");
      assertThat(text(missing, "error", "advice")).contains("list_files");
    }
  }

  @Test
  void bytesThatAreNoTextAreReadInBase64Only() {
    try (var client = client()) {
      assertThat(
              client
                  .ask(
                      "{\"id\":1,\"type\":\"write_file\",\"path\":\"b\",\"content_base64\":\"/wA=\"}")
                  .path("size")
                  .intValue())
          .isEqualTo(2);
      assertThat(
              text(client.ask("{\"id\":2,\"type\":\"read_file\",\"path\":\"b\"}"), "error", "type"))
          .isEqualTo("not_text");
      assertThat(
              client
                  .ask(
                      "{\"id\":3,\"type\":\"read_file\",\"path\":\"b\",\"offset\":1,\"length\":1,\"encoding\":\"base64\"}")
                  .path("content_base64")
                  .stringValue())
          .isEqualTo("AA==");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "echo a b ~ 0 ~ a b| ~ ",
        "echo x | upper ~ 0 ~ X| ~ ",
        "echo x | upper | cat > out; cat < out ~ 0 ~ X| ~ ",
        "echo a > f; echo b >> f; cat < f ~ 0 ~ a|b| ~ ",
        "complain ~ 3 ~ ~ bad|",
        "complain 2>&1 | upper ~ 0 ~ BAD| ~ ",
        "complain 2> e; cat < e ~ 0 ~ bad| ~ ",
        "complain 2>/dev/null || echo no ~ 0 ~ no| ~ ",
        "complain && echo no ~ 3 ~ ~ bad|",
        "! false && echo yes ~ 0 ~ yes| ~ ",
        "true && false || echo c; echo d ~ 0 ~ c|d| ~ ",
        "echo a >&2 ~ 0 ~ ~ a|",
        "echo x > one.txt; echo x > two.txt; echo *.txt '*.txt' none* ~ 0 ~ one.txt two.txt *.txt none*| ~ ",
        "echo /d*/x ../d*a ~ 0 ~ /d*/x ../data| ~ ",
        "cd / && echo d*; cd; echo d* ~ 0 ~ data|d*| ~ ",
      })
  void commandLinesDoWhatTheySay(String line, int code, String out, String err) {
    try (var client = client()) {
      var answer = client.shell(line);

      assertThat(answer.path("exit_code").intValue()).as(answer.toString()).isEqualTo(code);
      assertThat(text(answer, "stdout")).isEqualTo(lines(out));
      assertThat(text(answer, "stderr")).isEqualTo(lines(err));
      assertThat(answer.path("duration_ms").isNumber()).isTrue();
    }
  }

  private static String lines(String text) {
    return text == null ? "" : text.replace('|', '\n');
  }

  @Test
  void commandsHaveTheirVariablesAndTheWorkingDirectory() {
    try (var client = client()) {
      var answer =
          client.ask(
              """
              {"id":1,"type":"shell","command":"LANG=C env; cd ..; env","cwd":"/data",
               "env":{"LANG":"de","SECRET":"no"}}""");

      assertThat(text(answer, "stdout")).isEqualTo("PWD=/data\nLANG=C\nPWD=/\nLANG=de\n");
      assertThat(client.shell("SECRET=1 env").path("exit_code").intValue()).isEqualTo(126);
    }
  }

  @Test
  void aCommandThatThereIsNotSaysWhichThereAre() {
    try (var client = client()) {
      var answer = client.shell("ehco a");

      assertThat(answer.path("exit_code").intValue()).isEqualTo(127);
      assertThat(text(answer, "stderr")).contains("did you mean 'echo'?");
    }
  }

  @Test
  void longOutputIsCutWithAMark() {
    try (var client = client()) {
      var answer = client.shell("much");

      assertThat(text(answer, "stdout"))
          .startsWith("éé")
          .endsWith("\n[18976 more bytes were cut off]\n");
      assertThat(answer.path("stdout_cut").intValue()).isEqualTo(20_000 - 1024);
      assertThat(client.shell("much > f").path("exit_code").intValue())
          .as("a file that has no room")
          .isEqualTo(134);
      assertThat(client.shell("much | cat").path("exit_code").intValue()).isZero();
      assertThat(text(client.shell("much | cat"), "stderr")).contains("limit_exceeded");
    }
  }

  @Test
  void outputThatIsNoTextIsInBase64() {
    try (var client = client()) {
      assertThat(text(client.shell("bytes"), "stdout_base64")).isEqualTo("/wE=");
    }
  }

  @Test
  void aCancelledCommandEndsAndTheNextRequestsAreServedInTheirOrder() throws InterruptedException {
    try (var client = client()) {
      client.send("{\"id\":\"1\",\"type\":\"shell\",\"command\":\"forever; echo never\"}");
      commands.endless.await();
      client.send("{\"id\":\"2\",\"type\":\"cancel\",\"target\":\"1\"}");
      client.send("{\"id\":\"3\",\"type\":\"shell\",\"command\":\"echo on\"}");

      var cancelled = client.answer();
      assertThat(text(cancelled, "id")).isEqualTo("1");
      assertThat(text(cancelled, "error", "type")).isEqualTo("cancelled");
      assertThat(client.answer().toString())
          .isEqualTo("{\"id\":\"2\",\"type\":\"result\",\"cancelled\":true}");
      assertThat(text(client.answer(), "stdout")).isEqualTo("on\n");
      assertThat(
              client
                  .ask("{\"id\":\"4\",\"type\":\"cancel\",\"target\":\"1\"}")
                  .path("cancelled")
                  .booleanValue())
          .isFalse();
    }
  }

  @Test
  void anAsynchronousRequestHoldsUpNobodyAndThereAreNotMoreThanAllowed()
      throws InterruptedException {
    try (var client = client()) {
      client.send("{\"id\":\"a\",\"type\":\"shell\",\"command\":\"forever\",\"async\":true}");
      commands.endless.await();
      assertThat(text(client.shell("echo b"), "stdout")).isEqualTo("b\n");
      client.send("{\"id\":\"c\",\"type\":\"shell\",\"command\":\"forever\",\"async\":true}");
      assertThat(
              text(
                  client.ask(
                      "{\"id\":\"d\",\"type\":\"shell\",\"command\":\"echo\",\"async\":true}"),
                  "error",
                  "type"))
          .isEqualTo("busy");
      assertThat(text(client.ask("{\"id\":\"a\",\"type\":\"status\"}"), "error", "type"))
          .isEqualTo("id_in_use");
      assertThat(client.ask("{\"id\":1,\"type\":\"status\"}").path("running").valueStream())
          .extracting(JsonNode::stringValue)
          .containsExactlyInAnyOrder("a", "c");

      client.send("{\"id\":2,\"type\":\"reset\"}");

      var ended = new ArrayList<String>();
      for (int i = 0; i < 3; i++) {
        ended.add(text(client.answer(), "id"));
      }
      assertThat(ended).containsExactlyInAnyOrder("a", "c", "2");
    }
  }

  @Test
  void progressIsWhatWasWrittenSoFar() throws InterruptedException {
    commands.with(
        "slow",
        (command, cancellation) -> {
          var _ = FakeCommands.write(command, 1, "first\n");
          while (cancellation.reason() == null) {
            cancellation.await(Long.MAX_VALUE);
          }
          return 0;
        });
    try (var client = client()) {
      var told = client.ask("{\"id\":1,\"type\":\"shell\",\"command\":\"slow\",\"progress\":true}");

      assertThat(told.toString())
          .isEqualTo("{\"id\":1,\"type\":\"progress\",\"stdout\":\"first\\n\"}");
      client.send("{\"id\":2,\"type\":\"cancel\",\"target\":1}");
      assertThat(text(client.answer(), "error", "type")).isEqualTo("cancelled");
    }
  }

  @Test
  void resetForgetsAllFiles() {
    try (var client = client()) {
      client.send("{\"id\":1,\"type\":\"write_file\",\"path\":\"/x/y\",\"content\":\"\"}");
      client.send("{\"id\":2,\"type\":\"reset\"}");
      client.send("{\"id\":3,\"type\":\"list_files\",\"recursive\":true}");

      var _ = client.answer();
      assertThat(client.answer().path("files").path("entries").intValue()).isEqualTo(1);
      assertThat(client.answer().path("files").size()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "nonsense ~ null ~ bad_request ~ valid JSON",
        "[1] ~ null ~ bad_request ~ object",
        "{} ~ null ~ bad_request ~ /id",
        "{\"id\":{},\"type\":\"status\"} ~ null ~ bad_request ~ 200 characters",
        "{\"id\":7} ~ 7 ~ bad_request ~ /type",
        "{\"id\":7,\"type\":\"shel\"} ~ 7 ~ bad_request ~ did you mean 'shell'",
        "{\"id\":7,\"type\":\"shell\"} ~ 7 ~ bad_request ~ /command",
        "{\"id\":7,\"type\":\"shell\",\"command\":7} ~ 7 ~ bad_request ~ must be a string",
        "{\"id\":7,\"type\":\"shell\",\"command\":\"echo $A\"} ~ 7 ~ syntax_error ~ variables",
        "{\"id\":7,\"type\":\"shell\",\"command\":\"echo\",\"timeout\":1} ~ 7 ~ bad_request ~ timeout_ms",
        "{\"id\":7,\"type\":\"shell\",\"command\":\"echo\",\"timeout_ms\":0} ~ 7 ~ bad_request ~ /timeout_ms",
        "{\"id\":7,\"type\":\"shell\",\"command\":\"echo\",\"cwd\":\"/none\"} ~ 7 ~ not_found ~ /none",
        "{\"id\":7,\"type\":\"write_file\",\"path\":\"a\"} ~ 7 ~ bad_request ~ content",
        "{\"id\":7,\"type\":\"write_file\",\"path\":\"a\",\"content_base64\":\"?\"} ~ 7 ~ bad_request ~ base64",
        "{\"id\":7,\"type\":\"write_file\",\"path\":\"../../a\",\"content\":\"\"} ~ 7 ~ invalid_path ~ above",
        "{\"id\":7,\"type\":\"read_file\",\"path\":\"/../etc/passwd\"} ~ 7 ~ invalid_path ~ above",
        "{\"id\":7,\"type\":\"read_file\",\"path\":\"a\",\"encoding\":\"x\"} ~ 7 ~ bad_request ~ utf-8",
        "{\"id\":7,\"type\":\"cancel\"} ~ 7 ~ bad_request ~ /target",
      })
  void aBadRequestGetsAnErrorWithItsIdAndTheNextIsServed(
      String line, String id, String type, String message) {
    try (var client = client()) {
      var answer = client.ask(line);

      assertThat(text(answer, "id")).isEqualTo(id);
      assertThat(text(answer, "type")).isEqualTo("error");
      assertThat(text(answer, "error", "type")).as(answer.toString()).isEqualTo(type);
      assertThat(text(answer, "error", "message")).contains(message);
      assertThat(text(answer, "error", "advice")).isNotBlank();
      assertThat(text(client.shell("echo next"), "stdout")).isEqualTo("next\n");
    }
  }

  @Test
  void aLineThatIsTooLongIsRefusedAndBlankOnesAreNone() {
    try (var client = client()) {
      client.send("");
      client.send("  ");
      var answer = client.ask("{\"id\":1,\"type\":\"status\"" + " ".repeat(5000) + "}");

      assertThat(text(answer, "error", "message")).contains("4096 bytes");
      assertThat(text(client.shell("echo next"), "stdout")).isEqualTo("next\n");
    }
  }

  @Test
  void theEndOfTheInputWaitsForTheAnswersAndAStopDoesNot() throws InterruptedException {
    try (var client = client()) {
      client.send("{\"id\":1,\"type\":\"shell\",\"command\":\"echo last\"}");
      client.end();
      assertThat(text(client.answer(), "stdout")).isEqualTo("last\n");
      assertThat(client.answer().isNull()).isTrue();
    }
    var endless = new FakeCommands();
    try (var client = new SessionClient(endless, LIMITS)) {
      client.send("{\"id\":1,\"type\":\"shell\",\"command\":\"forever\"}");
      endless.endless.await();
      client.stop();
      assertThat(text(client.answer(), "error", "message")).contains("session ends");
    }
  }
}
