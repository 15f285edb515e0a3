package org.wasmbroker.protocol.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.step.Document;
import org.wasmbroker.step.Outcome;
import org.wasmbroker.step.Receipt;
import org.wasmbroker.step.Step;
import org.wasmbroker.step.StepError;
import org.wasmbroker.telemetry.BrokerEvents;
import org.wasmbroker.testing.TestDatabase;

/** Postgres goes away and comes back. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DatabaseOutageIT {
  private TestDatabase postgres;
  private Database database;
  private StandaloneProtocol protocol;

  @BeforeEach
  void open() {
    postgres = TestDatabase.onItsOwnServer();
    database = Database.open(postgres.config(), "outage-test");
    protocol = protocol(StandaloneConfig.DEFAULTS);
    protocol.prepare();
  }

  @AfterEach
  void close() {
    protocol.close();
    database.close();
    postgres.close();
  }

  @Test
  void everyCallFailsForAWhileAndThenGoesOnWhereItWas() {
    send(4);
    var steps = protocol.claim(4).steps();
    postgres.stop();
    assertTransient(() -> protocol.claim(1));
    assertTransient(() -> protocol.renew(steps));
    assertTransient(() -> protocol.complete(List.of(completed(steps.get(0)))));
    assertTransient(() -> protocol.giveBack(steps));
    assertTransient(() -> protocol.prepare());
    postgres.start();
    assertThat(onceItIsBack(() -> protocol.renew(steps))).isEmpty();
    assertThat(protocol.complete(List.of(completed(steps.get(0)), retry(steps.get(1))))).isEmpty();
    protocol.giveBack(List.of(steps.get(2)));
    assertThat(protocol.claim(9).steps().stream().map(Step::id))
        .containsExactlyInAnyOrder(steps.get(1).id(), steps.get(2).id());
    assertThat(protocol.complete(List.of(completed(steps.get(3))))).isEmpty();
    assertThat(results()).containsExactlyInAnyOrder(id(steps.get(0)), id(steps.get(3)));
  }

  @Test
  void aListenerListensAgainAndWakesOnceForWhatItMayHaveMissed() throws InterruptedException {
    var wakeUps = new ArrayBlockingQueue<Instant>(1000);
    try (var subscription = protocol.onArrival(() -> wakeUps.offer(Instant.now()))) {
      assertThat(subscription).isNotNull();
      assertThat(wakeUps.poll(20, TimeUnit.SECONDS)).as("the first connection").isNotNull();
      postgres.stop();
      postgres.start();
      assertThat(wakeUps.poll(20, TimeUnit.SECONDS)).as("the next connection").isNotNull();
      send(1);
      assertThat(wakeUps.poll(20, TimeUnit.SECONDS)).as("a new message").isNotNull();
      assertThat(wakeUps.poll(20, TimeUnit.SECONDS)).as("what came with it").isNotNull();
    }
  }

  @Test
  void restartsInTheMiddleOfEverythingLoseNothingAndReportNothingTwice() throws Exception {
    var config =
        new StandaloneConfig(
            StandaloneConfig.DEFAULTS.queue(),
            StandaloneConfig.DEFAULTS.results(),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            100,
            1000,
            Duration.ofMillis(50));
    var sent = send(3000);
    var working = protocol(config);
    var outages = new AtomicInteger();
    var ended = new AtomicInteger();
    var workers = new ArrayList<Thread>();
    for (int i = 0; i < 3; i++) {
      workers.add(Thread.ofPlatform().start(() -> work(working, ended, outages)));
    }
    for (int stop = 1; stop <= 2; stop++) {
      while (ended.get() < stop * 500) {
        Thread.onSpinWait();
      }
      postgres.stop();
      postgres.start();
    }
    for (var worker : workers) {
      worker.join();
    }
    assertThat(outages).as("calls that met no database").hasPositiveValue();
    assertThat(results()).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(sent);
    assertThat(postgres.query("select count(*) from pgmq.q_catalog_queue_dlq"))
        .containsExactly("0");
  }

  /** Like a broker: what could not be written is written again, and some steps are returned. */
  private void work(StepProtocol working, AtomicInteger ended, AtomicInteger outages) {
    List<Outcome> outcomes = List.of();
    int rounds = 0;
    while (true) {
      try {
        if (outcomes.isEmpty()) {
          var steps = working.claim(20).steps();
          if (steps.isEmpty() && "0".equals(count("q_catalog_queue"))) {
            return;
          }
          working.renew(steps);
          outcomes = steps.stream().map(DatabaseOutageIT::completed).toList();
          if (++rounds % 5 == 0 && steps.size() > 2) {
            working.giveBack(steps.subList(0, 1));
            outcomes = new ArrayList<>(outcomes.subList(1, outcomes.size()));
            outcomes.set(0, retry(steps.get(1)));
          }
        }
        working.complete(outcomes);
        ended.addAndGet(outcomes.size());
        outcomes = List.of();
      } catch (ProtocolException failure) {
        if (!failure.isTransient()) {
          throw failure;
        }
        outages.incrementAndGet();
      } catch (AssertionError databaseAway) {
        outages.incrementAndGet();
      }
    }
  }

  private String count(String table) {
    return String.valueOf(postgres.query("select count(*) from pgmq." + table).getFirst());
  }

  private StandaloneProtocol protocol(StandaloneConfig config) {
    return new StandaloneProtocol(
        database, config, new WorkerIdentity("worker-1", "here"), BrokerEvents.NONE);
  }

  private List<String> send(int steps) {
    var ids = new ArrayList<String>();
    var messages = new ArrayList<String>();
    for (int i = 0; i < steps; i++) {
      var id = UUID.randomUUID().toString();
      ids.add(id);
      messages.add("{\"step_uuid\":\"%s\",\"handler\":\"echo\"}".formatted(id));
    }
    new Pgmq(database).sendBatch(StandaloneConfig.DEFAULTS.queue(), messages, List.of());
    return ids;
  }

  private List<String> results() {
    return postgres.query("select message ->> 'step_uuid' from pgmq.q_catalog_results").stream()
        .map(Objects::requireNonNull)
        .toList();
  }

  private static String id(Step step) {
    return step.id().toString();
  }

  /** The pool takes a moment to notice that the server is there again. */
  private static <T> T onceItIsBack(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (ProtocolException failure) {
        assertThat(failure.isTransient()).as(failure.getMessage()).isTrue();
      }
    }
  }

  private static void assertTransient(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProtocolException.class,
            failure -> assertThat(failure.isTransient()).as(failure.getMessage()).isTrue());
  }

  private static Outcome completed(Step step) {
    return new Outcome.Completed(
        step, Document.of("{}"), Instant.now(), Receipt.none(Duration.ZERO));
  }

  private static Outcome retry(Step step) {
    return new Outcome.Retry(
        step,
        StepError.retryable("busy", "later"),
        Duration.ZERO,
        Instant.now(),
        Receipt.none(Duration.ZERO));
  }
}
