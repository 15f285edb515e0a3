package org.wasmbroker.project;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** A new project has every file of its template, with its name, or there is none. */
class NewProjectTest {
  private static final Path SDK = Path.of("..", "handlers-wasm", "sdk");
  private static final Path TEMPLATES =
      Path.of("src", "main", "resources", "org", "wasmbroker", "templates");

  @TempDir private Path directory;

  @ParameterizedTest
  @FieldSource("org.wasmbroker.project.Template#LANGUAGES")
  void aProjectHasItsNameAndNoPlaceholder(String language) throws IOException {
    var project = directory.resolve("mine");
    var template = Template.of(language);

    var written = NewProject.create(template, "hello", project);

    assertThat(written).contains(Path.of(".gitignore"), Path.of("manifest.json"));
    for (var file : written) {
      var text = Files.readString(project.resolve(file));
      assertThat(text).as(file.toString()).isNotBlank();
      if (!template.copies().contains(file.toString())) {
        assertThat(text).as(file.toString()).doesNotContain("{{");
      }
    }
    var manifest = JsonMapper.shared().readTree(project.resolve("manifest.json").toFile());
    assertThat(manifest.get("name").stringValue()).isEqualTo("hello");
    assertThat(manifest.get("version").stringValue()).isEqualTo("1.0.0");
    assertThat(HandlerProject.open(project).directory()).isEqualTo(project);
    try (var left = Files.list(directory)) {
      assertThat(left).containsExactly(project);
    }
  }

  /** What templates have in common is in one of them, or in templates/common. */
  @Test
  void noFileIsInTwoTemplates() throws IOException {
    var paths = new TreeMap<String, Path>();
    for (var file : filesIn(TEMPLATES).toList()) {
      assertThat(paths.put(Files.readString(file), file)).as(file.toString()).isNull();
    }
  }

  @Test
  void aTypeScriptProjectHasTheTypesAndExamplesOfJavaScript() {
    for (var file : List.of("wasm-broker.d.ts", "manifest.json", "input.json", "step.json")) {
      assertThat(Template.of("ts").bytes(file)).isEqualTo(Template.of("js").bytes(file));
    }
    assertThat(Template.of("ts").bytes("README.md"))
        .isNotEqualTo(Template.of("js").bytes("README.md"));
  }

  /** What the template leaves out would be missing in the projects of users only. */
  @Test
  void theRustProjectHasAllOfTheSdkAsItIs() throws IOException {
    var project = directory.resolve("hello");
    NewProject.create(Template.of("rust"), "hello", project);

    for (var file : filesIn(SDK).toList()) {
      assertThat(project.resolve("sdk").resolve(SDK.relativize(file))).hasSameBinaryContentAs(file);
    }
    assertThat(filesIn(project.resolve("sdk"))).hasSameSizeAs(filesIn(SDK).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "c, wasm_broker.h",
    "go, wasmbroker",
    "assemblyscript, assembly/wasm-broker.ts",
    "zig, wasm_broker.zig",
    "java, src/main/java/org/wasmbroker/sdk",
    "python, wasm_broker.py",
    "python, wasm_broker_testing.py"
  })
  void theOtherProjectsHaveTheirSdksAsTheyAre(String language, String sdk) throws IOException {
    var project = directory.resolve("hello");
    var sources = Path.of("..", "handlers-wasm", "languages", language);
    NewProject.create(Template.of(language), "hello", project);

    for (var file : filesIn(sources.resolve(sdk)).toList()) {
      assertThat(project.resolve(sources.relativize(file))).hasSameBinaryContentAs(file);
    }
  }

  @ParameterizedTest
  @CsvSource({"rust, cargo", "c, make", "go, go", "assemblyscript, npm", "zig, zig", "java, mvn"})
  void everyTemplateSaysHowItIsBuiltAndWhatForItNeeds(String language, String tool)
      throws IOException {
    NewProject.create(Template.of(language), "hello", directory.resolve("hello"));
    var project = HandlerProject.open(directory.resolve("hello"));

    assertThat(project.build()).contains(tool);
    assertThat(project.tools()).isEqualTo(Template.of(language).tools()).containsOnlyKeys(tool);
  }

  @ParameterizedTest
  @CsvSource({
    "hello, hello",
    "a-b_c, a-b_c",
    "2fast, handler-2fast",
    "serde, handler-serde",
    "wasm-broker-sdk, handler-wasm-broker-sdk"
  })
  void thePackageHasANameThatCargoAccepts(String name, String crate) throws IOException {
    NewProject.create(Template.of("rust"), name, directory.resolve(name));

    assertThat(Files.readString(directory.resolve(name).resolve("Cargo.toml")))
        .contains("name = \"" + crate + "\"\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Hello", "a b", "../a", "-a", "a/b", "a@1", "a\u0000"})
  void anInvalidNameIsRefusedAndNothingIsMade(String name) throws IOException {
    assertThatThrownBy(
            () -> NewProject.create(Template.of("wat"), name, directory.resolve("project")))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("a handler's name has 1 to 64 of a-z");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void whatExistsIsLeftAlone() throws IOException {
    var file = Files.write(directory.resolve("hello"), "mine".getBytes(UTF_8));
    var link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("none"));

    for (var taken : new Path[] {file, link, directory}) {
      assertThatThrownBy(() -> NewProject.create(Template.of("wat"), "hello", taken))
          .isInstanceOf(ProjectException.class)
          .hasMessageContaining(taken + " exists already")
          .hasMessageContaining("--dir");
    }
    assertThat(file).hasContent("mine");
  }

  @Test
  void anUnknownLanguageIsRefusedWithASuggestion() {
    assertThatThrownBy(() -> Template.of("rusty"))
        .isInstanceOf(ProjectException.class)
        .hasMessageContaining("did you mean 'rust'?")
        .hasMessageContaining("wat");
    assertThatThrownBy(() -> Template.of("../rust")).isInstanceOf(ProjectException.class);
  }

  private static Stream<Path> filesIn(Path root) throws IOException {
    try (var files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).toList().stream();
    }
  }
}
