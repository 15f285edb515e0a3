package org.wasmbroker.protocol.tasker.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.document.Problem;

class TemplateDirectoryTest {
  @TempDir Path directory;

  @Test
  void anInvalidTemplateDoesNotPreventLoadingOthers() throws IOException {
    write("b.yaml", yaml("b"));
    write("a.yml", yaml("a"));
    write(
        "c.json",
        "{\"name\":\"c\",\"namespace_name\":\"shop\",\"version\":\"1\",\"steps\":[{\"name\":\"s\",\"handler\":{\"callable\":\"transform\"}}]}");
    write("bad.yaml", yaml("bad").replace("transform", "Orders::Price"));
    write("broken.json", "{");
    write("README.md", "no template");
    write(".hidden.yaml", "no template");
    Files.createDirectory(directory.resolve("directory.yaml"));

    var loaded = TemplateDirectory.read(directory);

    assertThat(loaded.entries())
        .extracting(entry -> entry.template().toString())
        .containsExactly("shop/a/1", "shop/b/1", "shop/c/1");
    assertThat(loaded.problems())
        .hasSize(2)
        .satisfiesExactly(
            bad ->
                assertThat(bad.toString())
                    .startsWith(directory.resolve("bad.yaml") + ":6:5: /steps/0/handler: "),
            broken ->
                assertThat(broken.toString())
                    .startsWith(directory.resolve("broken.json") + ":1:")
                    .contains(": is not valid JSON: "));
  }

  @Test
  void aTemplateDefinedInTwoFilesIsRejectedInBoth() throws IOException {
    write("one.yaml", yaml("a"));
    write("two.yaml", yaml("a"));
    write("other.yaml", yaml("b"));

    var loaded = TemplateDirectory.read(directory);

    assertThat(loaded.entries())
        .extracting(entry -> entry.file().getFileName().toString())
        .containsExactly("other.yaml");
    assertThat(loaded.problems())
        .extracting(Problem::message)
        .containsExactly(
            "shop/a/1 is defined in several files, all of which are rejected: %s, %s"
                .formatted(directory.resolve("one.yaml"), directory.resolve("two.yaml")));
  }

  @Test
  void aMissingDirectoryIsAnError() {
    assertThatThrownBy(() -> TemplateDirectory.read(directory.resolve("none")))
        .isInstanceOf(TemplateException.class)
        .hasMessageEndingWith("none: is not a directory");
  }

  private void write(String name, String content) throws IOException {
    Files.writeString(directory.resolve(name), content);
  }

  private static String yaml(String name) {
    return """
        name: %s
        namespace_name: shop
        version: "1"
        steps:
          - name: price
            handler: {callable: transform}
        """
        .formatted(name);
  }
}
