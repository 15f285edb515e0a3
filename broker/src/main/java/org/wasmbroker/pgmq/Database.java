package org.wasmbroker.pgmq;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Properties;

/**
 * The connection pool, created in one place. Opening it does not connect: the first statement does,
 * and reports what is wrong. Thread-safe; closing it closes its connections.
 */
public final class Database implements AutoCloseable {
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /**
   * Every statement of the broker looks up a few rows by key. A planner with wrong row estimates
   * would scan a deep queue for each batch, so all plans but those by key are disabled. With those
   * there is one plan for all parameters, so that none is made for each small batch anew.
   */
  private static final String SESSION =
      """
      set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; \
      set plan_cache_mode = force_generic_plan\
      """;

  private final DatabaseConfig config;
  private final HikariDataSource pool;
  private final String session;
  private final Properties properties;

  private Database(
      DatabaseConfig config, String session, Properties properties, HikariDataSource pool) {
    this.config = config;
    this.session = session;
    this.properties = properties;
    this.pool = pool;
  }

  /**
   * @param applicationName the name of the connections in {@code pg_stat_activity}
   */
  public static Database open(DatabaseConfig config, String applicationName) {
    return open(config, applicationName, "");
  }

  /**
   * @param applicationName the name of the connections in {@code pg_stat_activity}
   * @param session SQL statements that every connection runs first, pooled or not; may be empty
   */
  public static Database open(DatabaseConfig config, String applicationName, String session) {
    var properties = properties(config, applicationName);
    var hikari = new HikariConfig();
    hikari.setPoolName("database");
    hikari.setJdbcUrl(config.url());
    hikari.setDataSourceProperties(properties);
    hikari.setMaximumPoolSize(config.poolSize());
    hikari.setMinimumIdle(config.poolSize());
    hikari.setConnectionTimeout(config.connectTimeout().toMillis());
    hikari.setValidationTimeout(Math.min(5_000, config.connectTimeout().toMillis()));
    hikari.setKeepaliveTime(Duration.ofMinutes(2).toMillis());
    hikari.setConnectionInitSql(session.isEmpty() ? SESSION : SESSION + "; " + session);
    hikari.setInitializationFailTimeout(-1);
    return new Database(config, session, properties, new HikariDataSource(hikari));
  }

  /** Work done with a connection. */
  @FunctionalInterface
  public interface SqlFunction<T> {
    T apply(Connection connection) throws SQLException;
  }

  /**
   * Runs the work on a pooled connection; each of its statements commits by itself.
   *
   * @param action what is attempted, for the message of a failure: the object of "could not"
   * @throws SqlFailure if it fails
   */
  public <T> T call(String action, SqlFunction<T> work) {
    try (var connection = pooled()) {
      return work.apply(connection);
    } catch (SQLException e) {
      throw SqlFailure.of(action, e);
    }
  }

  /** A connection of the pool. If there is none in time and no reason is known, it says to what. */
  private Connection pooled() throws SQLException {
    try {
      return pool.getConnection();
    } catch (SQLTransientConnectionException late) {
      if (late.getCause() != null) {
        throw late;
      }
      var named =
          new SQLTransientConnectionException(
              "%s: %s".formatted(config.maskedUrl(), late.getMessage()));
      named.addSuppressed(late);
      throw named;
    }
  }

  /** Runs the work in one transaction. */
  public <T> T transaction(String action, SqlFunction<T> work) {
    return call(
        action,
        connection -> {
          connection.setAutoCommit(false); // the pool sets it back
          var result = work.apply(connection);
          connection.commit();
          return result;
        });
  }

  /** A connection of the caller's own, outside the pool. */
  public Connection connect() throws SQLException {
    var connection = DriverManager.getConnection(config.url(), properties);
    if (session.isEmpty()) {
      return connection;
    }
    try (var statement = connection.createStatement()) {
      statement.execute(session);
      return connection;
    } catch (SQLException failure) {
      connection.close();
      throw failure;
    }
  }

  /** A connection outside the pool that prepares no statements and changes no session setting. */
  Connection connectWithoutPreparing() throws SQLException {
    var simple = new Properties();
    simple.putAll(properties);
    simple.setProperty("preferQueryMode", "simple");
    return DriverManager.getConnection(config.url(), simple);
  }

  /** A statement with the configured query timeout. */
  public PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.setQueryTimeout(Math.toIntExact(config.queryTimeout().toSeconds()));
    return statement;
  }

  /** Its URL, without a password. */
  String address() {
    return config.maskedUrl();
  }

  /** Checks that the server responds; throws {@link SqlFailure} if not. */
  public void ping() {
    call(
        "reach the database " + config.maskedUrl(),
        connection -> {
          try (var statement = prepare(connection, "select 1")) {
            return statement.execute();
          }
        });
  }

  /** The connections of the pool now. */
  public PoolState pool() {
    var now = pool.getHikariPoolMXBean();
    return new PoolState(
        now.getActiveConnections(), now.getIdleConnections(), now.getThreadsAwaitingConnection());
  }

  @Override
  public void close() {
    pool.close();
  }

  private static Properties properties(DatabaseConfig config, String applicationName) {
    var properties = new Properties();
    if (config.user() != null) {
      properties.setProperty("user", config.user());
    }
    if (config.password() != null) {
      properties.setProperty("password", config.password().reveal());
    }
    properties.setProperty("ApplicationName", applicationName);
    properties.setProperty("tcpKeepAlive", "true");
    long connect = config.connectTimeout().toSeconds();
    properties.setProperty("connectTimeout", Long.toString(connect));
    properties.setProperty("loginTimeout", Long.toString(connect));
    // If the network fails silently, no cancellation arrives: the socket has to time out.
    long socket = config.queryTimeout().plus(MARGIN).toSeconds();
    properties.setProperty("socketTimeout", Long.toString(socket));
    return properties;
  }
}
