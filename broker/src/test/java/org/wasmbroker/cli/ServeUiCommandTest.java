package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.step.Digest;
import tools.jackson.databind.json.JsonMapper;

class ServeUiCommandTest {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir private Path directory;

  @Test
  void anExportHasTheCatalogWithTheModulesThatItNames() throws IOException {
    var site = directory.resolve("site");

    var run = CommandRun.of("serve-ui", "--export", site.toString());

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    var catalog = JSON.readTree(Files.readAllBytes(site.resolve("catalog.json")));
    assertThat(catalog.path("handlers").valueStream())
        .isNotEmpty()
        .allSatisfy(
            handler -> {
              var module = site.resolve(handler.path("module").stringValue());
              assertThat(module.getFileName())
                  .hasToString(Digest.of(Files.readAllBytes(module)).hex() + ".wasm");
              assertThat(handler.at("/manifest/name")).isEqualTo(handler.path("name"));
              assertThat(handler.at("/limits/memory").longValue()).isPositive();
            });
    assertThat(
            catalog.path("handlers").valueStream().map(handler -> handler.path("name").asString()))
        .contains("transform", "javascript", "grep")
        .doesNotHaveDuplicates();
  }

  @Test
  void whatThePolicyDoesNotLetRunHasNoModule() throws IOException {
    var modules = directory.resolve("modules/mine/1.0.0");
    Files.createDirectories(modules);
    Files.copy(
        Path.of("..", "handlers-wasm", "prebuilt", "noop", "1.0.0", "module.wasm"),
        modules.resolve("module.wasm"));
    Files.writeString(
        modules.resolve("manifest.json"),
        "{\"name\":\"mine\",\"version\":\"1.0.0\",\"abi\":\"1\"}");
    var policy = directory.resolve("policy.yaml");
    Files.writeString(
        policy,
        """
        approval: required
        """);
    var site = directory.resolve("site");

    var run =
        CommandRun.of(
            "serve-ui",
            "--export",
            site.toString(),
            "--policy",
            policy.toString(),
            "-s",
            "registry.directory=" + directory.resolve("modules"));

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    var mine =
        JSON.readTree(Files.readAllBytes(site.resolve("catalog.json")))
            .path("handlers")
            .valueStream()
            .filter(handler -> handler.path("name").asString().equals("mine"))
            .findFirst()
            .orElseThrow();
    assertThat(mine.has("module")).as(mine.toString()).isFalse();
    assertThat(mine.path("reason").isString()).as(mine.toString()).isTrue();
  }

  @Test
  void aDirectoryWithSomethingInItIsLeftAlone() throws IOException {
    Files.writeString(directory.resolve("mine"), "x");

    var run = CommandRun.of("serve-ui", "--export", directory.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("is not empty");
    assertThat(directory).isDirectoryContaining("glob:**/mine");
  }

  @Test
  void anAddressThatOthersReachIsRefused() {
    var run = CommandRun.of("serve-ui", "--address", "0.0.0.0:0");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("0.0.0.0 is not a loopback address", "--export");
  }

  @Test
  void exportAndAddressExcludeEachOther() {
    var run = CommandRun.of("serve-ui", "--export", "x", "--address", "8780");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("exclude each other");
  }

  @Test
  void aBrokerIsAskedByTheCommandOnly() {
    var exported =
        CommandRun.of(
            "serve-ui",
            "--broker",
            "http://127.0.0.1:9090",
            "--export",
            directory.resolve("site").toString());
    assertThat(exported.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(exported.err()).contains("only serve-ui itself can ask a broker");

    var malformed = CommandRun.of("serve-ui", "--broker", "localhost:9090");
    assertThat(malformed.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(malformed.err()).contains("--broker: 'localhost:9090' is not the address");
  }
}
