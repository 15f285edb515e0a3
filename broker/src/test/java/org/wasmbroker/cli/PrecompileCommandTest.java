package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.registry.source.BundledModules;
import org.wasmbroker.testing.Components;

class PrecompileCommandTest {
  @TempDir private Path directory;

  @Test
  void everyHandlerOfTheBrokerIsCompiledAndThenLoaded() throws IOException {
    var target = directory.resolve("compiled");
    var registry = "registry.directory=" + component("echoes");

    var run = CommandRun.of("precompile", target.toString(), "-s", registry);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    int handlers = new BundledModules().list().size() + 1;
    assertThat(run.out())
        .contains(
            "transform@1.0.0", "echoes@1.0.0", "%d of %d compiled".formatted(handlers, handlers));
    assertThat(files(target)).isNotEmpty().allMatch(name -> name.endsWith(".cwasm"));
    assertRunsUncompiled("transform", target, registry);
    assertRunsUncompiled("echoes", target, registry);
  }

  /** A directory with a component as a handler. */
  private Path component(String handler) throws IOException {
    var own = directory.resolve("components");
    var home = Files.createDirectories(own.resolve(handler + "/1.0.0"));
    Files.write(home.resolve("module.wasm"), Components.echo().bytes());
    Files.writeString(
        home.resolve("manifest.json"),
        "{\"name\":\"%s\",\"version\":\"1.0.0\",\"abi\":\"1\"}".formatted(handler));
    return own;
  }

  private void assertRunsUncompiled(String handler, Path target, String registry)
      throws IOException {
    var step = Files.writeString(directory.resolve("step.json"), "{\"config\":{\"filter\":\".\"}}");
    var cache = directory.resolve("cache-" + handler);
    var used =
        CommandRun.of(
            "invoke",
            handler,
            "-i",
            step.toString(),
            "-s",
            registry,
            "-s",
            "engine.compile-seed=" + target,
            "-s",
            "engine.compile-cache=" + cache);
    assertThat(used.exitCode()).as(used.err()).isEqualTo(ExitCode.OK);
    assertThat(files(cache)).as("nothing was compiled").containsExactly("key");
  }

  @Test
  void aHandlerThatIsRefusedIsNamedAndTheOthersAreCompiled() throws IOException {
    var own = Files.createDirectories(directory.resolve("own/broken/1.0.0"));
    Files.write(own.resolve("module.wasm"), new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    Files.writeString(own.resolve("manifest.json"), "{}");
    var target = directory.resolve("compiled");

    var run =
        CommandRun.of(
            "precompile",
            target.toString(),
            "-s",
            "registry.directory=" + directory.resolve("own"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.err()).contains("broken@1.0.0: ");
    assertThat(files(target)).isNotEmpty();
  }

  @Test
  void theOtherEngineCannotLoadAnything() {
    var run = CommandRun.of("precompile", directory.toString(), "-s", "engine.name=wasmtime-java");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
  }

  private static String[] files(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toArray(String[]::new);
    }
  }
}
