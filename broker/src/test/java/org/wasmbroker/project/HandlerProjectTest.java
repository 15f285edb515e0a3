package org.wasmbroker.project;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wasmbroker.sandbox.binary.ModuleContent;
import org.wasmbroker.sandbox.binary.ModuleShape;
import org.wasmbroker.testing.PrebuiltHandlers;

/** What a directory says about its handler, and what is wrong with it. */
class HandlerProjectTest {
  @TempDir private Path directory;

  @Test
  void aDirectoryWithoutAFileIsAFinishedHandler() throws IOException {
    write("manifest.json", "{}");
    write("module.wasm", "bytes");

    var project = HandlerProject.open(directory);
    var files = ProjectFiles.read(project, 100, null);

    assertThat(project.build()).isEmpty();
    assertThat(files.wasm().bytes()).asString(UTF_8).isEqualTo("bytes");
    assertThat(files.manifest().text()).isEqualTo("{}");
  }

  @Test
  void aModuleInTheTextFormatIsAssembled() throws IOException {
    write("manifest.json", "{}");
    write("handler.yaml", "module: src/a.wat");
    write("src/a.wat", "(module)");

    var files = ProjectFiles.read(HandlerProject.open(directory), 100, null);

    assertThat(files.wasm().bytes()).startsWith(0, 'a', 's', 'm');
  }

  @Test
  void aScriptBecomesTheContentOfItsInterpreter() throws IOException {
    write("manifest.json", "{}");
    write("handler.yaml", "{module: src/a.js, interpreter: javascript@1.0.0}");
    write("src/a.js", "export default () => 1;");
    var project = HandlerProject.open(directory);

    var wasm = ProjectFiles.read(project, 100, null).wasm();
    var content = ModuleContent.of(wasm, ModuleShape.of(wasm)).orElseThrow();

    assertThat(content.bytes().text()).isEqualTo("export default () => 1;");
    assertThat(content.code().digest()).isEqualTo(PrebuiltHandlers.module("javascript").digest());
    assertThat(SourceFiles.of(project).files()).containsKey(project.module());
  }

  @Test
  void aTextThatIsNoModuleIsRefusedWithTheLine() throws IOException {
    write("manifest.json", "{}");
    write("handler.yaml", "module: a.wat");
    write("a.wat", "(module\n  (nothing))");
    var project = HandlerProject.open(directory);

    assertThatThrownBy(() -> ProjectFiles.read(project, 100, null))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("a.wat is not a module:\n")
        .hasMessageContaining("--> a.wat:2:4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          build: [cargo]                     | module: is missing
          module: ../a.wasm                  | must be a path in the project's directory
          module: /etc/passwd                | must be a path in the project's directory
          module: .                          | must be a path in the project's directory
          {module: a.wasm, build: cargo b}   | build: must be an array
          {module: a.wasm, build: [1]}       | must be a string
          {module: a.wasm, biuld: [make]}    | did you mean 'build'?
          {module: a.wasm, tools: {cc: 1}}   | must be a string
          module: a.js                       | interpreter: is missing
          {module: a.js, interpreter: js}    | must have a version, such as javascript@1.0.0
          {module: a.js, interpreter: js@x}  | interpreter
          [                                  | handler.yaml
          """)
  void anInvalidFileIsRefusedWithItsPlace(String text, String problem) throws IOException {
    write("manifest.json", "{}");
    write("handler.yaml", text);

    assertThatThrownBy(() -> HandlerProject.open(directory))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("handler.yaml")
        .hasMessageContaining(problem);
  }

  @Test
  void aDirectoryThatIsNoProjectIsRefused() {
    assertThatThrownBy(() -> HandlerProject.open(directory.resolve("none")))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("there is no directory")
        .hasMessageContaining("wasm-broker new");
    assertThatThrownBy(() -> HandlerProject.open(directory))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("has no manifest.json");
  }

  @Test
  void missingAndTooLargeModulesAreRefused() throws IOException {
    write("manifest.json", "{}");
    var project = HandlerProject.open(directory);

    assertThatThrownBy(() -> ProjectFiles.read(project, 4, null))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("has no module module.wasm");
    write("module.wasm", "12345");
    assertThatThrownBy(() -> ProjectFiles.read(project, 4, null))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("more than 4 bytes");
    Files.delete(directory.resolve("module.wasm"));
    Files.createDirectory(directory.resolve("module.wasm"));
    assertThatThrownBy(() -> ProjectFiles.read(project, 4, null))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("not a regular file");
  }

  private void write(String file, String text) throws IOException {
    var path = directory.resolve(file);
    Files.createDirectories(path.resolve("..").normalize());
    Files.writeString(path, text);
  }
}
