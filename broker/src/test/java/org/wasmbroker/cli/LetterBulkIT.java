package org.wasmbroker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.standalone.deadletter.DeadLetters;
import org.wasmbroker.protocol.standalone.deadletter.LetterFilter;
import org.wasmbroker.protocol.standalone.deadletter.LetterSearch;
import org.wasmbroker.protocol.standalone.deadletter.Resolution;
import org.wasmbroker.step.TimeSource;
import org.wasmbroker.testing.Letters;
import org.wasmbroker.testing.TestDatabase;

/** Many dead letters at once, on a real Postgres. */
class LetterBulkIT {
  private static final Resolution ME = new Resolution("me", null);

  private static TestDatabase postgres;
  private static Database database;

  private final List<Long> progress = new ArrayList<>();

  private Letters letters;
  private DeadLetters dead;
  private LetterSearch search;

  @BeforeAll
  static void create() {
    postgres = TestDatabase.create();
    database = Database.open(postgres.operatorConfig(), "test");
  }

  @AfterAll
  static void drop() {
    database.close();
    postgres.close();
  }

  @BeforeEach
  void open() {
    letters = new Letters(postgres);
    dead = new DeadLetters(database, StandaloneConfig.DEFAULTS);
    search = new LetterSearch(database, StandaloneConfig.DEFAULTS.deadLetters());
  }

  @Test
  void lettersThatArriveMeanwhileAreNotTouchedSoThatItEnds() throws Exception {
    letters.addExhausted(150, "again");
    long upTo = search.newest();

    var done =
        bulk((time, unit) -> false)
            .run(
                LetterFilter.ALL,
                upTo,
                10_000,
                ids -> {
                  letters.addExhausted(ids.size(), "again"); // each fails again at once
                  return dead.replay(ids, false, ME);
                });

    assertThat(done.results()).hasSize(150);
    assertThat(done.stopped()).isFalse();
    assertThat(progress).containsExactly(100L, 150L);
    assertThat(letters.dead()).isEqualTo(150);
  }

  @Test
  void itStopsBetweenTwoBatches() throws Exception {
    var ids = letters.addExhausted(250, "stop");

    var done = bulk((time, unit) -> true).run(Set.copyOf(ids), all -> dead.discard(all, true, ME));

    assertThat(done.stopped()).isTrue();
    assertThat(done.results()).hasSize(100);
  }

  @Test
  void aFailureOfTheDatabaseKeepsWhatWasDone() throws Exception {
    letters.addExhausted(250, "fail");
    var calls = new ArrayList<Integer>();

    var done =
        bulk((time, unit) -> false)
            .run(
                LetterFilter.ALL,
                Long.MAX_VALUE,
                250,
                ids -> {
                  calls.add(ids.size());
                  if (calls.size() == 2) {
                    new LetterSearch(database, new QueueName("none")).newest();
                  }
                  return dead.discard(ids, true, ME);
                });

    assertThat(done.failure()).isInstanceOf(SqlFailure.class);
    assertThat(done.results()).hasSize(100);
  }

  private LetterBulk bulk(LetterBulk.Stop stop) {
    return new LetterBulk(search, new Pace(0, TimeSource.SYSTEM), stop, progress::add);
  }
}
