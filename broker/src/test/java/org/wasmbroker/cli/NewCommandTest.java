package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** {@code new} makes a project, or says why not. */
class NewCommandTest {
  @TempDir private Path directory;

  @Test
  void makesAProjectAndSaysWhatIsNext() {
    var run = CommandRun.of("new", "hello", "--lang", "wat", "--dir", target());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("made " + target(), "next: wasm-broker test " + target());
    assertThat(run.err()).isEmpty();
    assertThat(directory.resolve("hello/handler.wat")).isRegularFile();
  }

  @Test
  void printsWhatItMadeAsJson() {
    var run = CommandRun.of("new", "hello", "--lang", "wat", "--dir", target(), "--json");

    var made = JsonMapper.shared().readTree(run.out());
    assertThat(made.get("name").stringValue()).isEqualTo("hello");
    assertThat(made.get("directory").stringValue()).isEqualTo(target());
    assertThat(made.get("files").values())
        .extracting(file -> file.stringValue())
        .contains("handler.wat");
  }

  @Test
  void aDirectoryThatExistsIsAUsageError() throws IOException {
    Files.createDirectory(directory.resolve("hello"));
    var run = CommandRun.of("new", "hello", "--dir", target());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains(target() + " exists already").doesNotContain("Exception");
  }

  @Test
  void anInvalidNameIsAUsageErrorAlsoAsADirectory() {
    for (var name : new String[] {"../hello", "Hello", "a@1"}) {
      var run = CommandRun.of("new", name);

      assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains(name).doesNotContain("Exception");
    }
  }

  @Test
  void anUnknownLanguageIsAUsageErrorWithASuggestion() {
    var run = CommandRun.of("new", "hello", "--lang", "rost", "--dir", target());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("did you mean 'rust'?", "wat");
    assertThat(directory.resolve("hello")).doesNotExist();
  }

  private String target() {
    return directory.resolve("hello").toString();
  }
}
