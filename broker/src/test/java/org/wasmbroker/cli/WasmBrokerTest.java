package org.wasmbroker.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.PrebuiltHandlers;
import tools.jackson.databind.json.JsonMapper;

/** The command line as a person meets it: exit codes, and words in place of stack traces. */
class WasmBrokerTest {
  private static final String STEP =
      """
      {"config": {"filter": ".context.a + 1"}, "context": {"a": 41}}""";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "invoke",
        "enqueue",
        "results",
        "policy",
        "check-config",
        "doctor",
        "version"
      })
  void everyCommandExplainsItself(String command) {
    assertThat(run(command, "--help")).isZero();
    assertThat(out.toString()).contains("Usage: wasm-broker " + command, "--help");
  }

  @Test
  void theExitCodesInTheHelpAreThoseOfTheReadme() throws IOException {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains(
            "0   success",
            "1   what was run failed",
            "2   invalid command line",
            "3   something required",
            "70   internal error");
    assertThat(Files.readString(Path.of("..", "README.md")))
        .contains(
            "0 success",
            "1 what was run failed",
            "2 invalid command line",
            "3 something required",
            "70 internal error");
  }

  @Test
  void theVersionNamesBrokerEnginesAndAbi() {
    assertThat(run("version")).isZero();
    assertThat(out.toString())
        .contains("wasm-broker", "guest ABI    v1", "wasmtime 50.0.1", "wasmtime-java 0.19.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"wasmtime", "wasmtime-java"})
  void invokePrintsTheResultAndTheReceipt(String engine) throws IOException {
    assertThat(run("invoke", "transform", "--input", step(STEP), "--engine", engine)).isZero();
    assertThat(out.toString())
        .isEqualToIgnoringNewLines("{\"status\":\"completed\",\"result\":42}");
    assertThat(err.toString())
        .contains("transform 1.0.0 sha256:", engine, "memory high-water", "read_input 1");
  }

  @Test
  void invokeRunsAFile() throws IOException {
    var file = directory.resolve("echo.wasm");
    Files.write(file, PrebuiltHandlers.module("echo").bytes());
    assertThat(run("invoke", file.toString(), "--input", step(STEP))).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines(STEP);
  }

  @Test
  void aGuestThatIsStoppedIsAFailureThatSaysWhy() throws IOException {
    var endless =
        """
        {"config": {"filter": "last(repeat(1))"}, "context": null}""";
    assertThat(run("invoke", "transform", "-i", step(endless), "--timeout", "50ms"))
        .isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("limit exceeded", "the limit is 50");
  }

  @Test
  void aFileThatIsNoModuleIsRefusedInWords() throws IOException {
    var file = directory.resolve("text.wasm");
    Files.writeString(file, "hello");
    assertThat(run("invoke", file.toString(), "-i", step(STEP))).isEqualTo(ExitCode.FAILED);
    assertThat(err.toString()).contains("refused").doesNotContain("Exception");
  }

  @Test
  void anUnknownHandlerIsAMistakeOfUseThatNamesWhatThereIs() throws IOException {
    assertThat(run("invoke", "transfrom", "-i", step(STEP))).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("transfrom", "transform").doesNotContain("Exception");
  }

  @Test
  void aMissingFileIsUnavailable() {
    assertThat(run("invoke", "transform", "-i", directory.resolve("none.json").toString()))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err.toString()).contains("no such file").doesNotContain("Exception");
  }

  @Test
  void allProblemsOfTheConfigurationComeAtOnce() {
    assertThat(
            run(
                "check-config",
                "-s",
                "dispatch.slots=0",
                "-s",
                "dispach.slots=2",
                "-s",
                "http.port=x"))
        .isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("dispatch.slots", "dispach.slots", "http.port")
        .doesNotContain("Exception");
  }

  @Test
  void checkConfigShowsWhereAValueComesFrom() {
    assertThat(run("check-config", "-s", "dispatch.slots=3")).isZero();
    assertThat(out.toString()).containsPattern("dispatch\\.slots +=? *3 .*command line");
  }

  @Test
  void messagesThatAreNoStepsAreNotSent() throws IOException {
    var file = directory.resolve("messages.ndjson");
    Files.writeString(file, "{\"handler\":\"transform\"}\n{\"step_uuid\":5}\n");
    assertThat(run("enqueue", file.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains("nothing was sent", "message 1", "step_uuid", "message 2")
        .doesNotContain("Exception");
  }

  @Test
  void aDatabaseOutOfReachIsNamed() throws IOException {
    var file = directory.resolve("message.json");
    Files.writeString(
        file, "{\"step_uuid\":\"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f\",\"handler\":\"transform\"}");
    var unreachable = "database.url=jdbc:postgresql://127.0.0.1:1/none";
    assertThat(
            run("enqueue", file.toString(), "-s", unreachable, "-s", "database.connect-timeout=1s"))
        .isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(err.toString()).contains("127.0.0.1:1").doesNotContain("Exception", "\tat ");
  }

  @Test
  void aPolicyIsExplainedToPeopleAndPrograms() throws IOException {
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            "handlers: [{handler: transform, class: image, http: [https://a.example]}]");

    assertThat(run("policy", "explain", "transform@1", "--policy", policy.toString())).isZero();
    assertThat(out.toString())
        .contains(
            "transform@1.0.0",
            "defaults, handlers[0]",
            "GET,HEAD https://a.example/ [handlers[0].http[0]] is granted, and the manifest asks"
                + " for none of it",
            "class            image");

    out.getBuffer().setLength(0);
    assertThat(run("policy", "explain", "transform", "-s", "policy.file=" + policy, "--json"))
        .isZero();
    var json = JsonMapper.shared().readTree(out.toString());
    assertThat(json.at("/granted/destinations/0").stringValue())
        .isEqualTo("GET,HEAD https://a.example/ [handlers[0].http[0]]");
    assertThat(json.at("/holds/destinations").isEmpty()).isTrue();
    assertThat(json.at("/holds/class").stringValue()).isEqualTo("image");
    assertThat(json.at("/limits/memory").stringValue()).isEqualTo("32 MiB");
  }

  @Test
  void withoutAPolicyFileTheExplanationSaysSo() {
    assertThat(run("policy", "explain", "transform")).isZero();
    assertThat(out.toString())
        .contains("no policy file", "everything that is asked for is granted");
    assertThat(run("policy", "explain", "transfrom")).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains("no module serves transfrom");
    assertThat(run("policy", "explain", "no/name")).isEqualTo(ExitCode.USAGE);
    assertThat(run("policy")).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aPolicyFileIsCheckedWithAllItsProblems() throws IOException {
    var good = Files.writeString(directory.resolve("good.yaml"), "handlers: [{handler: h}]");
    var bad = Files.writeString(directory.resolve("bad.yaml"), "handler: []\nclases: {}\n");

    assertThat(run("policy", "check", good.toString())).isZero();
    assertThat(out.toString()).contains("good", "1 rules", "class text", "class media");
    assertThat(run("policy", "check", bad.toString())).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString())
        .contains(
            bad + ":1:1: /handler: is unknown; did you mean 'handlers'?",
            bad + ":2:1: /clases: is unknown; did you mean 'classes'?");
    assertThat(run("policy", "check", directory.resolve("none").toString()))
        .isEqualTo(ExitCode.USAGE);
  }

  @Test
  void aBrokenPolicyFileStopsTheStart() throws IOException {
    var bad = Files.writeString(directory.resolve("bad.yaml"), "handlers: 3");

    assertThat(run("check-config", "-s", "policy.file=" + bad)).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(bad + ":1", "/handlers: must be an object, was '3'");
  }

  @Test
  void colourIsLeftOutWhenNobodyWantsIt() {
    var wanted = new Console(new PrintWriter(out), new PrintWriter(err), true, Map.of());
    assertThat(wanted.success("x")).contains("\033[");
    var unwanted =
        new Console(new PrintWriter(out), new PrintWriter(err), true, Map.of("NO_COLOR", "1"));
    assertThat(unwanted.success("x")).isEqualTo("x");
    var noTerminal = new Console(new PrintWriter(out), new PrintWriter(err), false, Map.of());
    assertThat(noTerminal.success("x")).isEqualTo("x");
  }

  private int run(String... arguments) {
    var commandLine = WasmBroker.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private String step(String document) throws IOException {
    var file = directory.resolve("step.json");
    Files.write(file, document.getBytes(UTF_8));
    return file.toString();
  }
}
