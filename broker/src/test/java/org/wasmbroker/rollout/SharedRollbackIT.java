package org.wasmbroker.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.rollout.SharedState.Counted;
import org.wasmbroker.rollout.state.RolloutTables;
import org.wasmbroker.step.Digest;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.ModuleId;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.EventSink;
import org.wasmbroker.telemetry.StepEvent;
import org.wasmbroker.testing.ManualTime;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TestDatabase;

/** What brokers share about rollouts, in a real database. */
class SharedRollbackIT {
  private static final ReleaseName CANDIDATE = new ReleaseName("h", "1.1.0");

  private static TestDatabase server;
  private static Database database;

  @BeforeAll
  static void create() {
    server = TestDatabase.create();
    database = Database.open(server.config(), "test");
    new BrokerSchema(database, SchemaPart.ROLLOUT).migrate();
  }

  @AfterEach
  void empty() {
    server.execute("truncate wasm_broker.rollback, wasm_broker.rollout_count");
  }

  @AfterAll
  static void drop() {
    database.close();
    server.close();
  }

  @Test
  void theFirstDecisionOfAnEpisodeStays() {
    member().record(rollback("one"));
    member().record(rollback("other"));
    assertThat(member().read().rolledBack())
        .singleElement()
        .extracting(Rollback::decidedBy)
        .isEqualTo("one");
  }

  @Test
  void aResetBeginsAnotherEpisode() {
    var member = member();
    member.record(rollback("one"));
    assertThat(member.read().episodes()).containsEntry(CANDIDATE, 1);
    assertThat(member.reset("h", "me")).singleElement().isEqualTo(rollback("one"));
    assertThat(member.reset("h", "me")).isEmpty();
    assertThat(member.read().rolledBack()).isEmpty();
    assertThat(member.read().episodes()).containsEntry(CANDIDATE, 2);
  }

  @Test
  void theCountsOfTheOthersAreAddedUpByEpisodeAndThoseOfSilentOnesLeftOut() {
    var counts = new RunCounts(10, 1, 2, 3);
    member().exchange(Set.of(CANDIDATE), List.of(new Counted(CANDIDATE, 2, counts)));
    member().exchange(Set.of(CANDIDATE), List.of(new Counted(CANDIDATE, 2, counts)));
    member().exchange(Set.of(CANDIDATE), List.of(new Counted(CANDIDATE, 1, counts)));
    var silent = member();
    silent.exchange(Set.of(CANDIDATE), List.of(new Counted(CANDIDATE, 2, counts)));
    server.execute(
        "update wasm_broker.rollout_count set counted_at = counted_at + case when counted_at ="
            + " (select max(counted_at) from wasm_broker.rollout_count) then interval '-1 hour'"
            + " else interval '1 hour' end");

    var me = member();
    var own = new Counted(CANDIDATE, 2, new RunCounts(1000, 0, 0, 0));
    me.exchange(Set.of(CANDIDATE), List.of(own));
    assertThat(me.exchange(Set.of(CANDIDATE), List.of(own)).others())
        .containsExactlyInAnyOrder(
            new Counted(CANDIDATE, 2, new RunCounts(20, 2, 4, 6)),
            new Counted(CANDIDATE, 1, counts));
  }

  @Test
  void anOutageWhileRolledBackEndsNothingAndWhatIsDecidedMeanwhileIsStoredLater() {
    var one = new Rollouts(RolloutTexts.candidate("50%"));
    var comparisons = new Comparisons();
    var monitor = monitor(one, comparisons);
    monitor.tick();
    server.execute(
        "alter table wasm_broker.rollback rename to away; alter table wasm_broker.rollout_count"
            + " rename to gone");
    try {
      trap(comparisons, 100);
      monitor.tick();
      monitor.tick();
      assertThat(one.rolledBack()).containsOnlyKeys(CANDIDATE);
      assertThat(monitor.isSharing()).isFalse();
      assertThatThrownBy(() -> member().read()).isInstanceOf(SharedStateException.class);
    } finally {
      server.execute(
          "alter table wasm_broker.away rename to rollback; alter table wasm_broker.gone rename to"
              + " rollout_count");
    }
    monitor.tick();
    assertThat(one.rolledBack()).containsOnlyKeys(CANDIDATE);
    assertThat(monitor.isSharing()).isTrue();

    var later = new Rollouts(RolloutTexts.candidate("50%"));
    monitor(later, new Comparisons()).tick();
    assertThat(later.rolledBack().keySet()).containsExactly(CANDIDATE);
  }

  private static RollbackMonitor monitor(Rollouts rollouts, Comparisons comparisons) {
    return new RollbackMonitor(
        rollouts, comparisons, member(), "here", new ManualTime(), EventSink.NONE);
  }

  private static void trap(Comparisons comparisons, int runs) {
    var receipt =
        Outcomes.receipt("h")
            .withModule(
                new ModuleId("h", "1.1.0", Digest.of(Document.of("x").bytes())), Duration.ZERO);
    for (int i = 0; i < runs; i++) {
      comparisons.on(
          new StepEvent.Ended(
              new Outcome.Failed(
                  Outcomes.step("h"),
                  StepError.permanent("trapped", "unreachable"),
                  false,
                  Instant.EPOCH,
                  receipt)));
    }
  }

  private static RolloutTables member() {
    return new RolloutTables(database, UUID.randomUUID());
  }

  private static Rollback rollback(String by) {
    return new Rollback(
        CANDIDATE, 1, Instant.parse("2026-01-01T00:00:00Z"), by, "1.0.0", 20, 20, 9, 0, "all trap");
  }
}
