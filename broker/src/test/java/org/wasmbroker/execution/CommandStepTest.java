package org.wasmbroker.execution;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.app.EngineName;
import org.wasmbroker.app.Engines;
import org.wasmbroker.capability.Capabilities;
import org.wasmbroker.capability.CommandGrant;
import org.wasmbroker.capability.DirectorySource;
import org.wasmbroker.capability.FilesGrant;
import org.wasmbroker.capability.FilesGrant.GrantedDirectory;
import org.wasmbroker.dispatch.DispatchConfig;
import org.wasmbroker.files.FileStore;
import org.wasmbroker.files.FilesConfig;
import org.wasmbroker.grant.Grants;
import org.wasmbroker.grant.StepAccessFactory;
import org.wasmbroker.registry.Resolution.Resolved;
import org.wasmbroker.sandbox.EngineConfig;
import org.wasmbroker.sandbox.GuestLog;
import org.wasmbroker.sandbox.LimitKind;
import org.wasmbroker.sandbox.Limits;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.sandbox.files.DirectoryMode;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.HandlerRef;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.testing.FileComponents;
import org.wasmbroker.testing.TestCommands;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Commands that know nothing of step documents, run as steps, on every engine. */
class CommandStepTest {
  private static final FileStore STORE =
      new FileStore(FilesConfig.DEFAULTS, TimeSource.SYSTEM, EventSink.NONE);
  private static final StepAccessFactory ACCESSES =
      StepAccessFactory.BASIC.with(
          Capabilities.FILES,
          (granted, context) -> STORE.open(granted, context.step(), context.module()));
  private static final Limits LIMITS = Limits.DEFAULTS;

  private static Grants grants(Limits limits) {
    return Grants.basic(limits)
        .with(Capabilities.COMMAND, new CommandGrant(true, Set.of("LANG")))
        .with(
            Capabilities.FILES,
            new FilesGrant(
                100_000,
                50,
                List.of(
                    new GrantedDirectory(
                        "/", DirectoryMode.READ_WRITE, DirectorySource.INPUT, null))));
  }

  private static Outcome run(EngineName name, WasmBinary wasm, Limits limits, String config) {
    var engineConfig = EngineConfig.of(1);
    try (var engine = Engines.start(name, engineConfig);
        var module = engine.compile(wasm, limits)) {
      return new StepInvoker(
              DispatchConfig.DEFAULTS.retryPolicy(),
              engineConfig.threadStackBytes(),
              ACCESSES,
              _ -> GuestLog.NONE)
          .run(
              new HandlerRef("tool", null),
              new Resolved(
                  new ModuleId("tool", "1.0.0", wasm.digest()), module, grants(limits), null),
              Document.of("{\"config\":" + config + "}"));
    }
  }

  private static JsonNode result(Outcome outcome) {
    assertThat(outcome).isInstanceOf(Outcome.Completed.class);
    return JsonMapper.shared().readTree(((Outcome.Completed) outcome).result().bytes());
  }

  private static String error(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Failed failed -> failed.error().type() + ": " + failed.error().message();
      case Outcome.Retry retry -> retry.error().type() + ": " + retry.error().message();
      case Outcome.Completed completed -> "completed: " + completed.result().text();
    };
  }

  @ParameterizedTest
  @EnumSource
  void aCommandHasArgumentsVariablesAndStreamsAndItsExitCodeIsAResult(EngineName engine) {
    var outcome =
        run(
            engine,
            TestCommands.probe(),
            LIMITS,
            """
            {"args":["-n","ä b",""],"env":{"PWD":"/data","LANG":"C"},"stdin":"in\\n"}""");
    var result = result(outcome);

    assertThat(result.path("exit_code").intValue()).isEqualTo(7);
    var written = Base64.getDecoder().decode(result.path("stdout").path("base64").stringValue());
    assertThat(written).asString().isEqualTo("tool\0-n\0ä b\0\0PWD=/data\0LANG=C\0in\n");
    assertThat(result.path("stderr").stringValue()).isEqualTo("oh\n");
    assertThat(result.has("files")).isFalse();
    assertThat(outcome.receipt().logLinesDropped()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void withoutAConfigurationThereIsNothingButTheName(EngineName engine) {
    var result = result(run(engine, TestCommands.cat(), LIMITS, "{}"));

    assertThat(result.toString()).isEqualTo("{\"exit_code\":0,\"stdout\":\"\",\"stderr\":\"\"}");
  }

  @ParameterizedTest
  @EnumSource
  void bytesComeAndGoInBase64(EngineName engine) {
    var result =
        result(run(engine, TestCommands.cat(), LIMITS, "{\"stdin\":{\"base64\":\"/wA=\"}}"));

    assertThat(result.path("stdout").toString()).isEqualTo("{\"base64\":\"/wA=\"}");
  }

  @ParameterizedTest
  @EnumSource
  void filesThatAreNamedAreReturned(EngineName engine) {
    var result =
        result(
            run(
                engine,
                TestCommands.writeFile(),
                LIMITS,
                """
                {"args":["d/out"],"files":{"/d/in":"a"},"outputs":["/d","/none"]}"""));

    assertThat(result.path("exit_code").intValue()).isZero();
    assertThat(result.path("files").toString()).isEqualTo("{\"/d/in\":\"a\",\"/d/out\":\"new\"}");
  }

  @Test
  void filesThatAComponentWritesAreReturned() {
    var outcome =
        run(
            EngineName.WASMTIME,
            FileComponents.writing("d/out", "new"),
            LIMITS,
            """
            {"files":{"/d/in":"a"},"outputs":["/d","/none"]}""");
    var result = result(outcome);

    assertThat(result.path("exit_code").intValue()).isZero();
    assertThat(result.path("files").toString()).isEqualTo("{\"/d/in\":\"a\",\"/d/out\":\"new\"}");
  }

  @ParameterizedTest
  @EnumSource
  void outputBeyondTheLimitEndsTheRun(EngineName engine) {
    var limits = LIMITS.with(LimitKind.OUTPUT, 200_000);

    assertThat(error(run(engine, TestCommands.yes(), limits, "{}")))
        .startsWith("limit_exceeded: ")
        .contains("200000");
    assertThat(
            error(
                run(
                    engine,
                    TestCommands.cat(),
                    LIMITS.with(LimitKind.OUTPUT, 1000),
                    "{\"stdin\":\"" + "\\n".repeat(990) + "\"}")))
        .as("in the document each line break has two bytes")
        .startsWith("limit_exceeded: ");
  }

  @ParameterizedTest
  @EnumSource
  void aTrapAndWantOfMemoryAreErrorsAsOfAnyHandler(EngineName engine) {
    assertThat(error(run(engine, TestCommands.hog(), LIMITS, "{}")))
        .startsWith("limit_exceeded: ")
        .contains("memory");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"args\":\"a\"} ~ /args: must be an array",
        "{\"args\":[1]} ~ /args/0: must be a string",
        "{\"args\":[\"a\\u0000\"]} ~ zero character",
        "{\"env\":{\"PATH\":\"/\"}} ~ not granted; granted are PWD, LANG",
        "{\"stdin\":1} ~ /stdin",
        "{\"stdin\":{\"base64\":\"?\"}} ~ base64",
        "{\"outputs\":[\"a\"]} ~ absolute path",
        "{\"outputs\":[\"/a/../b\"]} ~ '..'",
        "{\"arg\":[]} ~ did you mean 'args'?",
        "[] ~ must be an object",
      })
  void aConfigurationThatIsNoCommandsIsRefused(String config, String message) {
    assertThat(error(run(EngineName.WASMTIME, TestCommands.cat(), LIMITS, config)))
        .startsWith("invalid_command: ")
        .contains(message);
  }
}
