package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.BrokerProcess;
import org.wasmbroker.testing.Letters;
import org.wasmbroker.testing.RoleScripts;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The commands for dead letters and queues, as an operator's role on a real Postgres. */
class DlqCommandIT {
  private static TestDatabase postgres;
  private static DatabaseConfig operator;

  private Letters letters;

  @BeforeAll
  static void create() {
    postgres = TestDatabase.create();
    operator = postgres.operatorConfig();
  }

  @AfterAll
  static void drop() {
    postgres.close();
  }

  @BeforeEach
  void empty() {
    letters = new Letters(postgres);
    for (var table :
        List.of(
            "q_catalog_queue", "a_catalog_queue", "q_catalog_queue_dlq", "a_catalog_queue_dlq")) {
      postgres.execute("truncate pgmq." + table);
    }
  }

  @Test
  void listShowsALetterInALineAndCountsThemByErrorType() {
    var step = UUID.randomUUID();
    letters.add(Letters.exhausted(step, "transform", "timeout", "1.3.0"));
    letters.addExhausted(2, "limit_exceeded");

    var run = on("dlq", "list");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out().lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("exhausted", "timeout", "transform", "1.3.0 sha256:4f4f")
                    .contains(step.toString(), "it failed"))
        .anySatisfy(line -> assertThat(line).matches("limit_exceeded +2 .*Z"));
    assertThat(run.err()).isEmpty();
    assertThat(letters.dead()).isEqualTo(3);
  }

  @Test
  void listHasPages() {
    var ids = letters.addExhausted(5, "timeout");

    var first = on("dlq", "list", "--limit", "2");
    assertThat(first.err()).contains("the next page: --after " + ids.get(1));
    var json = json(on("dlq", "list", "--limit", "2", "--after", "" + ids.get(1), "--json"));
    assertThat(json.path("letters").valueStream().map(it -> it.path("id").longValue()))
        .containsExactly(ids.get(2), ids.get(3));
    assertThat(json.path("next_after").longValue()).isEqualTo(ids.get(3));
    assertThat(json.path("counted").intValue()).isEqualTo(5);
    assertThat(
            json(on("dlq", "list", "--after", "" + ids.get(3), "--json"))
                .path("next_after")
                .isNull())
        .isTrue();
    assertThat(
            json(on("dlq", "list", "--newest-first", "--limit", "1", "--json"))
                .at("/letters/0/id")
                .longValue())
        .isEqualTo(ids.getLast());
    assertThat(on("dlq", "list", "--counts").out().lines()).hasSize(2);
    assertThat(on("dlq", "list", "--handler", "other").err()).contains("no dead letter");
  }

  @Test
  void whatSendersWroteCannotControlTheTerminal() {
    var evil = "\\u001b[2J\\u202e\\u009b31m\\r\\n";
    long id =
        letters.add(
            """
            {"reason":"%1$s","last_error":{"error_type":"%1$s","message":"%1$s","context":{"%1$s":"%1$s"}},
             "detail":"%1$s","receipt":{"version":"%1$s","digest":"%1$s"},
             "message":{"handler":"%1$s","step_uuid":"%1$s"}}\
            """
                .formatted(evil),
            "{\"%1$s\":\"%1$s\"}".formatted(evil));

    for (var run :
        List.of(
            on("dlq", "list"),
            on("dlq", "show", "" + id),
            on("dlq", "list", "--json"),
            on("dlq", "show", "" + id, "--json"),
            on("dlq", "replay", "--all", "--dry-run"))) {
      assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
      assertThat((run.out() + run.err()).chars())
          .noneMatch(c -> c == 0x1b || c == 0x202e || c == 0x9b || c == '\r');
    }
  }

  @Test
  void showTellsHowALetterDiedAndAfterwardsWhatBecameOfIt() {
    var step = UUID.randomUUID();
    long id = letters.add(Letters.exhausted(step, "transform", "timeout", "1.3.0"));

    var shown = on("dlq", "show", "" + id);
    assertThat(shown.exitCode()).as(shown.err()).isEqualTo(ExitCode.OK);
    assertThat(shown.out())
        .contains("all 3 attempts failed", "timeout", "it failed", step.toString(), "worker-1")
        .contains("1.3.0", Letters.DIGEST, "81.0 µs, 2.0 MiB of memory", "\"input\":{\"n\":1}");
    var json = json(on("dlq", "show", "" + id, "--json"));
    assertThat(json.at("/letter/receipt/version").stringValue()).isEqualTo("1.3.0");
    assertThat(json.at("/archived").booleanValue()).isFalse();

    assertThat(on("dlq", "replay", "" + id, "--by", "ops", "--note", "fixed").exitCode()).isZero();
    var archived = on("dlq", "show", "" + id);
    assertThat(archived.out()).contains("(in the archive)", "replayed", "ops", "fixed");
    assertThat(on("dlq", "show", "999999").exitCode()).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aDryRunSaysWhatWouldHappenAndChangesNothing() {
    letters.addExhausted(2, "timeout");
    letters.addExhausted(1, "other");

    var run = on("dlq", "replay", "--error-type", "timeout", "--dry-run");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("would replay 2 dead letters of catalog_queue_dlq to catalog_queue");
    assertThat(
            json(on("dlq", "discard", "--all", "--dry-run", "--json")).path("letters").intValue())
        .isEqualTo(3);
    assertThat(letters.dead()).isEqualTo(3);
    assertThat(letters.inQueue()).isZero();
  }

  @Test
  void manyAreReplayedAtOnceOnlyIfThatIsConfirmed() {
    letters.addExhausted(150, "timeout");
    letters.addExhausted(1, "other");

    var asked = on("dlq", "replay", "-e", "timeout");
    assertThat(asked.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(asked.err()).contains("this would replay 150 dead letters", "--yes");
    assertThat(letters.dead()).isEqualTo(151);

    var limited = on("dlq", "replay", "-e", "timeout", "--limit", "120", "--yes");
    assertThat(limited.exitCode()).as(limited.err()).isEqualTo(ExitCode.OK);
    assertThat(limited.out()).contains("replayed 120 dead letters");
    assertThat(limited.err()).contains("replay 100/120", "replay 120/120");
    var rest = json(on("dlq", "replay", "-e", "timeout", "--yes", "--json"));
    assertThat(rest.path("replayed").size()).isEqualTo(30);
    assertThat(rest.path("complete").booleanValue()).isTrue();
    assertThat(letters.stepsInQueue()).isEqualTo(150);
    var none = on("dlq", "replay", "-e", "timeout", "--yes");
    assertThat(none.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(none.out()).contains("replayed 0 dead letters");
  }

  @Test
  void whatIsLeftIsToldWithItsReason() {
    long invalid = letters.add(Letters.invalid("{}"));
    long foreign = letters.add("{}");

    var run = on("dlq", "replay", "" + invalid, "" + foreign, "424242");

    assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(run.out()).contains("replayed 0 dead letters");
    assertThat(run.err())
        .contains("dead letter %d is left: still no valid step".formatted(invalid))
        .contains("dead letter %d is left: not a dead letter of a broker".formatted(foreign))
        .contains("dead letter 424242 is left: not there");
    var json = json(on("dlq", "replay", "--same-module", "" + foreign, "424242", "--json"));
    assertThat(json.path("left").valueStream().map(it -> it.path("why").stringValue()))
        .containsExactlyInAnyOrder("no_message", "gone");
    assertThat(on("dlq", "discard", "--all", "-y").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(letters.archived()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dlq replay",
        "dlq discard",
        "dlq replay 1 --all",
        "dlq replay 1 -e timeout",
        "dlq replay --all -e timeout",
        "dlq replay --all --limit 0",
        "dlq replay --all --rate -1",
        "dlq replay --all --older-than soon",
        "dlq replay --reason bored",
        "dlq list --digest xyz",
        "dlq list --step 1",
        "dlq list --limit 0",
        "dlq",
        "dlq list --set protocol=tasker --set tasker.namespaces=a",
        "queue",
        "queue stats --watch 0",
        "queue stats --times 2",
        "queue purge-archive",
        "queue purge-archive --older-than 59m",
        "queue purge-archive --older-than 1d --of everything",
        "queue purge-archive --older-than 1d --batch 0",
        "queue purge-archive --older-than 1d --set protocol=tasker --set tasker.namespaces=a"
      })
  void aCommandThatSaysTooLittleOrTooMuchIsRefused(String command) {
    letters.addExhausted(1, "timeout");

    var run = on(command.split(" ", -1));

    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).isNotBlank().doesNotContain("Exception", "\tat ");
    assertThat(letters.dead()).isEqualTo(1);
  }

  @Test
  void aQueueThatDoesNotExistIsNamed() {
    var run = on("dlq", "list", "--queue", "nowhere");

    assertThat(run.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
    assertThat(run.err()).contains("there is no queue nowhere_dlq");
    assertThat(on("queue", "purge-archive", "--older-than", "1d", "--queue", "nowhere").exitCode())
        .isEqualTo(ExitCode.UNAVAILABLE);
    var stats = on("queue", "stats", "--queue", "nowhere");
    assertThat(stats.exitCode()).isEqualTo(ExitCode.FAILED);
    assertThat(stats.err()).contains("there is no queue nowhere");
    assertThat(CommandRun.of(CommandRun.UNREACHABLE, "dlq", "list").exitCode())
        .isEqualTo(ExitCode.UNAVAILABLE);
  }

  @Test
  void aReplayThatIsKilledLosesAndDoublesNothing() throws Exception {
    letters.addExhausted(600, "timeout");

    try (var process =
        BrokerProcess.start(operator, "dlq", "replay", "--all", "--yes", "--rate", "10")) {
      process.awaitLine("replay 60/600"); // and the rest would take most of a minute
      process.kill();
    }
    Await.until("what the server had begun has ended", () -> connections(operator).isEmpty());

    assertThat(letters.inQueue()).isBetween(60, 599);
    assertThat(letters.inQueue() + letters.dead()).isEqualTo(600);
    assertThat(letters.archived()).isEqualTo(letters.inQueue());
    assertThat(on("dlq", "replay", "--all", "--yes").exitCode()).isEqualTo(ExitCode.OK);
    assertThat(letters.inQueue()).isEqualTo(600);
    assertThat(letters.stepsInQueue()).isEqualTo(600);
  }

  @Test
  void aReplayThatIsStoppedSaysSoAndTheSameCommandGoesOn() throws Exception {
    letters.addExhausted(600, "timeout");

    try (var process =
        BrokerProcess.start(operator, "dlq", "replay", "--all", "--yes", "--rate", "10")) {
      process.awaitLine("replay 60/600");
      process.terminate();
      assertThat(process.awaitExit()).as(process.output()).isEqualTo(ExitCode.FAILED);
      assertThat(process.output()).contains("stopped; the same command goes on");
    }

    assertThat(letters.inQueue()).isBetween(60, 599);
    assertThat(letters.inQueue() + letters.dead()).isEqualTo(600);
  }

  @Test
  void statsShowEveryQueueWithItsTables() {
    letters.addExhausted(3, "timeout");
    postgres.execute("select pgmq.send('catalog_queue', '{}') from generate_series(1, 4)");

    var people = on("queue", "stats", "--watch", "1", "--times", "2");
    assertThat(people.exitCode()).as(people.err()).isEqualTo(ExitCode.OK);
    assertThat(people.out().lines())
        .filteredOn(line -> line.startsWith("catalog_queue "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).matches("catalog_queue +4 +4 +0 +0 +.*"));
    assertThat(people.out()).contains("a_catalog_queue_dlq", "0.0");
    var json = json(on("queue", "stats", "--json"));
    assertThat(json.path("queues").size()).isEqualTo(3);
    assertThat(json.at("/queues/2/depth").intValue()).isEqualTo(3);
    assertThat(json.at("/queues/2/archive/bytes").intValue()).isPositive();
  }

  @Test
  void onlyOldMessagesOfTheArchiveArePurged() {
    archive(2500, "40 days");
    archive(10, "1 day");

    var dry = on("queue", "purge-archive", "--older-than", "30d", "--dry-run");
    assertThat(dry.out()).contains("would delete 2500 messages from the archive of catalog_queue");
    assertThat(archived()).isEqualTo("2510");
    var run =
        on("queue", "purge-archive", "--older-than", "30d", "--batch", "1000", "--pause", "1ms");
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("deleted 2500 messages");
    assertThat(run.err()).contains("purging 1000/2500");
    assertThat(archived()).isEqualTo("10");
    var json =
        json(on("queue", "purge-archive", "--older-than", "30d", "--of", "results", "--json"));
    assertThat(json.path("queue").stringValue()).isEqualTo("catalog_results");
    assertThat(json.path("complete").booleanValue()).isTrue();
    assertThat(
            on("queue", "purge-archive", "--older-than", "1h", "--of", "dead-letters").exitCode())
        .isEqualTo(ExitCode.OK);
  }

  /** Everything that an operator does, in an order in which each has something to do. */
  private Stream<String> everything() {
    letters.addExhausted(4, "timeout");
    archive(1, "2 days");
    return Stream.of(
        "dlq list",
        "dlq show 1",
        "dlq replay -e timeout --limit 1 --yes",
        "dlq discard -e timeout --limit 1 --yes",
        "queue stats",
        "queue purge-archive --older-than 1d",
        "queue purge-archive --older-than 1d --of results",
        "queue purge-archive --older-than 1d --of dead-letters");
  }

  @Test
  void everyPrivilegeOfTheScriptIsNeededByOneOfTheCommands() {
    var role = Objects.requireNonNull(operator.user());
    assertThat(everything().anyMatch(this::lacksPrivilege)).as("with all privileges").isFalse();
    for (var grant : each(RoleScripts.operator(role))) {
      postgres.execute(RoleScripts.revoking(grant));
      assertThat(everything().anyMatch(this::lacksPrivilege)).as("without " + grant).isTrue();
      postgres.execute(grant);
    }
  }

  private boolean lacksPrivilege(String command) {
    var run = on(command.split(" ", -1));
    return run.exitCode() == ExitCode.UNAVAILABLE && run.err().contains("permission denied");
  }

  /** One statement for each privilege on each object. */
  private static List<String> each(List<String> grants) {
    var single = new ArrayList<String>();
    for (var grant : grants) {
      var parts = grant.split("^grant | on (sequence |schema )?| to ", -1);
      var kind =
          grant.contains(" on sequence ")
              ? "sequence "
              : grant.contains(" on schema ") ? "schema " : "";
      for (var privilege : parts[1].split(",", -1)) {
        for (var object : parts[2].split(",", -1)) {
          single.add(
              "grant %s on %s%s to %s"
                  .formatted(privilege.strip(), kind, object.strip(), parts[3].strip()));
        }
      }
    }
    return single;
  }

  private static List<@Nullable String> connections(DatabaseConfig role) {
    return postgres.query(
        "select pid::text from pg_stat_activity where usename = '%s'".formatted(role.user()));
  }

  private static void archive(int messages, String age) {
    postgres.execute(
        """
        insert into pgmq.a_catalog_queue (msg_id, vt, archived_at, message)
        select n + (select coalesce(max(msg_id), 0) from pgmq.a_catalog_queue), now(), now() - interval '%s', '{}'
        from generate_series(1, %d) n
        """
            .formatted(age, messages));
  }

  private static String archived() {
    return String.valueOf(postgres.query("select count(*) from pgmq.a_catalog_queue").getFirst());
  }

  private static JsonNode json(CommandRun run) {
    assertThat(run.out().lines()).as(run.err()).hasSize(1);
    return JsonMapper.shared().readTree(run.out());
  }

  private static CommandRun on(String... arguments) {
    return CommandRun.of(
        new String[] {
          "-s", "database.url=" + operator.url(),
          "-s", "database.user=" + operator.user(),
          "-s", "database.password=" + Objects.requireNonNull(operator.password()).reveal()
        },
        arguments);
  }
}
