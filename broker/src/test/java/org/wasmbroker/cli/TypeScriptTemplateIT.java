package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The template in TypeScript, built by esbuild from npm: {@code make templates-check}. */
class TypeScriptTemplateIT {
  @TempDir private Path directory;

  @Test
  void aNewProjectIsBuiltTestedAndPublished() {
    var project = directory.resolve("hello").toString();
    succeed("new", "hello", "--lang", "ts", "--dir", project);

    assertThat(succeed("test", project).out()).contains("2 examples, all as expected");
    succeed("publish", project, directory.resolve("modules").toString());
    assertThat(directory.resolve("modules/hello/1.0.0/module.wasm")).exists();
  }

  private static CommandRun succeed(String... arguments) {
    var run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(ExitCode.OK);
    return run;
  }
}
