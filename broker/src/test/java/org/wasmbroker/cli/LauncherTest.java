package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The script {@code wasm-broker} in a checkout whose jar is up to date, with another "Java". */
class LauncherTest {
  @TempDir private Path checkout;

  @BeforeEach
  void prepare() throws IOException {
    for (var source : List.of("pom.xml", "broker/pom.xml", "scripts/fetch-parts")) {
      write(source, "");
    }
    Files.createDirectories(checkout.resolve("broker/src/main"));
    Files.createDirectories(checkout.resolve("handlers-wasm/prebuilt"));
    Files.copy(Path.of("..", "wasm-broker"), checkout.resolve("wasm-broker"));
    write("scripts/find-jdk", "#!/bin/sh\necho \"" + checkout.resolve("jdk") + "\"\n");
    write("jdk/bin/java", "#!/bin/sh\nlocale charmap\nfor last; do :; done\necho \"$last\"\n");
    write("broker/target/wasm-broker-app.jar", "");
  }

  private void write(String name, String text) throws IOException {
    var file = checkout.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private List<String> run(String locale) throws IOException, InterruptedException {
    var builder =
        new ProcessBuilder("/bin/bash", checkout.resolve("wasm-broker").toString(), "last")
            .redirectErrorStream(true);
    builder.environment().put("LC_ALL", locale);
    var process = builder.start();
    var lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
    return lines;
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", ""})
  void javaGetsALocaleThatKnowsAllNamesOfFiles(String locale) throws Exception {
    assertThat(run(locale)).containsExactly("UTF-8", "last");
  }

  @Test
  void aLocaleThatKnowsThemStays() throws Exception {
    write("jdk/bin/java", "#!/bin/sh\necho \"$LC_ALL\"\n");

    assertThat(run("C.utf8")).containsExactly("C.utf8");
  }
}
