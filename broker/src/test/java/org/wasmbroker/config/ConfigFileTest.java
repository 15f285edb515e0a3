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
import org.wasmbroker.document.Location;
import org.wasmbroker.document.Problem;

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
            Map.entry("a.b.c", at(3, 5, "1")),
            Map.entry("a.d", at(4, 3, "two words")),
            Map.entry("e.f", at(5, 1, "true")));
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
    assertThat(problems).containsExactly(problem(1, 1, "a", "has no value"));
  }

  @Test
  void multipleValuesMayBeWrittenAsAList() throws IOException {
    assertThat(read("list:\n- a\n- 07\n").get("list")).isEqualTo(at(1, 1, "a,07"));
    assertThat(read("list: [a]\n").get("list")).isEqualTo(at(1, 1, "a"));
    assertThat(read("list: a, b\n").get("list")).isEqualTo(at(1, 1, "a, b"));
    assertThat(problems).isEmpty();
  }

  @Test
  void aNestedListIsAProblem() throws IOException {
    read("list: [a, [b], c]\n");

    assertThat(problems).containsExactly(problem(1, 11, "list", "must be a list of scalars"));
  }

  @Test
  void aListForASingleValueIsAProblem() throws IOException {
    assertThat(read("a:\n  b: [1, {c: 2}]\nd: 1\n")).containsOnlyKeys("d");
    assertThat(problems).containsExactly(problem(2, 3, "a.b", "must be a scalar, was a list"));
  }

  @Test
  void aDuplicateKeyIsAProblem() throws IOException {
    read("a.b: 1\na:\n  b: 2\n");

    assertThat(problems)
        .containsExactly(problem(3, 3, "a.b", "appears twice; first in " + file + ":1:1"));
  }

  @Test
  void aFileThatIsNotAMapIsAProblem() throws IOException {
    assertThat(read("just words\n")).isEmpty();
    assertThat(problems).containsExactly(problem(1, 1, "", "must be an object with settings"));
  }

  @Test
  void brokenYamlIsAProblemWithItsLine() throws IOException {
    read("a: 1\nb: {c: 1\nd: 2\n");

    assertThat(problems)
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.location().toString()).startsWith(file + ":");
              assertThat(problem.message()).startsWith("is not valid YAML: ");
            });
  }

  @Test
  void anAliasIsAProblem() throws IOException {
    read("a: &x 1\nb: *x\n");

    assertThat(problems)
        .containsExactly(
            problem(2, 1, "/b", "is an alias (*), which is not supported; write the value out"));
  }

  @Test
  void aMissingFileIsAProblem() {
    ConfigFile.read(file, Set.of("list"), problems);

    assertThat(problems)
        .containsExactly(new Problem(Location.of(file.toString()), "", "no such file"));
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

  private RawValue at(int line, int column, String text) {
    return new RawValue(text, new Location(file.toString(), line, column));
  }

  private Problem problem(int line, int column, String subject, String message) {
    return new Problem(new Location(file.toString(), line, column), subject, message);
  }

  private Map<String, RawValue> read(String text) throws IOException {
    Files.writeString(file, text);
    return ConfigFile.read(file, Set.of("list"), problems);
  }
}
