package org.wasmbroker.brokerschema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.testing.TaskerDatabase;

class BrokerSchemaIT {
  private static final String SESSION = "set search_path to tasker, public; set time zone 'UTC'";
  private static final String HISTORY =
      "select version || ' ' || success from wasm_broker.schema_history where version is not null";

  private TaskerDatabase tasker;
  private final List<Database> opened = new ArrayList<>();

  @BeforeEach
  void create() {
    tasker = TaskerDatabase.create();
  }

  @AfterEach
  void drop() {
    opened.forEach(Database::close);
    tasker.close();
  }

  @Test
  void migrationCreatesTheTablesOnce() {
    var schema = new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY);
    assertThat(schema.problems()).singleElement().asString().contains("V1__workers_and_claims.sql");

    schema.migrate();
    var history = tasker.query("select xmin::text from wasm_broker.schema_history order by 1");
    schema.migrate();

    assertThat(tables()).containsExactly("claim", "schema_history", "suspect", "worker");
    assertThat(tasker.query(HISTORY)).containsExactly("1 true", "2 true", "3 true");
    assertThat(tasker.query("select xmin::text from wasm_broker.schema_history order by 1"))
        .isEqualTo(history);
    assertThat(schema.problems()).isEmpty();
  }

  @Test
  void migrationLeavesTaskersObjectsUntouched() {
    var before = objectsOutside();
    new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY).migrate();
    assertThat(objectsOutside()).isEqualTo(before);
  }

  @Test
  void concurrentBrokersCreateTheTablesOnce() throws Exception {
    var together = new CyclicBarrier(6);
    var starts = new ArrayList<Callable<Void>>();
    for (int i = 0; i < 6; i++) {
      var schema = new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY);
      starts.add(
          () -> {
            together.await();
            schema.migrate();
            return null;
          });
    }
    try (var threads = Executors.newFixedThreadPool(6)) {
      for (var start : threads.invokeAll(starts)) {
        start.get();
      }
    }
    assertThat(tasker.query(HISTORY)).containsExactly("1 true", "2 true", "3 true");
  }

  @Test
  void aRoleWithoutCreatePrivilegeGetsASufficientManualMigration() {
    var role = tasker.createRole();
    var schema = new BrokerSchema(open(tasker.configOf(role)), SchemaPart.RECOVERY);
    assertThatThrownBy(schema::migrate)
        .isInstanceOfSatisfying(
            ProtocolException.class, failure -> assertThat(failure.isTransient()).isFalse())
        .hasMessageContaining("the role " + role + " lacks privileges on the schema wasm_broker")
        .hasMessageContaining("create table wasm_broker.claim");
    assertThat(tables()).isEmpty();

    tasker.execute(scriptIn(schema.problems().getFirst().remedy()));

    schema.migrate();
    assertThat(schema.problems()).isEmpty();
    assertThat(new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY).problems()).isEmpty();
    assertThat(tasker.query(HISTORY)).containsExactly("1 true", "2 true", "3 true");
  }

  @Test
  void theManualMigrationAndFlywayCreateTheSameTables() {
    var schema = new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY);
    var script = scriptIn(schema.problems().getFirst().remedy());
    schema.migrate();
    var created = columnsAndIndexes();
    tasker.execute("drop schema wasm_broker cascade");

    tasker.execute(script);

    assertThat(columnsAndIndexes()).isEqualTo(created);
  }

  @Test
  void missingTablePrivilegesAreReportedAtStartup() {
    new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY).migrate();
    var role = tasker.createRole();
    var schema = new BrokerSchema(open(tasker.configOf(role)), SchemaPart.RECOVERY);

    assertThatThrownBy(schema::migrate)
        .isInstanceOf(ProtocolException.class)
        .hasMessageContaining("grant usage on schema wasm_broker to " + role)
        .hasMessageNotContainingAny("create table");

    tasker.execute(scriptIn(schema.problems().getFirst().remedy()));
    schema.migrate();
    assertThat(schema.problems()).isEmpty();
  }

  @Test
  void aBrokerWorksWithTheTablesOfANewerRelease() {
    var schema = new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY);
    schema.migrate();
    tasker.execute(
        """
        insert into wasm_broker.schema_history
          (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
        values (99, '99', 'later', 'SQL', 'V99__later.sql', 1, 'someone', 0, true)\
        """);
    schema.migrate();
    assertThat(schema.problems()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(SchemaPart.class)
  void aPartNeedsNoneOfTheOthersAndComesInAnyOrder(SchemaPart first) {
    var database = open(tasker.config());
    var schema = new BrokerSchema(database, first);
    schema.migrate();
    var expected = new ArrayList<>(first.tables());
    expected.add(first.history());
    assertThat(tables()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(schema.problems()).isEmpty();

    for (var part : SchemaPart.values()) {
      new BrokerSchema(database, part).migrate();
    }
    for (var part : SchemaPart.values()) {
      assertThat(new BrokerSchema(database, part).problems()).as(part.name()).isEmpty();
    }
  }

  @Test
  void aPartThatAnOwnerCreatesByHandIsComplete() {
    new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY).migrate();
    var role = tasker.createRole();
    var schema = new BrokerSchema(open(tasker.configOf(role)), SchemaPart.ROLLOUT);

    tasker.execute(scriptIn(schema.problems().getFirst().remedy()));
    schema.migrate();

    assertThat(schema.problems()).isEmpty();
    assertThat(tasker.query("select version from wasm_broker.rollout_history")).contains("1");
  }

  @Test
  void foreignTablesAreReported() {
    var schema = new BrokerSchema(open(tasker.config()), SchemaPart.RECOVERY);
    schema.migrate();
    tasker.execute("update wasm_broker.schema_history set checksum = 1 where version = '1'");
    assertThat(schema.problems())
        .singleElement()
        .asString()
        .contains("does not match what this broker creates");
  }

  private Database open(DatabaseConfig config) {
    var database = Database.open(config, "schema-test", SESSION);
    opened.add(database);
    return database;
  }

  private static String scriptIn(String problem) {
    return problem.substring(problem.indexOf("begin;"));
  }

  private List<String> tables() {
    return tasker.query(
        "select tablename::text from pg_tables where schemaname = 'wasm_broker' order by 1");
  }

  private List<String> columnsAndIndexes() {
    return tasker.query(
        """
        select concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
        from information_schema.columns where table_schema = 'wasm_broker'
        union all
        select indexdef from pg_indexes where schemaname = 'wasm_broker'
        union all
        select relname || reloptions::text from pg_class
        where relnamespace = 'wasm_broker'::regnamespace
        order by 1\
        """);
  }

  private List<String> objectsOutside() {
    return tasker.query(
        """
        select c.oid || c.relname || c.xmin from pg_class c
        where relnamespace not in (
          'pg_toast'::regnamespace, 'pg_catalog'::regnamespace,
          coalesce(to_regnamespace('wasm_broker'), 0::oid::regnamespace))
        order by 1\
        """);
  }
}
