package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.app.Broker;
import org.wasmbroker.app.HttpConfig;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerConfigs;
import org.wasmbroker.testing.BrokerQueue;
import org.wasmbroker.testing.TestDatabase;

/**
 * The commands of docs/operations.md and docs/upgrade.md, in their order, on the queues of a broker
 * whose steps failed; and what a broker does not let anybody do over HTTP.
 */
class OperationsDocumentIT {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern SECTION = Pattern.compile("(?m)^## (.+)$");
  private static final Pattern BLOCK =
      Pattern.compile("^ *```(sh|sql)\n(.*?)^ *```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final int FAILED_STEPS = 6;

  /** Their commands need more than a database, and have tests of their own. */
  private static final List<String> ELSEWHERE =
      List.of("Recorded runs", "From an alert to a replay");

  private static final Map<String, String> answers = new TreeMap<>();

  private static TestDatabase postgres;
  private static DatabaseConfig broker;
  private static DatabaseConfig operator;

  @TempDir private static Path directory;

  @BeforeAll
  static void create() throws IOException {
    postgres = TestDatabase.create();
    Files.writeString(directory.resolve("rollout.yaml"), "handlers: {transform: {stable: 1.0.0}}");
    try (var database = Database.open(postgres.config(), "test")) {
      new BrokerSchema(database, SchemaPart.ROLLOUT).migrate();
    }
    broker = postgres.brokerConfig();
    operator = postgres.operatorConfig();
    failSteps();
  }

  @AfterAll
  static void drop() {
    postgres.close();
  }

  /** Steps that never end, and a message that is no step. */
  private static void failSteps() {
    var queue = new BrokerQueue(postgres);
    var messages = new ArrayList<String>();
    for (int i = 0; i < FAILED_STEPS; i++) {
      messages.add(
          """
          {"step_uuid":"%s","handler":"transform","config":{"filter":"last(repeat(1))"},"timeout_ms":50,"max_attempts":1}\
          """
              .formatted(UUID.randomUUID()));
    }
    try (var running = Broker.start(BrokerConfigs.standalone(broker))) {
      askForChanges(running.httpAddress().getPort());
      queue.send(messages);
      Await.until("dead letters", () -> queue.deadLetters() == FAILED_STEPS);
      // Afterwards, since the documents replay letter 1: it needs no run, and would be the first.
      queue.send(List.of("{\"step\":\"is missing\"}"));
      Await.until("an invalid one", () -> queue.deadLetters() == FAILED_STEPS + 1);
    }
  }

  /** What the broker answers to requests that ask for a change: status and the header Allow. */
  private static void askForChanges(int port) {
    try (var client = HttpClient.newHttpClient()) {
      for (var path : List.of("/", "/metrics", "/health", "/health/live", "/health/ready")) {
        for (var method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
          var request =
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                  .method(method, BodyPublishers.ofString("{}"))
                  .build();
          var response = client.send(request, BodyHandlers.ofString());
          answers.put(
              method + " " + path,
              response.statusCode() + " " + response.headers().firstValue("Allow").orElse(""));
        }
      }
    } catch (IOException | InterruptedException failure) {
      throw new AssertionError(failure);
    }
  }

  @Test
  void overHttpABrokerOnlyAnswersReads() {
    assertThat(answers)
        .hasSize(25)
        .allSatisfy((_, answer) -> assertThat(answer).isEqualTo("405 GET, HEAD"));
  }

  @Test
  void healthAndMetricsAreForThisMachineOnlyUnlessSomebodyWantsElse() {
    assertThat(HttpConfig.DEFAULTS.host()).isEqualTo("127.0.0.1");
  }

  @Test
  void everyCommandOfTheDocumentsWorksAsItIsWritten() throws IOException {
    var commands = new ArrayList<String>();
    for (var document : List.of("operations.md", "upgrade.md")) {
      commands.addAll(blocks(Files.readString(DOCS.resolve(document))));
    }
    assertThat(commands).hasSizeGreaterThan(30);
    for (var command : commands) {
      run(command);
    }
  }

  /** What a broker wrote about a step that it gave up, as the document says. */
  @Test
  void aDeadLetterOfABrokerNamesWhatRanAndWhoGaveItUp() {
    assertThat(
            postgres.query(
                """
                select distinct message #>> '{receipt,handler}' || ' ' || (message #>> '{receipt,digest}' like 'sha256:%')
                  || ' ' || (message ->> 'worker_id' <> '')
                from (select message from pgmq.q_catalog_queue_dlq union all select message from pgmq.a_catalog_queue_dlq) letters
                where message ->> 'reason' = 'exhausted'
                """))
        .containsExactly("transform true true");
  }

  private static List<String> blocks(String document) {
    var found = new ArrayList<String>();
    var sections = SECTION.matcher(document).results().toList();
    for (int i = 0; i < sections.size(); i++) {
      int end = i + 1 < sections.size() ? sections.get(i + 1).start() : document.length();
      if (!ELSEWHERE.contains(sections.get(i).group(1))) {
        BLOCK
            .matcher(document.substring(sections.get(i).end(), end))
            .results()
            .forEach(
                block -> {
                  if (block.group(1).equals("sql")) {
                    found.add(block.group(2));
                  } else {
                    block.group(2).lines().map(String::strip).forEach(found::add);
                  }
                });
      }
    }
    return found;
  }

  private static void run(String command) {
    if (!command.startsWith("wasm-broker ")) {
      assertThat(command).as("a command of another program has no test here").startsWith("select ");
      assertThat(postgres.query(command)).as(command).isNotEmpty();
      return;
    }
    var words = words(command.substring("wasm-broker ".length()));
    var settings =
        switch (words.getFirst()) {
          case "version" -> List.<String>of();
          case "dlq", "queue" -> settings(operator);
          case "rollout" -> withRollout(settings(postgres.config()));
          default -> settings(broker);
        };
    var run = CommandRun.of(settings.toArray(String[]::new), words.toArray(String[]::new));
    assertThat(run.exitCode()).as(command + "\n" + run.out() + run.err()).isEqualTo(ExitCode.OK);
  }

  /** As a shell splits them: quotes hold words together. */
  private static List<String> words(String command) {
    return Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)")
        .matcher(command)
        .results()
        .map(
            word ->
                word.group(1) != null
                    ? word.group(1)
                    : word.group(2) != null ? word.group(2) : word.group(3))
        .toList();
  }

  private static List<String> settings(DatabaseConfig role) {
    var password = role.password();
    return List.of(
        "-s",
        "database.url=" + role.url(),
        "-s",
        "database.user=" + role.user(),
        "-s",
        "database.password=" + (password == null ? "none" : password.reveal()));
  }

  private static List<String> withRollout(List<String> settings) {
    var all = new ArrayList<>(settings);
    all.addAll(List.of("-s", "rollout.file=" + directory.resolve("rollout.yaml")));
    return all;
  }
}
