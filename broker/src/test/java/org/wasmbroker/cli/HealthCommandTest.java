package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.app.HttpConfig;

class HealthCommandTest {
  @TempDir private Path directory;

  private final List<String> asked = new ArrayList<>();
  private HttpServer server;
  private int status = 200;
  private String body = "{\"status\":\"ready\",\"reasons\":[]}";

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          var bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(status, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private CommandRun health(String... arguments) {
    return CommandRun.of(
        new String[] {"-s", "http.port=" + server.getAddress().getPort()},
        prepend("health", prepend("--timeout=600", arguments)));
  }

  private static String[] prepend(String first, String... others) {
    var all = new ArrayList<>(List.of(first));
    all.addAll(List.of(others));
    return all.toArray(String[]::new);
  }

  @Test
  void aReadyBrokerIsHealthy() {
    var run = health();

    assertThat(run).isEqualTo(new CommandRun(ExitCode.OK, "ready\n", ""));
    assertThat(asked).containsExactly("/health/ready");
  }

  @Test
  void aBrokerThatOnlyLivesIsAskedForThat() {
    body = "{\"status\":\"live\"}";

    assertThat(health("--live")).isEqualTo(new CommandRun(ExitCode.OK, "live\n", ""));
    assertThat(asked).containsExactly("/health/live");
  }

  @Test
  void oneThatIsNotReadyTellsWhy() {
    status = 503;
    body =
        "{\"status\":\"not ready\",\"reasons\":[\"database: it\\u001b[31m is gone\",\"claims:"
            + " fail\"]}";

    assertThat(health())
        .isEqualTo(
            new CommandRun(
                ExitCode.FAILED, "not ready\n  database: it [31m is gone\n  claims: fail\n", ""));
  }

  @Test
  void aWorkerOfTaskerTellsWhyInTaskersForm() {
    status = 503;
    body = "{\"error\":\"service_unavailable\",\"message\":\"Worker is not ready (database: x)\"}";

    assertThat(health().out()).isEqualTo("not ready\n  Worker is not ready (database: x)\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {302, 404, 500})
  void whoeverElseListensThereIsNoBroker(int answered) {
    status = answered;
    body = "whatever";

    var run = health();

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("status " + answered, "no broker's health page");
    assertThat(asked).as("a redirect is not followed").hasSize(1);
  }

  @Test
  void anAnswerWithoutEndIsNotReadToItsEnd() {
    status = 503;
    body = "{\"reasons\":[\"" + "x".repeat(10 << 20) + "\"]}";

    assertThat(health()).isEqualTo(new CommandRun(ExitCode.FAILED, "not ready\n", ""));
  }

  @Test
  void nobodyThereIsSaidWithTheAddress() {
    int port = server.getAddress().getPort();
    server.stop(0);

    var run = health();

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err())
        .contains("no broker answers at http://127.0.0.1:" + port + "/health/ready");
  }

  @Test
  void theUrlMayBeGiven() {
    var run =
        CommandRun.of(
            "health",
            "--timeout=600",
            "--url",
            "http://127.0.0.1:" + server.getAddress().getPort(),
            "-s",
            "http.port=0");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1",
        "file:///etc/passwd",
        "http://a:b@127.0.0.1",
        "http://h/x",
        "::",
        "h"
      })
  void anythingButHostAndPortIsRefused(String url) {
    assertThat(CommandRun.of("health", "--url", url).exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0, http://127.0.0.1:9",
    "'::', http://[::1]:9",
    "::1, http://[::1]:9",
    "broker.example, http://broker.example:9"
  })
  void whoListensEverywhereIsAskedOnTheLoopbackAddress(String host, String url) {
    assertThat(HealthCommand.address(new HttpConfig(host, 9))).hasToString(url);
  }

  @Test
  void aPortThatIsNotKnownIsAskedFor() {
    assertThatThrownBy(() -> HealthCommand.address(new HttpConfig("127.0.0.1", 0)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("--url");
  }

  @Test
  void problemsOfOtherSettingsDoNotMatter() throws IOException {
    var file = Files.writeString(directory.resolve("c.yaml"), "policy.file: /gone\nslots: 4\n");

    assertThat(health("-c", file.toString()).exitCode()).isEqualTo(ExitCode.OK);
  }

  @Test
  void aFileThatIsGoneOrAPortThatIsNoneDoes() throws IOException {
    var none = CommandRun.of("health", "-c", directory.resolve("none.yaml").toString());
    var file = Files.writeString(directory.resolve("c.yaml"), "http.port: many\n");
    var wrong = CommandRun.of("health", "-c", file.toString());

    assertThat(none.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(none.err()).contains("no such file");
    assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("http.port");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "601", "soon"})
  void aTimeoutOutOfRangeIsRefused(String seconds) {
    var run = CommandRun.of("health", "--timeout", seconds);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--timeout");
  }
}
