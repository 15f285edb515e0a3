package org.wasmbroker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
  @TempDir Path directory;
  private Path file;
  private final List<Problem> problems = new ArrayList<>();

  @BeforeEach
  void setUp() {
    file = directory.resolve("broker.yaml");
  }

  @Test
  void nestedMapsAndDottedKeysAreEquivalent() throws IOException {
    var found =
        read(
            """
            a:
              b:
                c: 1
              d: two words
            e.f: true
            """);

    assertThat(found)
        .containsOnly(
            Map.entry("a.b.c", new RawValue("1", file + ":3")),
            Map.entry("a.d", new RawValue("two words", file + ":4")),
            Map.entry("e.f", new RawValue("true", file + ":5")));
    assertThat(problems).isEmpty();
  }

  @Test
  void scalarsKeepTheirSourceText() throws IOException {
    var found =
        read(
            """
            a: 007
            b: 1_000
            c: 0x10
            d: "30s"
            e: 1.50
            """);

    assertThat(found.values())
        .extracting(RawValue::text)
        .containsExactly("007", "1_000", "0x10", "30s", "1.50");
  }

  @Test
  void aKeyWithoutAValueIsAProblem() throws IOException {
    assertThat(read("a:\nb: 1\n")).containsOnlyKeys("b");
    assertThat(problems).containsExactly(new Problem("a", file + ":1", "has no value"));
  }

  @Test
  void multipleValuesMayBeWrittenAsAList() throws IOException {
    assertThat(read("list:\n- a\n- 07\n").get("list")).isEqualTo(new RawValue("a,07", file + ":2"));
    assertThat(read("list: [a]\n").get("list")).isEqualTo(new RawValue("a", file + ":1"));
    assertThat(read("list: a, b\n").get("list")).isEqualTo(new RawValue("a, b", file + ":1"));
    assertThat(problems).isEmpty();
  }

  @Test
  void aNestedListIsAProblem() throws IOException {
    read("list: [a, [b], c]\n");

    assertThat(problems)
        .containsExactly(new Problem("list", file + ":1", "takes a list of single values"));
  }

  @Test
  void aListForASingleValueIsAProblem() throws IOException {
    assertThat(read("a:\n  b: [1, {c: 2}]\nd: 1\n")).containsOnlyKeys("d");
    assertThat(problems)
        .containsExactly(new Problem("a.b", file + ":2", "takes one value, not a list"));
  }

  @Test
  void aDuplicateKeyIsAProblem() throws IOException {
    read("a.b: 1\na:\n  b: 2\n");

    assertThat(problems)
        .containsExactly(new Problem("a.b", file + ":3", "was given before, in " + file + ":1"));
  }

  @Test
  void aFileThatIsNotAMapIsAProblem() throws IOException {
    assertThat(read("just words\n")).isEmpty();
    assertThat(problems)
        .containsExactly(
            new Problem(file + ":1", "", "a configuration is made of keys with values"));
  }

  @Test
  void brokenYamlIsAProblemWithItsLine() throws IOException {
    read("a: 1\nb: {c: 1\nd: 2\n");

    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.what()).startsWith(file + ":");
              assertThat(problem.message()).startsWith("is not YAML: ");
            });
  }

  @Test
  void anAliasIsAProblem() throws IOException {
    read("a: &x 1\nb: *x\n");

    assertThat(problems)
        .containsExactly(new Problem("b", file + ":2", "takes a value, not an alias"));
  }

  @Test
  void aMissingFileIsAProblem() {
    ConfigFile.read(file, Set.of("list"), problems);

    assertThat(problems).containsExactly(new Problem(file.toString(), "", "there is no such file"));
  }

  @Test
  void aDirectoryIsAProblem() {
    ConfigFile.read(directory, Set.of(), problems);

    assertThat(problems)
        .singleElement()
        .extracting(Problem::message)
        .asString()
        .startsWith("cannot be read: ");
  }

  private Map<String, RawValue> read(String text) throws IOException {
    Files.writeString(file, text);
    return ConfigFile.read(file, Set.of("list"), problems);
  }
}
