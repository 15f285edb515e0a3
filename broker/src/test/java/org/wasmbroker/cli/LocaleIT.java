package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.RawServer;

/**
 * The command line as a process of its own, in locales that know ASCII only. A shell writes the
 * characters beyond ASCII, so that the locale of the tests does not matter.
 */
class LocaleIT {
  private static final String GREETING = "$(printf 'gr\\303\\274\\303\\237e')";

  @TempDir private Path directory;

  private record Ended(int code, String out, String err) {}

  /**
   * @param script sets variables and runs {@code "$@"}, which is the command line
   */
  private Ended run(String locale, String script, Map<String, String> variables)
      throws IOException, InterruptedException {
    var out = directory.resolve("out");
    var err = directory.resolve("err");
    var command = new ArrayList<>(List.of("/bin/sh", "-c", script, "sh"));
    command.addAll(BrokerProcess.command());
    var builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("LC_ALL", locale);
    builder.environment().putAll(variables);
    int code = builder.start().waitFor();
    return new Ended(code, Files.readString(out), Files.readString(err));
  }

  @ParameterizedTest
  @ValueSource(strings = {"C", "POSIX", "xx_YY.UTF-8"})
  void secretsAndResultsAreUtf8WhateverTheLocaleIs(String locale) throws Exception {
    try (var server =
        RawServer.responding("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n\u00c3\u00bc!")) {
      Files.writeString(
          directory.resolve("policy.yaml"),
          """
          secrets:
            KEY: ["POST %s"]
          handlers:
            - handler: http_request
              http:
                - url: %s
                  methods: [POST]
                  networks: [127.0.0.0/8]
              secrets: [KEY]
          """
              .formatted(server.url(), server.url()));
      Files.writeString(
          directory.resolve("step.json"),
          """
          {"config":{"url":"%s/","method":"POST","body":"${secrets.KEY}"},"context":{},"deps":{}}
          """
              .formatted(server.url()));

      var ended =
          run(
              locale,
              "export WASM_BROKER_SECRET_KEY=\""
                  + GREETING
                  + "\"; exec \"$@\" invoke http_request --policy \"$D/policy.yaml\" -i \"$D/step.json\"",
              Map.of("D", directory.toString()));

      assertThat(ended.code).as(ended.err).isZero();
      assertThat(server.requests()).singleElement().asString().endsWith("grüße");
      assertThat(ended.out).contains("\"response_body\":\"ü!\"");
    }
  }

  @Test
  void anArgumentIsUtf8WhateverTheLocaleIs() throws Exception {
    var ended = run("C", "exec \"$@\" invoke \"" + GREETING + "\" -i /dev/null", Map.of());

    assertThat(ended.code).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err).contains("grüße").doesNotContain("\ufffd");
  }

  @Test
  void aFileThatTheLocaleCannotNameIsRefusedByNameWithWhatToDo() throws Exception {
    var file = "\"" + GREETING + ".json\"";
    for (var script :
        new String[] {
          "exec \"$@\" invoke transform -i " + file,
          "exec \"$@\" invoke ./" + file + ".wasm -i /dev/null",
          "exec \"$@\" check-config --config " + file,
          "exec \"$@\" check-config --set policy.file=" + file,
          "export WASM_BROKER_CONFIG=" + file + "; exec \"$@\" check-config",
          "export XDG_CACHE_HOME=/" + file + "; exec \"$@\" check-config",
        }) {
      var ended = run("C", script, Map.of());

      assertThat(ended.code).as(script + ended.err).isEqualTo(ExitCode.USAGE);
      assertThat(ended.err).as(script).contains("grüße.json", "LC_ALL=C.UTF-8");
    }
  }

  @Test
  void aVariableThatIsNotUtf8IsRefusedByName() throws Exception {
    var ended =
        run(
            "C.UTF-8",
            "export WASM_BROKER_DATABASE_PASSWORD=\"$(printf 'gr\\374n')\"; exec \"$@\" check-config",
            Map.of());

    assertThat(ended.code).isEqualTo(ExitCode.USAGE);
    assertThat(ended.err).contains("WASM_BROKER_DATABASE_PASSWORD is not UTF-8");
  }
}
