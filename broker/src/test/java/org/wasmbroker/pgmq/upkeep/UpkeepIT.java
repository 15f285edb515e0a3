package org.wasmbroker.pgmq.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.UUID;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.testing.TestDatabase;

/** On a real Postgres: what queues are full of, and archives that become smaller. */
class UpkeepIT {
  private static final Duration MONTH = Duration.ofDays(30);

  private static TestDatabase postgres;
  private static Database database;

  private final QueueName queue =
      new QueueName("q" + UUID.randomUUID().toString().replace("-", "").substring(0, 20));

  @BeforeAll
  static void create() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.config(), "test");
  }

  @AfterAll
  static void drop() {
    database.close();
    postgres.close();
  }

  @Test
  void messagesAreCountedByWhatTheyWaitFor() {
    postgres.execute("select pgmq.create('%s')".formatted(queue));
    postgres.execute("select pgmq.send('%s', '{}') from generate_series(1, 10)".formatted(queue));
    postgres.execute("select pgmq.read('%s', 3600, 3)".formatted(queue));
    postgres.execute("select pgmq.send('%s', '{}', 3600)".formatted(queue));
    postgres.execute(
        "update %s set enqueued_at = enqueued_at - interval '1 hour', vt = vt - interval '1 hour' where msg_id = 4"
            .formatted(queue.table()));

    var found = new QueueInspector(database).inspect(queue).orElseThrow();

    assertThat(found.depth()).isEqualTo(11);
    assertThat(found.visible()).isEqualTo(7);
    assertThat(found.inFlight()).isEqualTo(3);
    assertThat(found.delayed()).isEqualTo(1);
    assertThat(found.sent()).isEqualTo(11);
    assertThat(found.oldest()).isGreaterThanOrEqualTo(Duration.ofHours(1));
    assertThat(found.oldestVisible()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(70));
    assertThat(found.messages().bytes()).isPositive();
    assertThat(found.archive().partitions()).isZero();
    assertThat(new QueueInspector(database).inspect(new QueueName("missing"))).isEmpty();
  }

  /** Tasker's own images have PGMQ 1.5 or 1.8, whose queues lack a column that 1.10 added. */
  @Test
  void queuesOfAnOlderPgmqVersionAreCountedByWhatWasEverRead() {
    postgres.execute("select pgmq.create('%s')".formatted(queue));
    postgres.execute("select pgmq.send('%s', '{}') from generate_series(1, 4)".formatted(queue));
    postgres.execute("select pgmq.read('%s', 3600, 2)".formatted(queue));
    postgres.execute("select pgmq.send('%s', '{}', 3600)".formatted(queue));
    postgres.execute("alter table %s drop column last_read_at".formatted(queue.table()));
    postgres.execute("alter table %s drop column last_read_at".formatted(queue.archive()));

    var found = new QueueInspector(database).inspect(queue).orElseThrow();

    assertThat(found.depth()).isEqualTo(5);
    assertThat(found.visible()).isEqualTo(2);
    assertThat(found.inFlight()).isEqualTo(2);
    assertThat(found.delayed()).isEqualTo(1);
  }

  @Test
  void ratesFollowFromTwoMoments() {
    postgres.execute("select pgmq.create('%s')".formatted(queue));
    var inspector = new QueueInspector(database);
    var before = inspector.inspect(queue).orElseThrow();
    postgres.execute("select pgmq.send('%s', '{}') from generate_series(1, 100)".formatted(queue));
    postgres.execute("select pgmq.pop('%s', 40)".formatted(queue));

    var after = inspector.inspect(queue).orElseThrow();
    double seconds = Duration.between(before.at(), after.at()).toNanos() / 1e9;

    assertThat(after.since(before).in() * seconds).isCloseTo(100, within());
    assertThat(after.since(before).out() * seconds).isCloseTo(40, within());
    assertThat(before.since(before)).isEqualTo(new QueueStatistics.Rates(0, 0));
  }

  private static Offset<Double> within() {
    return Offset.offset(0.01);
  }

  @Test
  void onlyWhatIsOldLeavesTheArchiveABatchAtATime() {
    archive(25, "40 days");
    archive(5, "20 days");
    var purge = new ArchivePurge(database, queue);
    var before = purge.before(MONTH);

    assertThat(purge.count(before, 1000)).isEqualTo(25);
    assertThat(purge.count(before, 7)).isEqualTo(7);
    assertThat(purge.delete(before, 10)).isEqualTo(10);
    assertThat(purge.delete(before, 100)).isEqualTo(15);
    assertThat(purge.delete(before, 100)).isZero();
    assertThat(purge.oldPartitions(before)).isEmpty();
    assertThat(postgres.query("select count(*) from " + queue.archive())).containsExactly("5");
    assertThatThrownBy(() -> purge.before(Duration.ofMinutes(59)))
        .hasMessageContaining("only what is older than PT1H");
  }

  @Test
  void aWriterOfOutcomesDoesNotWaitForAPurge() throws Exception {
    archive(10, "40 days");
    try (var other = postgres.connect();
        var statement = other.createStatement()) {
      other.setAutoCommit(false);
      statement.execute("delete from %s".formatted(queue.archive())); // as a purge, uncommitted

      postgres.execute(
          "set lock_timeout = '2s'; insert into %s (msg_id, vt) values (1000, now())"
              .formatted(queue.archive()));
      other.rollback();
    }
    assertThat(postgres.query("select count(*) from " + queue.archive())).containsExactly("11");
  }

  @Test
  void partitionsThatAreOldAreDroppedWithAndWithoutADefaultOne() {
    for (boolean withDefault : new boolean[] {false, true}) {
      partitioned(withDefault);
      var purge = new ArchivePurge(database, queue);
      var before = purge.before(MONTH);

      var old = purge.oldPartitions(before);

      assertThat(old).extracting(ArchivePartition::name).containsExactly("old_1", "old_2");
      assertThat(new QueueInspector(database).inspect(queue).orElseThrow().archive().partitions())
          .isEqualTo(withDefault ? 4 : 3);
      old.forEach(purge::drop);
      assertThat(purge.oldPartitions(before)).isEmpty();
      assertThat(postgres.query("select count(*) from " + queue.archive())).containsExactly("1");
      assertThat(postgres.query("select to_regclass('pgmq.old_1')")).containsExactly((String) null);
      postgres.execute("drop table " + queue.archive());
    }
  }

  @Test
  void aTableThatHasTheNameOfAPartitionInAnotherSchemaIsNotDropped() {
    partitioned(true);
    postgres.execute(
        "create schema cold; alter table pgmq.old_1 set schema cold; create table pgmq.old_1 ()");
    var purge = new ArchivePurge(database, queue);

    var old = purge.oldPartitions(purge.before(MONTH));

    assertThat(old).extracting(ArchivePartition::name).containsExactly("old_2");
    postgres.execute(
        "drop table pgmq.old_1, %s; drop schema cold cascade".formatted(queue.archive()));
  }

  @Test
  void aRoleThatDoesNotOwnPartitionsFindsNoneToDrop() {
    partitioned(false);
    var role = postgres.createRole();
    postgres.execute("grant usage on schema pgmq to %s".formatted(role));
    postgres.execute("grant select, delete on %s to %s".formatted(queue.archive(), role));
    try (var other = Database.open(postgres.configOf(role), "test")) {
      var purge = new ArchivePurge(other, queue);
      var before = purge.before(MONTH);

      assertThat(purge.oldPartitions(before)).isEmpty();
      assertThat(purge.delete(before, 100)).isEqualTo(2);
    }
    postgres.execute("drop table " + queue.archive());
  }

  private void archive(int messages, String age) {
    postgres.execute("select pgmq.create('%s')".formatted(queue));
    postgres.execute(
        """
        insert into %1$s (msg_id, vt, archived_at, message)
        select n + (select coalesce(max(msg_id), 0) from %1$s), now(), now() - interval '%2$s', '{}'
        from generate_series(1, %3$d) n
        """
            .formatted(queue.archive(), age, messages));
  }

  private void partitioned(boolean withDefault) {
    postgres.execute("select pgmq.create('%s')".formatted(queue));
    postgres.execute(
        """
        drop table %1$s;
        create table %1$s (msg_id bigint not null, read_ct int not null default 0, enqueued_at timestamptz default now(),
          last_read_at timestamptz, archived_at timestamptz not null default now(), vt timestamptz not null,
          message jsonb, headers jsonb) partition by range (archived_at);
        create index on %1$s (msg_id);
        create index on %1$s (archived_at);
        create table pgmq.old_1 partition of %1$s for values from (minvalue) to ('2020-01-01');
        create table pgmq.old_2 partition of %1$s for values from ('2020-01-01') to ('2021-01-01');
        create table pgmq.young partition of %1$s for values from ('2021-01-01') to (maxvalue);
        insert into %1$s (msg_id, vt, archived_at) values (1, now(), '2019-05-05'), (2, now(), '2020-05-05'), (3, now(), now())
        """
            .formatted(queue.archive()));
    if (withDefault) {
      postgres.execute(
          "create table pgmq.other partition of %s default".formatted(queue.archive()));
    }
  }
}
