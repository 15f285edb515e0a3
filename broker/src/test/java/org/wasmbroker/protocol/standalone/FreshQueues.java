package org.wasmbroker.protocol.standalone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.testing.TestDatabase;

/** A database with queues of its own for every test of a class, and what tests ask of them. */
final class FreshQueues implements AutoCloseable {
  /** Longer than any statement of a test takes on a busy machine. */
  private static final Duration QUERY_TIMEOUT = Duration.ofMinutes(10);

  private final TestDatabase postgres = TestDatabase.create();
  private final Database database;
  private int made;

  /**
   * @param name of the connections
   */
  FreshQueues(String name) {
    database = Database.open(patient(postgres.brokerConfig()), name);
  }

  private static DatabaseConfig patient(DatabaseConfig config) {
    return new DatabaseConfig(
        config.url(),
        config.user(),
        config.password(),
        config.poolSize(),
        config.connectTimeout(),
        QUERY_TIMEOUT);
  }

  TestDatabase postgres() {
    return postgres;
  }

  /** As the broker's role. */
  Database database() {
    return database;
  }

  /** Queues that exist; a step that lost two claims while it ran is poisoned. */
  StandaloneConfig create() {
    var config = next();
    postgres.createQueues(config.queue(), config.results());
    return config;
  }

  /** The names of other queues than those before. */
  StandaloneConfig next() {
    var name = "queue_" + ++made;
    var defaults = StandaloneConfig.DEFAULTS;
    return new StandaloneConfig(
        new QueueName(name),
        new QueueName(name + "_results"),
        defaults.lease(),
        defaults.timeout(),
        defaults.maxAttempts(),
        2,
        defaults.notifyInterval(),
        true);
  }

  /** The same queues, without an archive of ended steps. */
  static StandaloneConfig withoutArchive(StandaloneConfig config) {
    return new StandaloneConfig(
        config.queue(),
        config.results(),
        config.lease(),
        config.timeout(),
        config.maxAttempts(),
        config.lostClaims(),
        config.notifyInterval(),
        false);
  }

  /**
   * @param headers a JSON value, or null for none
   */
  void send(StandaloneConfig to, String message, @Nullable String headers) {
    var list = new ArrayList<@Nullable String>();
    list.add(headers);
    new Pgmq(database).sendBatch(to.queue(), List.of(message), list);
  }

  /** The first value that a statement returns, in which {@code %s} is the name of the queue. */
  String one(StandaloneConfig of, String sql) {
    return String.valueOf(postgres.query(sql.formatted(of.queue())).getFirst());
  }

  /** Executes a statement, in which {@code %s} is the name of the queue, as a superuser. */
  void execute(StandaloneConfig of, String sql) {
    postgres.execute(sql.formatted(of.queue()));
  }

  /** As if all leases had ended, and all delays. */
  void everythingBecomesVisible(StandaloneConfig in) {
    execute(in, "update pgmq.q_%s set vt = clock_timestamp()");
  }

  @Override
  public void close() {
    database.close();
    postgres.close();
  }
}
