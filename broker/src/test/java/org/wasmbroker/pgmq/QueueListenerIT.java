package org.wasmbroker.pgmq;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wasmbroker.testing.CapturedLog;
import org.wasmbroker.testing.TestDatabase;

class QueueListenerIT {
  private static final QueueName QUEUE = new QueueName("letters");

  private final Semaphore wakeUps = new Semaphore(0);
  private TestDatabase postgres;
  private Database database;
  private Pgmq pgmq;

  @BeforeEach
  void open() {
    postgres = TestDatabase.create();
    postgres.createQueues(QUEUE, new QueueName("answers"));
    database = Database.open(postgres.brokerConfig(), "listener-test");
    pgmq = new Pgmq(database);
  }

  @AfterEach
  void close() {
    database.close();
    postgres.close();
  }

  @Test
  void wakesOnANotificationAndOnceMoreForThrottledOnes() throws InterruptedException {
    try (var listener = listener(Duration.ofMillis(300))) {
      listener.start();
      awaitWakeUp("the connection");
      pgmq.sendBatch(QUEUE, List.of("1"), List.of());
      awaitWakeUp("the first message");
      pgmq.sendBatch(QUEUE, List.of("2"), List.of());
      awaitWakeUp("the second, which PGMQ does not notify");
    }
  }

  @Test
  void aTerminatedConnectionIsReestablished() throws InterruptedException {
    try (var listener = listener(Duration.ofMillis(50))) {
      listener.start();
      awaitWakeUp("the connection");
      postgres.execute(
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and (query like '%listen%' or query like '%select 1%' or query like '%notify%')
          """);
      awaitWakeUp("the next connection");
    }
  }

  @Test
  void thatTheRoleMayNotEnableNotificationsIsToldOnce() throws InterruptedException {
    postgres.execute("select pgmq.disable_notify_insert('letters')");
    try (var log = CapturedLog.of(QueueListener.class, Level.WARN);
        var listener = listener(Duration.ofMillis(50))) {
      listener.start();
      awaitWakeUp("the connection");
      assertThat(log.events()).hasSize(1);
      postgres.execute(
          """
          select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
          """);
      awaitWakeUp("the next connection");
      assertThat(log.events()).hasSize(1);
    }
  }

  @Test
  void notificationsResumeAfterACrashEmptiedThePgmqThrottleTable() throws InterruptedException {
    pgmq.ensureNotifications(QUEUE, Duration.ofMillis(50));
    postgres.execute("truncate pgmq.notify_insert_throttle");
    try (var listener = listener(Duration.ofMillis(50))) {
      listener.start();
      awaitWakeUp("the connection");
      pgmq.sendBatch(QUEUE, List.of("1"), List.of());
      awaitWakeUp("a message");
    }
  }

  @Test
  void closeIsIdempotentAndWorksBeforeStart() {
    var listener = listener(Duration.ofMillis(50));
    listener.close();
    listener.start();
    listener.close();
    listener.close();
    assertThat(wakeUps.availablePermits()).isZero();
  }

  private QueueListener listener(Duration interval) {
    return new QueueListener(database, QUEUE, interval, wakeUps::release);
  }

  private void awaitWakeUp(String why) throws InterruptedException {
    assertThat(wakeUps.tryAcquire(5, TimeUnit.MINUTES)).as(why).isTrue();
  }
}
