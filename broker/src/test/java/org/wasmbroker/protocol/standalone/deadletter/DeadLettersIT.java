package org.wasmbroker.protocol.standalone.deadletter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.protocol.standalone.StandaloneConfig;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.Discarded;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.Gone;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.Held;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.Invalid;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.NoMessage;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.NoModule;
import org.wasmbroker.protocol.standalone.deadletter.LetterResult.Replayed;
import org.wasmbroker.testing.Letters;
import org.wasmbroker.testing.TestDatabase;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** On a real Postgres, with the role of an operator. */
class DeadLettersIT {
  private static final Resolution ME = new Resolution("me", "because");
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static TestDatabase postgres;
  private static Database database;

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
  void empty() {
    letters = new Letters(postgres);
    dead = new DeadLetters(database, StandaloneConfig.DEFAULTS);
    search = new LetterSearch(database, StandaloneConfig.DEFAULTS.deadLetters());
    for (var table : List.of("q_catalog_queue", "q_catalog_queue_dlq", "a_catalog_queue_dlq")) {
      postgres.execute("truncate pgmq." + table);
    }
  }

  @Test
  void aReplayedLetterIsTheSameStepAgainWithAllItsAttempts() {
    var step = UUID.randomUUID();
    long id =
        letters.add(
            Letters.exhausted(step, "transform", "timeout", "1.3.0"),
            """
            {"x-wasm-broker-failures":2,"x-wasm-broker-started":1,
             "x-wasm-broker-module":"transform@1.3.0 %s","traceparent":"%s","tenant":"a"}\
            """
                .formatted(Letters.DIGEST, TRACE));

    var results = dead.replay(List.of(id), false, ME);

    assertThat(results).singleElement().isInstanceOf(Replayed.class);
    var headers = json("select headers from pgmq.q_catalog_queue");
    assertThat(json("select message from pgmq.q_catalog_queue"))
        .isEqualTo(JsonMapper.shared().readTree(Letters.message(step, "transform")));
    assertThat(headers.propertyNames())
        .containsExactlyInAnyOrder("traceparent", "tenant", "x-wasm-broker-replayed");
    assertThat(headers.at("/x-wasm-broker-replayed/count").intValue()).isEqualTo(1);
    assertThat(headers.at("/x-wasm-broker-replayed/by").stringValue()).isEqualTo("me");
    var record = json("select headers -> 'x-wasm-broker-resolved' from pgmq.a_catalog_queue_dlq");
    assertThat(record.path("how").stringValue()).isEqualTo("replayed");
    assertThat(record.path("note").stringValue()).isEqualTo("because");
    assertThat(record.path("role").stringValue()).startsWith("worker_");
    assertThat(record.path("msg_id").longValue())
        .isEqualTo(((Replayed) results.getFirst()).message());
    assertThat(letters.dead()).isZero();
    assertThat(dead.replay(List.of(id), false, ME)).containsExactly(new Gone(id));
    assertThat(letters.inQueue()).isEqualTo(1);
  }

  @Test
  void theSameModuleIsThatOfTheReceiptOrElseOfTheHeader() {
    long receipt = letters.add(Letters.exhausted(UUID.randomUUID(), "transform", "x", "1.3.0"));
    long header =
        letters.add(
            Letters.invalid(Letters.message(UUID.randomUUID(), "transform")),
            "{\"x-wasm-broker-module\":\"transform@1.2.0 %s\"}".formatted(Letters.DIGEST));
    long neither = letters.add(Letters.invalid(Letters.message(UUID.randomUUID(), "transform")));

    var results = dead.replay(List.of(receipt, header, neither), true, ME);

    assertThat(results).hasSize(3).contains(new NoModule(neither));
    assertThat(
            postgres.query(
                "select headers ->> 'x-wasm-broker-module' from pgmq.q_catalog_queue order by 1"))
        .containsExactly("transform@1.2.0 " + Letters.DIGEST, "transform@1.3.0 " + Letters.DIGEST);
    assertThat(letters.dead()).isEqualTo(1);
  }

  @Test
  void howOftenAMessageWasReplayedIsCountedThroughItsNextDeath() {
    long id =
        letters.add(
            Letters.exhausted(UUID.randomUUID(), "transform", "timeout", "1.0.0"),
            "{\"x-wasm-broker-replayed\":{\"count\":2,\"dead_letter\":1}}");
    letters.addExhausted(1, "timeout");

    assertThat(list(LetterFilter.ALL)).extracting(LetterSummary::replays).containsExactly(2, 0);
    assertThat(ids(neverReplayed())).doesNotContain(id).hasSize(1);
    dead.replay(List.of(id), false, ME);
    assertThat(
            json("select headers -> 'x-wasm-broker-replayed' -> 'count' from pgmq.q_catalog_queue")
                .intValue())
        .isEqualTo(3);
  }

  @Test
  void replaysAtTheSameTimeSendEachMessageOnce() throws Exception {
    var ids = letters.addExhausted(400, "timeout");
    var start = new CyclicBarrier(4);
    var work = new ArrayList<Callable<List<LetterResult>>>();
    for (int i = 0; i < 4; i++) {
      var mine = i % 2 == 0 ? ids : ids.reversed();
      work.add(
          () -> {
            var results = new ArrayList<LetterResult>();
            start.await();
            for (int from = 0; from < mine.size(); from += 50) {
              results.addAll(dead.replay(mine.subList(from, from + 50), false, ME));
            }
            return results;
          });
    }

    var all = new ArrayList<LetterResult>();
    try (var threads = Executors.newFixedThreadPool(4)) {
      for (var done : threads.invokeAll(work)) {
        all.addAll(done.get());
      }
    }

    assertThat(all).hasSize(1600);
    assertThat(all.stream().filter(Replayed.class::isInstance)).hasSize(400);
    assertThat(letters.inQueue()).isEqualTo(400);
    assertThat(letters.stepsInQueue()).isEqualTo(400);
    assertThat(letters.dead()).isZero();
    assertThat(letters.archived()).isEqualTo(400);
  }

  @Test
  void aBatchThatFailsHasChangedNothing() {
    var ids = letters.addExhausted(3, "timeout");
    postgres.execute(
        "insert into pgmq.a_catalog_queue_dlq (msg_id, vt, message) values (%d, now(), '{}')"
            .formatted(ids.getLast()));

    assertThat(catchThrowable(() -> dead.replay(ids, false, ME)))
        .hasMessageContaining("could not replay letters of queue catalog_queue_dlq");
    assertThat(letters.dead()).isEqualTo(3);
    assertThat(letters.inQueue()).isZero();
  }

  @Test
  void aLetterThatAnotherReaderHoldsIsLeftToIt() {
    var ids = letters.addExhausted(2, "timeout");
    postgres.execute("select pgmq.read('catalog_queue_dlq', 3600, 1)");
    long held = ids.getFirst();

    assertThat(dead.replay(ids, false, ME)).hasSize(2).anySatisfy(it -> isHeld(it, held));
    assertThat(dead.discard(List.of(held), false, ME))
        .singleElement()
        .satisfies(it -> isHeld(it, held));
    assertThat(dead.discard(List.of(held), true, ME))
        .singleElement()
        .satisfies(it -> isHeld(it, held));
    assertThat(letters.inQueue()).isEqualTo(1);
    assertThat(letters.dead()).isEqualTo(1);
    assertThat(search.find(held).orElseThrow().summary().heldUntil()).isNotNull();
  }

  private static void isHeld(LetterResult result, long id) {
    assertThat(result).isInstanceOf(Held.class);
    assertThat(result.id()).isEqualTo(id);
  }

  @Test
  void aMessageThatIsStillNoStepIsLeftAndOneThatIsByNowIsSent() {
    long wrong = letters.add(Letters.invalid("{\"step_uuid\":\"x\"}"));
    long right = letters.add(Letters.invalid(Letters.message(UUID.randomUUID(), "transform")));

    var results = dead.replay(List.of(wrong, right), false, ME);

    assertThat(results)
        .hasSize(2)
        .anySatisfy(
            it ->
                assertThat(it)
                    .isInstanceOfSatisfying(
                        Invalid.class,
                        invalid -> assertThat(invalid.problem()).contains("step_uuid")))
        .anySatisfy(it -> assertThat(it).isInstanceOf(Replayed.class));
    assertThat(letters.inQueue()).isEqualTo(1);
  }

  @Test
  void whateverIsInTheQueueIsListedAndKeepsNoOtherFromBeingReplayed() {
    var message = Letters.message(UUID.randomUUID(), "transform");
    var hopeless = new ArrayList<Long>();
    for (var odd : List.of("null", "1", "\"x\"", "[]", "{}", "{\"reason\":[1],\"last_error\":3}")) {
      hopeless.add(letters.add(odd));
    }
    var odd = new ArrayList<Long>();
    for (var headers :
        List.of(
            "null",
            "\"x\"",
            "[1]",
            "{\"x-wasm-broker-replayed\":\"x\"}",
            "{\"x-wasm-broker-replayed\":{\"count\":-5.5}}",
            "{\"x-wasm-broker-replayed\":{\"count\":1e300}}",
            "{\"x-wasm-broker-module\":{}}")) {
      odd.add(
          letters.add(
              """
              {"reason":7,"attempts":-1e300,"last_error":[],"receipt":"r","message":%s}\
              """
                  .formatted(message),
              headers));
    }

    assertThat(list(LetterFilter.ALL)).hasSize(hopeless.size() + odd.size());
    assertThat(search.countByErrorType(LetterFilter.ALL, Long.MAX_VALUE, 100))
        .extracting(LetterCount::letters)
        .contains((long) hopeless.size() + odd.size());
    assertThat(hopeless).allSatisfy(id -> assertThat(search.find(id)).isPresent());
    var all = new ArrayList<>(hopeless);
    all.addAll(odd);
    var results = dead.replay(all, false, ME);

    assertThat(results.stream().filter(NoMessage.class::isInstance)).hasSize(hopeless.size());
    assertThat(results.stream().filter(Replayed.class::isInstance)).hasSize(odd.size());
    assertThat(dead.discard(hopeless, false, ME)).hasOnlyElementsOfType(Discarded.class);
    assertThat(letters.dead()).isZero();
  }

  /** A row of 3 KiB with text of more than 1 GiB, which no statement can make. */
  @Test
  void aLetterWithTooMuchTextToBeReadKeepsNoOtherFromBeingListedOrReplayed() {
    var other = letters.add(Letters.exhausted(UUID.randomUUID(), "transform", "late", "1.0.0"));
    postgres.execute(
        """
        select pgmq.send('catalog_queue_dlq', jsonb_build_object(
          'reason', reason, 'detail', long, 'last_error', jsonb_build_object('error_type', long),
          'receipt', jsonb_build_object('handler', long, 'version', long, 'digest', long),
          'message', jsonb_build_object('handler', long, 'step_uuid', long)),
          jsonb_build_object('x-wasm-broker-module', long))
        from (select ('[' || repeat('1e131071,', 9999) || '1]')::jsonb as long) value
        cross join lateral (values ('"invalid"'::jsonb), ('"exhausted"'), (long)) reasons(reason)
        """);

    assertThat(list(LetterFilter.ALL)).hasSize(4);
    assertThat(search.countByErrorType(LetterFilter.ALL, Long.MAX_VALUE, 100)).hasSize(4);
    var ids = list(LetterFilter.ALL).stream().map(LetterSummary::id).toList();
    assertThat(dead.replay(ids, true, ME))
        .contains(new Invalid(ids.get(1), "it has too much text to be read"))
        .filteredOn(Replayed.class::isInstance)
        .extracting(LetterResult::id)
        .containsExactly(other);
    assertThat(dead.replay(ids.subList(1, 4), false, ME))
        .filteredOn(Replayed.class::isInstance)
        .hasSize(2);
  }

  @Test
  void aDiscardedLetterIsInTheArchiveUnlessItIsPurged() {
    var ids = letters.addExhausted(2, "timeout");

    assertThat(dead.discard(List.of(ids.getFirst()), false, ME))
        .containsExactly(new Discarded(ids.getFirst()));
    assertThat(dead.discard(List.of(ids.getLast()), true, ME))
        .containsExactly(new Discarded(ids.getLast()));

    assertThat(letters.dead()).isZero();
    assertThat(letters.inQueue()).isZero();
    assertThat(search.find(ids.getFirst()).orElseThrow())
        .satisfies(it -> assertThat(it.archived()).isTrue())
        .satisfies(it -> assertThat(it.headers()).contains("discarded", "because"));
    assertThat(search.find(ids.getLast())).isEmpty();
  }

  @Test
  void lettersAreFoundByEachCondition() {
    var step = UUID.randomUUID();
    long old = letters.add(Letters.exhausted(UUID.randomUUID(), "transform", "timeout", "1.0.0"));
    postgres.execute(
        "update pgmq.q_catalog_queue_dlq set enqueued_at = now() - interval '3 hours', vt = now()");
    long fresh = letters.add(Letters.exhausted(step, "validate", "limit_exceeded", "2.1.0"));
    long invalid = letters.add(Letters.invalid("{}"));

    assertThat(ids(LetterFilter.ALL)).containsExactly(old, fresh, invalid);
    assertThat(ids(LetterFilter.ofIds(Set.of(fresh)))).containsExactly(fresh);
    assertThat(ids(filter(Set.of(step), Set.of(), Set.of(), Set.of(), Set.of(), Set.of())))
        .containsExactly(fresh);
    assertThat(ids(filter(Set.of(), Set.of("invalid"), Set.of(), Set.of(), Set.of(), Set.of())))
        .containsExactly(invalid);
    assertThat(
            ids(
                filter(
                    Set.of(),
                    Set.of(),
                    Set.of("timeout", "invalid"),
                    Set.of(),
                    Set.of(),
                    Set.of())))
        .containsExactly(old, invalid);
    assertThat(ids(filter(Set.of(), Set.of(), Set.of(), Set.of("validate"), Set.of(), Set.of())))
        .containsExactly(fresh);
    assertThat(ids(filter(Set.of(), Set.of(), Set.of(), Set.of(), Set.of("1.0.0"), Set.of())))
        .containsExactly(old);
    assertThat(ids(filter(Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of("sha256:4f4f"))))
        .containsExactly(old, fresh);
    assertThat(ids(aged(Duration.ofHours(2), null))).containsExactly(old);
    assertThat(ids(aged(null, Duration.ofHours(2)))).containsExactly(fresh, invalid);
    assertThat(search.ids(LetterFilter.ALL, old, fresh, 10)).containsExactly(fresh);
    assertThat(search.newest()).isEqualTo(invalid);
  }

  private static LetterFilter filter(
      Set<UUID> steps,
      Set<String> reasons,
      Set<String> errorTypes,
      Set<String> handlers,
      Set<String> versions,
      Set<String> digests) {
    return new LetterFilter(
        Set.of(), steps, reasons, errorTypes, handlers, versions, digests, null, null, false);
  }

  private static LetterFilter aged(@Nullable Duration olderThan, @Nullable Duration newerThan) {
    return new LetterFilter(
        Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), olderThan, newerThan,
        false);
  }

  private static LetterFilter neverReplayed() {
    return new LetterFilter(
        Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), Set.of(), null, null, true);
  }

  private List<Long> ids(LetterFilter filter) {
    return search.ids(filter, 0, Long.MAX_VALUE, 100);
  }

  private List<LetterSummary> list(LetterFilter filter) {
    return search.list(filter, 0, Long.MAX_VALUE, false, 100);
  }

  private static JsonNode json(String sql) {
    return JsonMapper.shared().readTree(String.valueOf(postgres.query(sql).getFirst()));
  }
}
