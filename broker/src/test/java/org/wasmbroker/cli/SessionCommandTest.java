package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.FileComponents;
import org.wasmbroker.testing.TestCommands;
import tools.jackson.databind.JsonNode;

/** Sessions whose commands are guests in the broker's sandbox, also hostile ones. */
class SessionCommandTest {
  private static final String WITH_SECRET =
      "{\"command\":{},\"host_functions\":[\"read_secret\"],\"secrets\":[\"key\"],"
          + "\"files\":{\"/\":{\"mode\":\"read-write\",\"from\":\"input\"}}}";

  private static final String SECRET = "correct-horse-battery-staple";

  /** Of all tests, so that each module is compiled once. */
  @TempDir private static Path compiled;

  @TempDir private Path directory;

  private Sessions session(String... settings) {
    return Sessions.start(settings(settings), 1 << 20, 100, SessionCommandTest::fail);
  }

  private static void fail(String problem) {
    throw new AssertionError(problem);
  }

  private Map<String, String> settings(String... more) {
    var modules = directory.resolve("modules");
    TestCommands.add(modules, "copy", TestCommands.cat());
    TestCommands.add(modules, "probe", TestCommands.probe());
    TestCommands.add(modules, "write", TestCommands.writeFile());
    TestCommands.add(
        modules,
        "reader",
        TestCommands.writeFile(),
        "{\"command\":{},\"files\":{\"/\":{\"mode\":\"read\",\"from\":\"input\"}}}");
    TestCommands.add(modules, "blind", TestCommands.writeFile(), "{\"command\":{}}");
    TestCommands.add(modules, "yes", TestCommands.yes());
    TestCommands.add(modules, "endless", TestCommands.endless());
    TestCommands.add(modules, "hog", TestCommands.hog());
    TestCommands.add(modules, "teller", TestCommands.secretTeller(), WITH_SECRET);
    TestCommands.add(modules, "keeper", TestCommands.secretKeeper(), WITH_SECRET);
    TestCommands.add(modules, "entrusted", TestCommands.writeFile(), WITH_SECRET);
    var all = new LinkedHashMap<String, String>();
    all.put("registry.directory", modules.toString());
    all.put("engine.compile-cache", compiled.toString());
    all.put("limits.memory", "64MiB");
    for (var setting : more) {
      var parts = setting.split("=", 2);
      all.put(parts[0], parts[1]);
    }
    return all;
  }

  private static String text(JsonNode node) {
    return node.isString() ? node.stringValue() : node.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void aCommandLineRunsGuestsOverTheSessionsFiles(String engine) {
    try (var session = session("engine.name=" + engine)) {
      var _ =
          session
              .client()
              .ask(
                  "{\"id\":1,\"type\":\"write_file\",\"path\":\"/data/a.txt\",\"content\":\"b\\n"
                      + "a\\n"
                      + "\"}");

      var answer =
          session.client().shell("copy < a.txt | copy > first; write data/made && copy < made");

      assertThat(answer.path("exit_code").intValue()).as(answer.toString()).isZero();
      assertThat(text(answer.path("stdout"))).isEqualTo("new");
      assertThat(answer.path("commands").valueStream().map(each -> text(each.path("name"))))
          .containsExactly("copy", "copy", "write", "copy");
      var receipt = answer.path("commands").path(2).path("receipt");
      assertThat(receipt.path("grants").path("files").path("directories").toString())
          .isEqualTo("{\"/\":\"read-write\"}");
      assertThat(receipt.path("files").path("created").intValue()).isEqualTo(1);
      assertThat(
              text(
                  session
                      .client()
                      .ask("{\"id\":2,\"type\":\"read_file\",\"path\":\"/data/first\"}")
                      .path("content")))
          .isEqualTo("b\na\n");
    }
  }

  @Test
  void aComponentWritesTheSessionsFiles() {
    TestCommands.add(
        directory.resolve("modules"), "compose", FileComponents.writing("data/made", "composed"));
    try (var session = session()) {
      var answer = session.client().shell("compose && copy < made | copy > second");

      assertThat(answer.path("exit_code").intValue()).as(answer.toString()).isZero();
      assertThat(
              text(
                  session
                      .client()
                      .ask("{\"id\":2,\"type\":\"read_file\",\"path\":\"/data/second\"}")
                      .path("content")))
          .isEqualTo("composed");
    }
  }

  @Test
  void aCommandIsGivenItsArgumentsAndTheVariablesThatThePolicyGrants() throws IOException {
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"), "handlers: [{handler: probe, environment: [LANG]}]");
    try (var session = session("policy.file=" + policy)) {
      var answer = session.client().shell("LANG=C probe 'a b' \"$\"");

      assertThat(answer.path("exit_code").intValue()).isEqualTo(7);
      assertThat(text(answer.path("stdout"))).isEqualTo("probe\0a b\0$\0PWD=/data\0LANG=C\0");
      assertThat(text(answer.path("stderr"))).isEqualTo("oh\n");
      assertThat(session.client().shell("LANG=C copy").path("exit_code").intValue())
          .as("it is requested and not granted")
          .isEqualTo(126);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void aPolicyThatChangesHoldsForTheCommandsThatStartAfterIt(String engine) throws Exception {
    var policy = directory.resolve("policy.yaml");
    Files.writeString(policy, "handlers: []");
    try (var session =
        session("policy.file=" + policy, "policy.reload=100ms", "engine.name=" + engine)) {
      var client = session.client();
      assertThat(client.shell("LANG=C probe").path("exit_code").intValue())
          .as("it is not granted")
          .isEqualTo(126);
      session.changes().drainPermits();
      replace(policy, "handlers: [{handler: probe, environment: [LANG]}]");
      session.awaitChange();

      var answer = client.shell("LANG=C probe");
      assertThat(answer.path("exit_code").intValue()).as(answer.toString()).isEqualTo(7);
      assertThat(text(answer.path("stdout"))).contains("LANG=C");

      replace(policy, "approval: required");
      session.awaitChange();

      assertThat(client.shell("probe").path("exit_code").intValue())
          .as("nobody has approved it")
          .isEqualTo(127);
      assertThat(
              client
                  .ask("{\"id\":1,\"type\":\"status\"}")
                  .path("commands")
                  .valueStream()
                  .map(each -> text(each)))
          .as("what came with the broker is trusted")
          .contains("sort")
          .doesNotContain("probe");
    }
  }

  /** At once: an empty file, which it would be for a moment, is a policy as well. */
  private static void replace(Path policy, String text) throws IOException {
    var next = Files.writeString(policy.resolveSibling("next.yaml"), text);
    Files.move(next, policy, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aCommandHasNoMoreOfTheFilesThanItsManifestRequests() {
    try (var session = session()) {
      assertThat(session.client().shell("reader data/x").path("exit_code").intValue())
          .as("EROFS")
          .isEqualTo(69);
      assertThat(session.client().shell("blind data/x").path("exit_code").intValue())
          .as("EBADF")
          .isEqualTo(8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../../etc/passwd", "/etc/passwd", "data/../../x"})
  void aCommandThatLooksForAWayOutFindsNone(String path) {
    try (var session = session()) {
      assertThat(session.client().shell("write " + path).path("exit_code").intValue())
          .as("EPERM")
          .isEqualTo(63);
      assertThat(
              session
                  .client()
                  .ask("{\"id\":1,\"type\":\"list_files\",\"path\":\"/\",\"recursive\":true}")
                  .path("files")
                  .size())
          .isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void anEndlessCommandIsCancelledWhileTheNextRequestIsServed(String engine) {
    try (var session = session("engine.name=" + engine, "limits.time=10m")) {
      var client = session.client();
      client.send("{\"id\":\"e\",\"type\":\"shell\",\"command\":\"endless\",\"async\":true}");
      client.send("{\"id\":\"w\",\"type\":\"write_file\",\"path\":\"a\",\"content\":\"x\"}");
      assertThat(text(client.answer().path("id"))).isEqualTo("w");
      assertThat(text(session.client().shell("copy < a").path("stdout"))).isEqualTo("x");

      client.send("{\"id\":\"c\",\"type\":\"cancel\",\"target\":\"e\",\"async\":true}");

      var ids = new ArrayList<String>();
      for (int i = 0; i < 2; i++) {
        var answer = client.answer();
        ids.add(text(answer.path("id")));
        if (text(answer.path("id")).equals("e")) {
          assertThat(text(answer.path("error").path("type"))).isEqualTo("cancelled");
        }
      }
      assertThat(ids).containsExactlyInAnyOrder("e", "c");
      assertThat(text(session.client().shell("copy < a").path("stdout"))).isEqualTo("x");
    }
  }

  @Test
  void whatTakesTooMuchTimeMemoryOrOutputEndsAndTheSessionGoesOn() {
    try (var session = session("limits.output=1MiB")) {
      var late =
          session
              .client()
              .ask("{\"id\":1,\"type\":\"shell\",\"command\":\"endless; copy\",\"timeout_ms\":50}");
      assertThat(late.path("exit_code").intValue()).isEqualTo(124);
      assertThat(late.path("timed_out").booleanValue()).isTrue();
      assertThat(late.path("commands").size()).isEqualTo(1);

      var hog = session.client().shell("hog");
      assertThat(hog.path("exit_code").intValue()).isEqualTo(137);
      assertThat(text(hog.path("commands").path(0).path("error").path("message")))
          .contains("memory");
      assertThat(
              hog.path("commands")
                  .path(0)
                  .path("receipt")
                  .path("memory_high_water_bytes")
                  .longValue())
          .isLessThanOrEqualTo(64L << 20);

      assertThat(
              text(session.client().shell("yes | copy").path("commands").path(0).path("exit_code")))
          .isEqualTo("137");
      var full = session.client().shell("yes > f");
      assertThat(full.path("exit_code").intValue()).as("ENOSPC").isEqualTo(51);

      assertThat(session.client().shell("write data/x").path("exit_code").intValue())
          .as("there is no room, until the file is removed")
          .isEqualTo(51);
      var _ = session.client().ask("{\"id\":2,\"type\":\"remove_file\",\"path\":\"f\"}");
      assertThat(session.client().shell("write data/x").path("exit_code").intValue()).isZero();
    }
  }

  /** A policy that grants the secret, and the secret. */
  private String[] secret() throws IOException {
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            "{secrets: {key: []}, handlers: [{handler: '*', readable-secrets: [key]}]}");
    var secrets = Files.createDirectory(directory.resolve("secrets"));
    Files.writeString(secrets.resolve("key"), SECRET);
    return new String[] {"policy.file=" + policy, "secrets.directory=" + secrets};
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"teller", "teller 2", "teller | copy", "teller > file", "teller 2 2> file"})
  void theValueOfASecretReachesNeitherTheClientNorAFileNorTheNextCommand(String line)
      throws IOException {
    try (var session = session(secret())) {
      var client = session.client();

      client.send(
          "{\"id\":1,\"type\":\"shell\",\"command\":\"%s\",\"progress\":true}".formatted(line));
      var answer = client.answer();
      // What the broker itself says of the command may be told as progress, if it takes that long.
      while (text(answer.path("type")).equals("progress")) {
        assertThat(answer.toString()).doesNotContain(SECRET);
        answer = client.answer();
      }

      assertThat(text(answer.path("type"))).isEqualTo("result");
      assertThat(answer.toString()).doesNotContain(SECRET);
      var teller = answer.path("commands").path(0);
      assertThat(teller.path("exit_code").intValue()).isEqualTo(126);
      assertThat(text(teller.path("error").path("error_type"))).isEqualTo("secret_in_output");
      assertThat(text(client.shell("copy < file").path("stdout"))).isEmpty();
    }
  }

  @Test
  void whatACommandWithASecretWritesArrivesOnceItHasEndedWell() throws IOException {
    try (var session = session(secret())) {
      var client = session.client();

      assertThat(text(client.shell("keeper").path("stdout"))).isEqualTo("ok\n");
      assertThat(text(client.shell("keeper | copy").path("stdout"))).isEqualTo("ok\n");
      assertThat(text(client.shell("keeper > file; copy < file").path("stdout"))).isEqualTo("ok\n");
    }
  }

  @Test
  void aCommandThatMayHaveASecretCanOnlyReadTheFiles() throws IOException {
    try (var session = session(secret())) {
      assertThat(session.client().shell("entrusted data/x").path("exit_code").intValue())
          .as("EROFS")
          .isEqualTo(69);
    }
    try (var session = session()) {
      assertThat(session.client().shell("entrusted data/x").path("exit_code").intValue())
          .as("the policy grants it no secret")
          .isZero();
    }
  }

  @Test
  void aFloodToTheClientIsCutOffAndEndsWithItsTime() {
    try (var session = session()) {
      var answer =
          session
              .client()
              .ask("{\"id\":1,\"type\":\"shell\",\"command\":\"yes\",\"timeout_ms\":100}");

      assertThat(answer.path("exit_code").intValue()).isEqualTo(124);
      assertThat(text(answer.path("stdout"))).as("as far as it came").hasSizeLessThan(70_000);
      assertThat(text(session.client().shell("true").path("exit_code"))).isEqualTo("0");

      var flood = session.client().shell("yes > f; copy < f");
      assertThat(flood.path("exit_code").intValue()).as(text(flood.path("stderr"))).isZero();
      assertThat(flood.path("stdout_cut").longValue()).isPositive();
      assertThat(text(flood.path("stdout"))).hasSizeLessThan(70_000);
    }
  }

  @Test
  void metricsCountRequestsByTheirAnswersAndCommandsAsStepsOfTheirHandlers() throws Exception {
    try (var session =
        Sessions.startWithMetrics(settings("limits.time=10m"), SessionCommandTest::fail)) {
      var client = session.client();
      var _ = client.shell("yes | copy > f; endlss; probe | copy > f");
      var _ = client.ask("{\"id\":1,\"type\":\"read_file\",\"path\":\"none\"}");
      var _ = client.ask("{\"id\":2,\"type\":\"dance\"}");
      client.send("{\"id\":\"e\",\"type\":\"shell\",\"command\":\"endless\"}");
      client.send("{\"id\":\"c\",\"type\":\"cancel\",\"target\":\"e\"}");
      assertThat(text(client.answer().path("error").path("type"))).isEqualTo("cancelled");
      assertThat(client.answer().path("cancelled").booleanValue()).isTrue();

      assertThat(session.page("/metrics"))
          .contains(
              "wasm_broker_sessions 1.0",
              "wasm_broker_session_requests_total{outcome=\"answered\",type=\"shell\"} 1.0",
              "wasm_broker_session_requests_total{outcome=\"cancelled\",type=\"shell\"} 1.0",
              "wasm_broker_session_requests_total{outcome=\"error\",type=\"read_file\"} 1.0",
              "wasm_broker_session_requests_total{outcome=\"error\",type=\"other\"} 1.0",
              "wasm_broker_session_requests_total{outcome=\"error\",type=\"write_file\"} 0.0",
              "wasm_broker_steps_total{error=\"limit_exceeded\",handler=\"yes\",outcome=\"failed\"}"
                  + " 1.0",
              "wasm_broker_steps_total{error=\"none\",handler=\"copy\",outcome=\"completed\"} 2.0",
              "wasm_broker_step_execution_seconds_count{handler=\"copy\"} 2",
              "wasm_broker_limit_exceeded_total{limit=\"output\"} 1.0");
      assertThat(session.page("/health/ready")).contains("\"status\":\"ready\"");
    }
  }

  @Test
  void anEngineThatDoesNotStartIsToldBeforeACommandNeedsIt() throws IOException {
    var none = Files.createFile(directory.resolve("none.so"));
    var in = System.in;
    var out = System.out;
    try {
      System.setIn(InputStream.nullInputStream());

      var run = CommandRun.of("session", "-s", "engine.library=" + none);

      assertThat(run.err()).contains("problem commands cannot run").contains("none.so");
    } finally {
      System.setIn(in);
      System.setOut(out);
    }
  }

  @Test
  void anAddressForMetricsThatIsNoneIsAUsageError() {
    var run = CommandRun.of("session", "--metrics", "127.0.0.1:99999");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--metrics must be HOST:PORT or PORT");
  }

  @Test
  void handlersThatAreNoCommandsAreNone() {
    try (var session = session()) {
      assertThat(session.client().shell("transform").path("exit_code").intValue()).isEqualTo(127);
      var names = new ArrayList<String>();
      session
          .client()
          .ask("{\"id\":1,\"type\":\"status\"}")
          .path("commands")
          .forEach(name -> names.add(text(name)));
      assertThat(names).contains("copy", "hog").doesNotContain("transform", "validate");
    }
  }

  @Test
  void theRequestsOfTheDocumentationDoWhatItSays() throws IOException {
    var document = Files.readString(Path.of("..", "docs", "agents.md"));
    var block = Pattern.compile("```json requests\\n(.*?)```", Pattern.DOTALL).matcher(document);
    assertThat(block.find()).isTrue();
    try (var session = session()) {
      var answers = new ArrayList<JsonNode>();
      for (var request : block.group(1).lines().toList()) {
        answers.add(session.client().ask(request));
      }

      assertThat(answers.stream().map(answer -> text(answer.path("type"))))
          .as(answers.toString())
          .hasSize(6)
          .containsOnly("result");
      assertThat(answers.get(1).path("exit_code").intValue()).isZero();
      assertThat(text(answers.get(2).path("content_base64")))
          .as("a and a line break")
          .isEqualTo("YQo=");
      assertThat(answers.get(3).path("cancelled").booleanValue()).isFalse();
      assertThat(answers.get(4).path("commands").toString()).contains("sort", "head");
      assertThat(answers.get(5).path("files").path("bytes").intValue()).isZero();
    }
  }
}
