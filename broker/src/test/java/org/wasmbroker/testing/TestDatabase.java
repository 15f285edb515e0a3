package org.wasmbroker.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;
import org.testcontainers.utility.DockerImageName;
import org.wasmbroker.embedded.EmbeddedPostgres;
import org.wasmbroker.embedded.EmbeddedPostgresConfig;
import org.wasmbroker.pgmq.DatabaseConfig;
import org.wasmbroker.pgmq.Password;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.standalone.StandaloneConfig;

/**
 * A fresh database with PGMQ for one test class, on a server that all tests of the JVM share: the
 * one at {@code WASM_BROKER_TEST_DATABASE_URL} (the role has to be able to create databases), or a
 * container of the image {@code WASM_BROKER_TEST_IMAGE} if a Docker engine is running, or the
 * embedded one.
 */
public final class TestDatabase implements AutoCloseable {
  private static final String URL_VARIABLE = "WASM_BROKER_TEST_DATABASE_URL";
  private static final String IMAGE_VARIABLE = "WASM_BROKER_TEST_IMAGE";

  /** Nothing that tests write has to survive a crash. */
  private static final Map<String, String> FAST =
      Map.of("fsync", "off", "synchronous_commit", "off", "full_page_writes", "off");

  /** A server that nobody stops gives a connection some time, however busy the machine is. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** As long as a test waits for a call to fail while the server is stopped. */
  private static final Duration IMPATIENCE = Duration.ofSeconds(5);

  private static final class Shared {
    private static final Server SERVER = server();
  }

  private record Server(
      String url, @Nullable String user, @Nullable String password, boolean stopsAtExit) {
    /** The same URL with another database. */
    private String urlOf(String database) {
      int query = url.indexOf('?');
      var address = query < 0 ? url : url.substring(0, query);
      return address.substring(0, address.lastIndexOf('/') + 1)
          + database
          + (query < 0 ? "" : url.substring(query));
    }
  }

  private final Server server;
  private final String name;
  private final @Nullable EmbeddedPostgres ownServer;
  private final List<String> roles = new ArrayList<>();
  private @Nullable String brokerRole;

  private TestDatabase(Server server, String name, @Nullable EmbeddedPostgres own) {
    this.server = server;
    this.name = name;
    this.ownServer = own;
  }

  /** A fresh database on the shared server. */
  public static TestDatabase create() {
    return create(true);
  }

  /** A fresh database in which PGMQ was not created. */
  public static TestDatabase withoutPgmq() {
    return create(false);
  }

  private static TestDatabase create(boolean pgmq) {
    var database = create("");
    if (pgmq) {
      database.execute("create extension pgmq");
    }
    return database;
  }

  private static TestDatabase create(String options) {
    var name = "test_" + UUID.randomUUID().toString().replace("-", "");
    execute(Shared.SERVER.url(), Shared.SERVER, "create database " + name + options);
    return new TestDatabase(Shared.SERVER, name, null);
  }

  /** A copy of this database, on the same shared server. This one must have no connections. */
  public TestDatabase copy() {
    return create(" template " + name);
  }

  /** Drops this database when the JVM ends, unless the server ends with it. */
  public void dropAtExit() {
    if (!server.stopsAtExit()) {
      Runtime.getRuntime().addShutdownHook(new Thread(this::close, "drop-test-database"));
    }
  }

  /** A database on its own embedded server, which can be stopped and started. */
  public static TestDatabase onOwnServer() {
    var postgres = embedded();
    return new TestDatabase(of(postgres), "postgres", postgres);
  }

  /** Stops the server; only for a database on its own server. */
  public void stop() {
    requireOwnServer().pause();
  }

  /**
   * Ends the server as a crash does, without losing what was committed, although in tests commits
   * do not wait for the disk; only for a database on its own server.
   */
  public void crash() {
    execute("checkpoint");
    requireOwnServer().crash();
  }

  /** Starts the server again. */
  public void start() {
    requireOwnServer().resume();
  }

  /** Connects as the server's first role, a superuser. */
  public DatabaseConfig config() {
    return new DatabaseConfig(
        url(),
        server.user(),
        server.password() == null ? null : Password.of(server.password()),
        4,
        ownServer == null ? PATIENCE : IMPATIENCE,
        DatabaseConfig.DEFAULTS.queryTimeout());
  }

  /**
   * Connects as a broker's role, which has exactly the privileges that docs/protocol-standalone.md
   * grants; the default queues exist then.
   */
  public DatabaseConfig brokerConfig() {
    return configOf(brokerRole());
  }

  /**
   * Connects as an operator's role, which has exactly the privileges of deploy/sql; the default
   * queues exist then.
   */
  public DatabaseConfig operatorConfig() {
    brokerRole();
    var role = createRole();
    RoleScripts.operator(role).forEach(this::execute);
    return configOf(role);
  }

  /**
   * Creates these queues and that of the dead letters unless they exist, and lets the broker's role
   * use them.
   */
  public void createQueues(QueueName queue, QueueName results) {
    RoleScripts.standalone(brokerRole(), queue, results).forEach(this::execute);
  }

  private String brokerRole() {
    if (brokerRole == null) {
      brokerRole = createRole();
      createQueues(StandaloneConfig.DEFAULTS.queue(), StandaloneConfig.DEFAULTS.results());
    }
    return brokerRole;
  }

  /**
   * Connects as this role.
   *
   * @param role one created by {@link #createRole}
   */
  public DatabaseConfig configOf(String role) {
    var first = config();
    return first.withUrl(first.url(), role, Password.of(role));
  }

  /** Creates a role that may only log in; it is dropped with the database. */
  public String createRole() {
    var role = "worker_" + UUID.randomUUID().toString().replace("-", "");
    execute("create role %s login password '%s'".formatted(role, role));
    roles.add(role);
    return role;
  }

  public String url() {
    return server.urlOf(name);
  }

  /** A new connection, as the server's first role. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), server.user(), server.password());
  }

  public void execute(String sql) {
    execute(url(), server, sql);
  }

  /** The first column of the result, as text. */
  public List<@Nullable String> query(String sql) {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var result = new ArrayList<@Nullable String>();
      while (rows.next()) {
        result.add(rows.getString(1));
      }
      return result;
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  @Override
  public void close() {
    if (ownServer != null) {
      ownServer.close();
    } else {
      for (var role : roles) {
        execute("drop owned by %s; drop role %s".formatted(role, role));
      }
      execute(server.url(), server, "drop database if exists " + name + " with (force)");
    }
  }

  private EmbeddedPostgres requireOwnServer() {
    if (ownServer == null) {
      throw new IllegalStateException("this database's server is shared: use onOwnServer()");
    }
    return ownServer;
  }

  private static Server server() {
    var url = System.getenv(URL_VARIABLE);
    if (url != null && !url.isBlank()) {
      return new Server(url, null, null, false);
    }
    var image = System.getenv(IMAGE_VARIABLE);
    if (image != null && !image.isBlank() && DockerClientFactory.instance().isDockerAvailable()) {
      var container =
          new PostgreSQLContainer(
              DockerImageName.parse(image).asCompatibleSubstituteFor("postgres"));
      container.start();
      return new Server(
          container.getJdbcUrl(), container.getUsername(), container.getPassword(), true);
    }
    return of(embedded());
  }

  private static EmbeddedPostgres embedded() {
    return EmbeddedPostgres.start(
        EmbeddedPostgresConfig.DEFAULTS
            .withSettings(FAST)
            .withTemplate(PostgresTemplate.directory(FAST)));
  }

  private static Server of(EmbeddedPostgres postgres) {
    return new Server(postgres.jdbcUrl(), postgres.user(), postgres.password(), true);
  }

  private static void execute(String url, Server server, String sql) {
    try (var connection = DriverManager.getConnection(url, server.user(), server.password());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }
}
