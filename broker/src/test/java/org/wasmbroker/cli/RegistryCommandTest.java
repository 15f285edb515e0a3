package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.TestModules;
import org.wasmbroker.testing.WasmModuleBuilder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On a module directory; with registries, PublishIT. */
class RegistryCommandTest {
  @TempDir private Path modules;

  private void add(String handler) {
    TestModules.add(modules, handler, WasmModuleBuilder.reactor().toWasm());
  }

  private CommandRun run(String... arguments) {
    return CommandRun.of(new String[] {"-s", "registry.directory=" + modules}, arguments);
  }

  private static JsonNode json(CommandRun run) {
    return JsonMapper.shared().readTree(run.out());
  }

  @Test
  void everyReleaseIsListedWithItsStateAndOrigin() throws IOException {
    add("mine");
    add("wrong");
    Files.writeString(modules.resolve("wrong/1.0.0/manifest.json"), "{}");

    var run = run("registry", "list", "--json");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    var rows = json(run).at("/releases").valueStream().toList();
    assertThat(rows)
        .extracting(
            row -> row.at("/handler").stringValue(),
            row -> row.at("/state").stringValue(),
            row -> row.at("/origin").stringValue())
        .contains(
            tuple("mine", "trusted", "user"),
            tuple("wrong", "refused", "user"),
            tuple("transform", "trusted", "built_in"));
    assertThat(run("registry", "list").out())
        .contains("mine@1.0.0", "sha256:", modules.toString(), "/name: is missing");
  }

  @Test
  void aSourceThatCannotBeListedDoesNotHideTheOthers() {
    var run =
        CommandRun.of("registry", "list", "-s", "registry.directory=" + modules.resolve("none"));
    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.out()).contains("transform@1.0.0");
    assertThat(run.err()).contains("does not exist");
  }

  @Test
  void aReleaseIsShownWithWhatItRequests() {
    add("mine");
    var run = run("registry", "show", "mine");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains(
            "handler", "mine", "read_input, read_input_at, write_output", "sha256:", "trusted");
    assertThat(json(run("registry", "show", "mine@1", "--json")).at("/version").stringValue())
        .isEqualTo("1.0.0");
    assertThat(run("registry", "show", "mien").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void twoReleasesAreCompared() throws IOException {
    add("mine");
    var next = Files.createDirectories(modules.resolve("mine/1.1.0"));
    Files.copy(modules.resolve("mine/1.0.0/module.wasm"), next.resolve("module.wasm"));
    Files.writeString(
        next.resolve("manifest.json"),
        """
        {"name":"mine","version":"1.1.0","abi":"1","capabilities":{"secrets":["k"]}}\
        """);

    var run = run("registry", "diff", "mine@1.0.0", next.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("mine@1.1.0 asks more than mine@1.0.0:", "+ the secret k");
    var back = run("registry", "diff", "mine@1.1.0", "mine@1.0.0", "--json");
    assertThat(back.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(json(back).at("/added").isEmpty()).isTrue();
  }

  @Test
  void aReferenceWithoutVersionIsExplainedBeforeAnythingIsFetched() {
    var reference = "oci://registry.example/hello";
    var pulled = run("registry", "pull", reference, modules.resolve("new").toString());
    assertThat(pulled.exitCode()).as(pulled.err()).isEqualTo(ExitCode.USAGE);
    assertThat(pulled.err()).contains("names no version", reference + ":1.0.0");
    assertThat(run("inspect", reference).err()).contains("names no version");
    assertThat(run("registry", "diff", reference, reference).err()).contains("names no version");
  }

  @Test
  void anArchiveIsWrittenInOneFormAndOverNothing() throws IOException {
    var reference = "oci://registry.example/hello:1.0.0";
    var zip = run("registry", "pull", reference, modules.resolve("hello.zip").toString());
    assertThat(zip.exitCode()).as(zip.err()).isEqualTo(ExitCode.USAGE);
    assertThat(zip.err()).contains("hello.zip", ".tar.gz");
    var there = Files.createFile(modules.resolve("hello.tar.gz"));
    var again = run("registry", "pull", reference, there.toString());
    assertThat(again.exitCode()).as(again.err()).isEqualTo(ExitCode.USAGE);
    assertThat(again.err()).contains("exists").doesNotContain("fetching");
  }

  @Test
  void theStoreIsCleaned() {
    var store = "registry.store=" + modules.resolve("store");
    var run = run("registry", "gc", "-s", store, "-s", "registry.oci=oci://registry.example/mine");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("removed 0 files");
  }

  @Test
  void aForgottenConfigurationDoesNotEmptyTheStore() {
    var store = "registry.store=" + modules.resolve("store");
    var forgotten = run("registry", "gc", "-s", store);
    assertThat(forgotten.exitCode()).as(forgotten.err()).isEqualTo(ExitCode.USAGE);
    assertThat(forgotten.err()).contains("registry.oci", "--config", "--all");
    assertThat(run("registry", "gc", "--all", "-s", store).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void everySubcommandHasHelp() {
    for (var command : new String[] {"list", "show", "diff", "pull", "gc", "verify", "approve"}) {
      var run = CommandRun.of("registry", command, "--help");
      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).contains("Usage: wasm-broker registry " + command);
    }
  }
}
