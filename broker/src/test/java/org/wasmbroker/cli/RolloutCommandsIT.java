package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.json.JsonMapper;

/** The commands about a rollout that ask the database. */
class RolloutCommandsIT {
  @TempDir private Path directory;

  @Test
  void statusShowsTheNumbersAndResetEndsARollback() throws IOException {
    try (var database = TestDatabase.create()) {
      var without = on(database, "status");
      assertThat(without.exitCode()).isEqualTo(ExitCode.UNAVAILABLE);
      assertThat(without.out())
          .contains("rollbacks are not known", "each broker rolls back by itself");
      assertThat(on(database, "show").exitCode()).isEqualTo(ExitCode.OK);
      assertThat(on(database, "reset", "h").exitCode()).isEqualTo(ExitCode.UNAVAILABLE);

      create(database);
      assertThat(on(database, "reset", "h").exitCode()).isEqualTo(ExitCode.FAILED);
      database.execute(
          """
          insert into wasm_broker.rollout_count (broker_uuid, handler, version, episode, runs, traps, limits, failures)
          values (gen_random_uuid(), 'h', '1.1.0', 1, 60, 7, 1, 0), (gen_random_uuid(), 'h', '1.1.0', 1, 40, 3, 0, 2),
            (gen_random_uuid(), 'h', '1.0.0', 1, 900, 0, 0, 1);
          insert into wasm_broker.rollback values
            ('h', '1.1.0', 1, now(), 'somewhere', '1.0.0', 100, 13, 900, 1, 'it traps')\
          """);

      var people = on(database, "status");
      assertThat(people.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(people.out())
          .contains(
              "h  stable 1.0.0, candidate 1.1.0 for 10%",
              "candidate  100 runs, 10 traps, 1 limits, 2 permanent failures",
              "stable     900 runs, 0 traps, 0 limits, 1 permanent failures",
              "by somewhere: it traps");
      var json = JsonMapper.shared().readTree(on(database, "status", "--json").out());
      assertThat(json.at("/handlers/0/candidate_runs/traps").intValue()).isEqualTo(10);
      assertThat(json.at("/handlers/0/rolled_back/reason").stringValue()).isEqualTo("it traps");
      assertThat(on(database, "show").out())
          .contains("rolled back since")
          .doesNotContain("100 runs");

      var reset = on(database, "reset", "h");
      assertThat(reset.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(reset.out()).contains("h@1.1.0 is no longer rolled back", "it traps");
      assertThat(on(database, "show").out()).doesNotContain("rolled back since");
    }
  }

  private static void create(TestDatabase database) {
    try (var connected = Database.open(database.config(), "test")) {
      new BrokerSchema(connected, SchemaPart.ROLLOUT).migrate();
    }
  }

  private CommandRun on(TestDatabase database, String... arguments) throws IOException {
    var file =
        Files.writeString(
            directory.resolve("rollout.yaml"),
            "handlers: {h: {stable: 1.0.0, candidate: 1.1.0, weight: 10%}}");
    var config = database.config();
    var all = new ArrayList<>(List.of("rollout"));
    all.addAll(List.of(arguments));
    all.addAll(
        List.of(
            "--set",
            "rollout.file=" + file,
            "--set",
            "database.url=" + config.url(),
            "--set",
            "database.user=" + config.user(),
            "--set",
            "database.password=" + (config.password() == null ? "x" : config.password().reveal())));
    return CommandRun.of(all.toArray(String[]::new));
  }
}
