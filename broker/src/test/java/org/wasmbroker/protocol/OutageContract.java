package org.wasmbroker.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.step.Step;
import org.wasmbroker.testing.Await;
import org.wasmbroker.testing.LossyProxy;
import org.wasmbroker.testing.Outcomes;
import org.wasmbroker.testing.TestDatabase;

/**
 * The contract of every {@link StepProtocol} on Postgres when Postgres becomes unreachable and
 * recovers: before a call, during it, or between its commit and its response. The worker cannot
 * distinguish these, repeats the call, and nothing is lost or duplicated.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
public abstract class OutageContract<Q extends StepQueue> {
  private static final int STEPS = 5;

  /** What a worker calls while it has steps. */
  public enum Call {
    CLAIM,
    RENEW,
    COMPLETE,
    RELEASE
  }

  protected LossyProxy proxy;
  protected Q queue;
  protected StepProtocol worker;
  private Database database;
  private List<UUID> ready = List.of();
  private List<Step> steps = List.of();

  /** A running server that no other test uses. */
  protected abstract TestDatabase server();

  /** Connects to it with the privileges that are documented for a worker. */
  protected abstract DatabaseConfig config();

  /** A connection pool for workers. */
  protected abstract Database open(LossyProxy proxy);

  /** An empty queue. */
  protected abstract Q queue(Database database);

  /** The same, where a claim ends by itself while a test waits for it, if claims do that. */
  protected Q queueOfShortClaims(Database workers) {
    return queue(workers);
  }

  /** Text that is in the statement of this call and in none before it. */
  protected abstract String statementOf(Call call);

  /** A table that every call needs. */
  protected abstract String table();

  /** Where notifications are not sent per message, a message can have more than one. */
  protected void drainExtraNotifications(BlockingQueue<Instant> wakeUps)
      throws InterruptedException {}

  @BeforeEach
  void connect() {
    server().start();
    proxy = new LossyProxy(config());
    database = open(proxy);
    queue = queue(database);
    worker = queue.connect();
  }

  @AfterEach
  void close() {
    server().start();
    worker.close();
    database.close();
    proxy.close();
  }

  @Test
  void everyCallFailsDuringAnOutageAndResumesAfterwards() {
    queue.ready(4);
    var held = worker.claim(4).steps();
    server().stop();
    assertTransient(() -> worker.claim(1));
    assertTransient(() -> worker.renew(held));
    assertTransient(() -> worker.complete(List.of(Outcomes.completed(held.get(0)))));
    assertTransient(() -> worker.release(held));
    assertTransient(() -> worker.prepare());
    server().start();
    assertThat(onceItIsBack(() -> worker.renew(held))).isEmpty();
    assertThat(
            worker.complete(
                List.of(
                    Outcomes.completed(held.get(0)), Outcomes.retry(held.get(1), Duration.ZERO))))
        .isEmpty();
    worker.release(List.of(held.get(2)));
    queue.processReports();
    assertThat(worker.claim(9).steps())
        .extracting(Step::id)
        .containsExactlyInAnyOrder(held.get(1).id(), held.get(2).id());
    assertThat(worker.complete(List.of(Outcomes.completed(held.get(3))))).isEmpty();
    assertThat(queue.ended())
        .containsExactlyInAnyOrder(
            held.get(0).id() + " completed", held.get(3).id() + " completed");
  }

  @ParameterizedTest
  @EnumSource
  void aRestartDuringACallRollsItBackAndItIsRetried(Call call) throws SQLException {
    prepareFor(call);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor();
        var blocking = lock()) {
      var running = CompletableFuture.runAsync(() -> perform(call), threads);
      untilItWaits(blocking);
      terminateBlocked(blocking);
      assertTransient(() -> joined(running));
      server().stop();
    }
    server().start();
    assertNothingLostOrDuplicatedBy(call);
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatTheServerNeverSawIsRetried(Call call) {
    prepareFor(call);
    proxy.loseStatement(statementOf(call));
    assertTransient(() -> perform(call));
    assertThat(proxy.hasLost()).isTrue();
    assertNothingLostOrDuplicatedBy(call);
  }

  @ParameterizedTest
  @EnumSource
  void aCommittedCallWhoseResponseIsLostIsRetried(Call call) {
    prepareFor(call);
    proxy.loseResponse(statementOf(call));
    assertTransient(() -> perform(call));
    assertThat(proxy.hasLost()).isTrue();
    if (call == Call.COMPLETE) {
      assertThat(queue.ended()).as("what is committed").isEqualTo(all("completed"));
    }
    assertNothingLostOrDuplicatedBy(call);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "CLAIM")
  void aResponseLostRepeatedlyChangesNothingMore(Call call) {
    prepareFor(call);
    for (int i = 0; i < 3; i++) {
      proxy.loseResponse(statementOf(call));
      assertTransient(() -> perform(call));
    }
    assertNothingLostOrDuplicatedBy(call);
  }

  @Test
  void outcomesWhoseResponseIsLostAreWrittenOnce() {
    var ready = queue.ready(3);
    var lastAttempt = queue.ready(1, 1).getFirst();
    var held = worker.claim(4).steps();
    var outcomes =
        List.of(
            Outcomes.completed(held.get(0)),
            Outcomes.failed(held.get(1)),
            Outcomes.retry(held.get(2), Duration.ofHours(1)),
            Outcomes.exhausted(held.get(3)));
    proxy.loseResponse(statementOf(Call.COMPLETE));
    assertTransient(() -> worker.complete(outcomes));
    assertThat(onceItIsBack(() -> worker.complete(outcomes))).isEmpty();
    queue.makeRetriesDue();
    assertThat(queue.ended())
        .containsExactlyInAnyOrder(
            ready.get(0) + " completed", ready.get(1) + " failed", lastAttempt + " failed");
    var again = worker.claim(9).steps();
    assertThat(again).extracting(step -> step.id().value()).containsExactly(ready.get(2));
    assertThat(again.getFirst().attempt().number()).isEqualTo(2);
  }

  @Test
  void claimsOfALostResponseAreReturnedInBatchesOfTheRequestedSize() {
    var ready = queue.ready(7);
    proxy.loseResponse(statementOf(Call.CLAIM));
    assertTransient(() -> worker.claim(5));
    queue.expireLostClaims();
    var claimed = new ArrayList<UUID>();
    for (int i = 0; i < 4; i++) {
      var portion = onceItIsBack(() -> worker.claim(2));
      assertThat(portion.steps()).hasSizeLessThanOrEqualTo(2);
      assertThat(portion.read()).isEqualTo(portion.steps().size());
      portion.steps().forEach(step -> claimed.add(step.id().value()));
    }
    assertThat(claimed).containsExactlyInAnyOrderElementsOf(ready);
    assertThat(worker.claim(2).steps()).isEmpty();
  }

  /** How the server ends. */
  enum End {
    STOP,
    CRASH
  }

  @ParameterizedTest
  @EnumSource
  void aListenerReconnectsAndWakesOnceForMissedNotifications(End end) throws InterruptedException {
    var wakeUps = new ArrayBlockingQueue<Instant>(1000);
    try (var subscription = worker.subscribe(() -> wakeUps.offer(Instant.now()))) {
      assertThat(subscription).isNotNull();
      awaitWakeUp(wakeUps, "the first connection");
      switch (end) {
        case STOP -> server().stop();
        case CRASH -> server().crash();
      }
      server().start();
      awaitWakeUp(wakeUps, "the next connection");
      queue.ready(1);
      awaitWakeUp(wakeUps, "a new message");
      drainExtraNotifications(wakeUps);
    }
  }

  protected static void awaitWakeUp(BlockingQueue<Instant> wakeUps, String why)
      throws InterruptedException {
    assertThat(wakeUps.poll(5, TimeUnit.MINUTES)).as(why).isNotNull();
  }

  @Test
  void outagesAtAnyMomentLoseNothingAndReportNothingTwice() throws Exception {
    worker.close();
    queue = queueOfShortClaims(database);
    worker = queue.connect();
    var ready = queue.ready(1500);
    var ended = new Semaphore(0);
    var outages = new AtomicInteger();
    var over = new CountDownLatch(1);
    try (var threads = Executors.newFixedThreadPool(3)) {
      var working = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < 3; i++) {
        working.add(CompletableFuture.runAsync(() -> work(ended, outages, over), threads));
      }
      for (int outage = 1; outage <= 6; outage++) {
        assertThat(ended.tryAcquire(150, 5, TimeUnit.MINUTES)).isTrue();
        if (outage % 3 == 0) {
          server().stop();
          server().start();
        } else {
          proxy.disconnectAll();
        }
      }
      Set<String> known = Set.of();
      while (known.size() < ready.size()) {
        queue.processReports();
        known = new HashSet<>(queue.ended());
      }
      over.countDown();
      working.forEach(CompletableFuture::join);
    }
    assertThat(outages).as("calls that met no database").hasPositiveValue();
    assertThat(queue.ended())
        .containsExactlyInAnyOrderElementsOf(ready.stream().map(id -> id + " completed").toList());
    assertThat(queue.queued()).isZero();
    assertThat(queue.rejected()).isZero();
  }

  /** Like a broker: what could not be done is done again, and some steps are returned. */
  private void work(Semaphore ended, AtomicInteger outages, CountDownLatch over) {
    var calls = new ArrayDeque<Runnable>();
    int rounds = 0;
    while (!calls.isEmpty() || over.getCount() > 0) {
      try {
        if (calls.isEmpty()) {
          var held = worker.claim(20).steps();
          if (held.isEmpty()) {
            over.await(20, TimeUnit.MILLISECONDS);
          } else {
            calls.addAll(callsFor(held, ++rounds % 5 == 0, ended));
          }
        }
        for (var call = calls.peek(); call != null; call = calls.peek()) {
          call.run();
          calls.remove();
        }
      } catch (ProtocolException failure) {
        assertThat(failure.isTransient()).as(failure.getMessage()).isTrue();
        outages.incrementAndGet();
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private List<Runnable> callsFor(List<Step> held, boolean returned, Semaphore ended) {
    int backs = returned ? held.size() / 3 : 0;
    var outcomes =
        Stream.concat(
                held.stream().limit(backs).map(step -> Outcomes.retry(step, Duration.ZERO)),
                held.stream().skip(2L * backs).map(Outcomes::completed))
            .toList();
    return List.of(
        () -> worker.renew(held),
        () -> worker.release(held.subList(backs, 2 * backs)),
        () -> {
          worker.complete(outcomes);
          ended.release(outcomes.size());
        });
  }

  private void prepareFor(Call call) {
    ready = queue.ready(STEPS);
    steps = call == Call.CLAIM ? List.of() : worker.claim(STEPS).steps();
  }

  private void perform(Call call) {
    switch (call) {
      case CLAIM -> worker.claim(STEPS);
      case RENEW -> assertThat(worker.renew(steps)).isEmpty();
      case COMPLETE ->
          assertThat(worker.complete(steps.stream().map(Outcomes::completed).toList())).isEmpty();
      case RELEASE -> worker.release(steps);
    }
  }

  private void assertNothingLostOrDuplicatedBy(Call call) {
    if (call == Call.CLAIM) {
      queue.expireLostClaims();
    } else {
      onceItIsBack(
          () -> {
            perform(call);
            return true;
          });
      queue.processReports();
    }
    if (call == Call.CLAIM || call == Call.RELEASE) {
      steps = onceItIsBack(() -> worker.claim(STEPS + 1)).steps();
      assertThat(steps)
          .extracting(step -> step.id().value())
          .containsExactlyInAnyOrderElementsOf(ready);
      assertThat(steps).allSatisfy(step -> assertThat(step.attempt().number()).isEqualTo(1));
    }
    assertThat(worker.complete(steps.stream().map(Outcomes::completed).toList())).isEmpty();
    queue.makeRetriesDue();
    assertThat(worker.claim(1).steps()).isEmpty();
    assertThat(queue.ended()).containsExactlyInAnyOrderElementsOf(all("completed"));
    assertThat(queue.queued()).isZero();
  }

  private List<String> all(String status) {
    return ready.stream().map(id -> id + " " + status).toList();
  }

  /** Blocks every statement on the table, bypassing the proxy, until it is closed. */
  private Connection lock() throws SQLException {
    var connection = server().connect();
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("lock table " + table() + " in access exclusive mode");
      return connection;
    }
  }

  /** Until another connection waits for a lock. */
  public static void untilItWaits(Connection connection) throws SQLException {
    Await.until(
        "a connection waits for a lock",
        () -> {
          try (var statement = connection.createStatement();
              var rows =
                  statement.executeQuery(
                      "select exists (select from pg_locks where not granted)")) {
            return rows.next() && rows.getBoolean(1);
          }
        });
  }

  /**
   * Ends the session that waits for a lock, as the server does with every session when it stops. It
   * is ended first: the server ends sessions in no particular order, and if it ended the lock's
   * holder first, the call would continue and complete.
   */
  private static void terminateBlocked(Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute("select pg_terminate_backend(pid) from pg_locks where not granted");
    }
  }

  /** The pool takes a moment to notice that the server is available again. */
  protected static <T> T onceItIsBack(Supplier<T> call) {
    return Await.value(
        "the server is back",
        () -> {
          try {
            return Optional.of(call.get());
          } catch (ProtocolException failure) {
            assertThat(failure.isTransient()).as(failure.getMessage()).isTrue();
            return Optional.empty();
          }
        });
  }

  protected static void assertTransient(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            ProtocolException.class,
            failure -> assertThat(failure.isTransient()).as(failure.getMessage()).isTrue());
  }

  /** The end of the call, or its failure as it was thrown. */
  protected static void joined(CompletableFuture<?> call) throws Throwable {
    try {
      call.join();
    } catch (CompletionException failure) {
      throw failure.getCause();
    }
  }
}
