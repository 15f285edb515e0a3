package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.json.JsonMapper;

/** The commands that need a database, on a good one and on those that lack something. */
class DatabaseCommandsIT {
  private static final String RESULT =
      """
      {"step_uuid":"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e8f","success":%s,"status":"%s",\
      "result":{"total":6},"error":{"error_type":"bad_input","message":"no numbers"},\
      "metadata":{"custom":{"receipt":{"execution_ns":81000,"memory_high_water_bytes":2097152}}}}""";

  private static TestDatabase database;

  @TempDir private Path directory;

  @BeforeAll
  static void create() {
    database = TestDatabase.create();
  }

  @AfterAll
  static void drop() {
    database.close();
  }

  @Test
  void enqueueSendsAllMessagesOfAllFiles() throws IOException {
    var queue = new BrokerQueue(database);
    int before = queue.queued();
    var one = message("one.json", 1);
    var three = message("three.ndjson", 3);

    var run = on("enqueue", one, three);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("sent 4 messages to catalog_queue");
    assertThat(queue.queued() - before).isEqualTo(4);
  }

  @Test
  void enqueueNamesAQueueThatDoesNotExist() throws IOException {
    var run = on("enqueue", message("one.json", 1), "--queue", "missing");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("missing").doesNotContain("Exception", "\tat ");
  }

  @Test
  void resultsShowsCompletedAndFailedStepsAndRemovesNothing() {
    queue("shown");
    send("shown_results", RESULT.formatted("true", "completed"));
    send("shown_results", RESULT.formatted("false", "failed"));

    for (int i = 0; i < 2; i++) {
      var run = on("results", "-s", "queue.name=shown", "-s", "queue.results=shown_results");

      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
      assertThat(run.out().lines())
          .hasSize(2)
          .anySatisfy(
              line ->
                  assertThat(line)
                      .contains("completed", "0199d6a2", "81.0 µs", "2.0 MiB", "{\"total\":6}"))
          .anySatisfy(line -> assertThat(line).contains("failed", "no numbers"));
      assertThat(run.err()).isEmpty();
    }
  }

  @Test
  void resultsPrintsOneJsonDocumentPerLine() {
    queue("json");
    send("json_results", RESULT.formatted("true", "completed"));

    var run = on("results", "--json", "-s", "queue.name=json", "-s", "queue.results=json_results");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(JsonMapper.shared().readTree(run.out()).at("/result/total").asInt()).isEqualTo(6);
  }

  @Test
  void resultsShowsDeadLetters() {
    queue("dead");
    send("dead_dlq", "{\"reason\":\"invalid\",\"detail\":\"not an object\",\"message\":1}");

    var run =
        on(
            "results",
            "--dead-letters",
            "-s",
            "queue.name=dead",
            "-s",
            "queue.results=dead_results");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("invalid", "not an object");
  }

  @Test
  void resultsSaysOnStandardErrorThatThereAreNone() {
    queue("empty");

    var run = on("results", "-s", "queue.name=empty", "-s", "queue.results=empty_results");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("queue empty_results is empty");
  }

  @Test
  void resultsNamesAQueueThatDoesNotExist() {
    var run = on("results", "-s", "queue.results=missing_results");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("missing_results").doesNotContain("Exception", "\tat ");
  }

  @Test
  void resultsNamesWhatADatabaseWithoutPgmqLacks() {
    try (var bare = TestDatabase.withoutPgmq()) {
      var run = CommandRun.of(settings(bare), "results");

      assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(run.err()).contains("pgmq").doesNotContain("Exception", "\tat ");
    }
  }

  @Test
  void doctorPassesOnAReadyDatabase() {
    new BrokerQueue(database);

    var run = on("doctor");

    assertThat(run.exitCode()).as(run.out()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("PostgreSQL", "catalog_queue", "0 failed");
    assertThat(run.err()).isEmpty();
  }

  @Test
  void runNamesWhatADatabaseWithoutPgmqLacks() {
    try (var bare = TestDatabase.withoutPgmq()) {
      var run = CommandRun.of(settings(bare), "run", "-s", "http.port=0");

      assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(run.err()).containsIgnoringCase("pgmq").doesNotContain("Exception", "\tat ");
      assertThat(run.out()).isEmpty();
    }
  }

  @Test
  void runNamesAnHttpPortThatIsInUse() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var run = on("run", "-s", "http.host=127.0.0.1", "-s", "http.port=" + taken.getLocalPort());

      assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(run.err()).contains(String.valueOf(taken.getLocalPort())).doesNotContain("\tat ");
      assertThat(run.out()).isEmpty();
    }
  }

  private static CommandRun on(String... arguments) {
    return CommandRun.of(settings(database), arguments);
  }

  private static String[] settings(TestDatabase database) {
    return new String[] {"-s", "database.url=" + database.url(), "-s", "database.user=postgres"};
  }

  private static void queue(String name) {
    for (var suffix : new String[] {"", "_results", "_dlq"}) {
      database.execute("select pgmq.create('%s%s')".formatted(name, suffix));
    }
  }

  private static void send(String queue, String message) {
    database.execute("select pgmq.send('%s', '%s'::jsonb)".formatted(queue, message));
  }

  private String message(String name, int count) throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(
          "{\"step_uuid\":\"0199d6a2-6c1e-7d1a-a1f0-0a4b5c6d7e%02d\",\"handler\":\"transform\"}\n"
              .formatted(i));
    }
    return Files.writeString(directory.resolve(name), text).toString();
  }
}
