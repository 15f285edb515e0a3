package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.sandbox.WasmBinary;
import org.wasmbroker.testing.Components;
import org.wasmbroker.testing.HttpComponents;
import org.wasmbroker.testing.TestModules;

/** What a component imports and what its handler is granted. */
final class ComponentGrantsTest {
  private static final String IMPORT = "'wasm-broker:handler/secrets@1.0.0#read'";

  @TempDir private Path directory;

  @Test
  void aComponentRunsFromADirectoryOfModules() throws IOException {
    var modules = Files.createDirectory(directory.resolve("modules"));
    TestModules.add(modules, "echo-component", Components.echo());

    var run = invoke("echo-component", "-s", "registry.directory=" + modules);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).isEqualToIgnoringNewLines("{\"status\":\"completed\",\"result\":{}}");
  }

  @Test
  void aComponentThatImportsWhatIsNotGrantedIsRefusedByName() throws IOException {
    var modules = Files.createDirectory(directory.resolve("modules"));
    TestModules.add(modules, "curious", readsSecrets());

    var run = invoke("curious", "-s", "registry.directory=" + modules);

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out() + run.err())
        .contains(IMPORT, "is not granted", "the function read_secret");
  }

  @Test
  void aComponentThatImportsWhatIsGrantedRuns() throws IOException {
    var modules = Files.createDirectory(directory.resolve("modules"));
    TestModules.add(modules, "trusted", readsSecrets());
    Files.writeString(
        modules.resolve("trusted/1.0.0/manifest.json"),
        """
        {"name":"trusted","version":"1.0.0","abi":"1",
         "capabilities":{"host_functions":["read_secret"],"secrets":["A_KEY"]}}""");
    var policy =
        Files.writeString(
            directory.resolve("policy.yaml"),
            """
            secrets:
              A_KEY: []
            handlers:
              - handler: trusted
                readable-secrets: [A_KEY]
            """);

    var run =
        invoke("trusted", "-s", "registry.directory=" + modules, "--policy", policy.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void aFileThatImportsWhatIsNotGrantedIsRefusedByName() throws IOException {
    var file = Files.write(directory.resolve("curious.wasm"), readsSecrets().bytes());

    var run = invoke(file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out() + run.err()).contains(IMPORT);
  }

  @Test
  void aComponentThatMakesRequestsByWasiHttpNeedsTheGrantOfHttpRequest() throws IOException {
    var file = Files.write(directory.resolve("curious.wasm"), makesRequests().bytes());

    var run = invoke(file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out() + run.err())
        .contains(
            "'wasi:http/outgoing-handler@0.2.3#handle'",
            "is not granted",
            "the function http_request");
  }

  @Test
  void aComponentThatImportsTheTypesOfWasiHttpAloneRuns() throws IOException {
    var component =
        HttpComponents.importingTypes()
            .function("types", "[constructor]fields", "new-fields", "(result i32)")
            .code(
                Components.returning(
                    "(local.get 0)",
                    "(block (result i32) (drop (call $new-fields)) (local.get 1))"))
            .handler();
    var file = Files.write(directory.resolve("harmless.wasm"), component.bytes());

    var run = invoke(file.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
  }

  @Test
  void theOtherEngineSaysWhichOneRunsComponents() throws IOException {
    var file = Files.write(directory.resolve("echo.wasm"), Components.echo().bytes());

    var run = invoke(file.toString(), "--engine", "wasmtime-java");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out() + run.err())
        .contains("is a WebAssembly component", "set engine.name to wasmtime");
  }

  @Test
  void anInspectionShowsWhatItImportsAndExports() throws IOException {
    var file = Files.write(directory.resolve("curious.wasm"), readsSecrets().bytes());

    var run = CommandRun.of("inspect", file.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("component", "wasm-broker:handler/secrets@1.0.0#read", "a broker would run it");
  }

  private CommandRun invoke(String... arguments) throws IOException {
    var input = Files.writeString(directory.resolve("step.json"), "{}");
    var all = new String[arguments.length + 3];
    all[0] = "invoke";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    all[arguments.length + 1] = "--input";
    all[arguments.length + 2] = input.toString();
    return CommandRun.of(all);
  }

  /** Imports what sends requests, and returns the step. */
  private static WasmBinary makesRequests() {
    return HttpComponents.importing()
        .function("handler", "handle", "handle", "(param i32 i32 i32 i32)")
        .code(Components.returning("(local.get 0)", "(local.get 1)"))
        .handler();
  }

  /** Imports secrets, and returns the step. */
  private static WasmBinary readsSecrets() {
    return new Components()
        .instance(
            "secrets",
            "wasm-broker:handler/secrets@1.0.0",
            """
            (type $code-type (enum "invalid" "too-large" "state" "denied" "not-found"
              "rate-limited" "timeout" "io" "budget"))
            (export "error-code" (type $code (eq $code-type)))
            (export "read" (func (param "name" string) (result (result string (error $code)))))
            """)
        .function("secrets", "read", "read", "(param i32 i32 i32)")
        .code(Components.returning("(local.get 0)", "(local.get 1)"))
        .handler();
  }
}
