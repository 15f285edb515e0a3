package org.wasmbroker.testing;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.embedded.TaskerSchema;
import org.wasmbroker.pgmq.DatabaseConfig;

/**
 * A fresh database with PGMQ and Tasker's schema. The server's first role, which the embedded
 * server calls {@code postgres}, is not Tasker's usual {@code tasker}: its search path lacks the
 * schema, so that workers have to set it.
 */
public final class TaskerDatabase implements AutoCloseable {
  private static final class Template {
    private static final TestDatabase DATABASE = make();

    private static TestDatabase make() {
      var database = TestDatabase.create();
      applySchema(database);
      database.dropAtExit();
      return database;
    }
  }

  private final TestDatabase database;
  private final Queue<Connection> idle = new ConcurrentLinkedQueue<>();
  private @Nullable String workerRole;

  private TaskerDatabase(TestDatabase database) {
    this.database = database;
  }

  /** A fresh database on the server that all tests of the JVM share; takes about 100 ms. */
  public static TaskerDatabase create() {
    return new TaskerDatabase(Template.DATABASE.copy());
  }

  /** A database on its own embedded server, which can be stopped and started. */
  public static TaskerDatabase onOwnServer() {
    var database = TestDatabase.onOwnServer();
    try {
      applySchema(database);
      return new TaskerDatabase(database);
    } catch (RuntimeException | Error e) {
      database.close();
      throw e;
    }
  }

  /** The directory of Tasker's migrations. */
  public static Path migrations() {
    var directory = TaskerDatabase.class.getResource("/org/wasmbroker/tasker/migrations");
    try {
      return Path.of(Objects.requireNonNull(directory, "Tasker's migrations").toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void applySchema(TestDatabase database) {
    var config = database.config();
    TaskerSchema.apply(migrations(), config.url(), config.user(), password(config));
  }

  private static @Nullable String password(DatabaseConfig config) {
    return config.password() == null ? null : config.password().reveal();
  }

  /** Connects as the server's first role, a superuser. */
  public DatabaseConfig config() {
    return database.config();
  }

  /**
   * Connects as a worker's role, which has exactly the privileges that docs/tasker.md grants for
   * the namespace {@code catalog}; the queues exist then.
   */
  public DatabaseConfig workerConfig() {
    return configOf(workerRole());
  }

  /** Lets the same role serve this namespace as well; its queues exist then. */
  public void grantNamespace(String namespace) {
    RoleScripts.taskerNamespace(workerRole(), namespace).forEach(this::execute);
  }

  private String workerRole() {
    if (workerRole == null) {
      workerRole = createRole();
      RoleScripts.tasker(workerRole).forEach(this::execute);
    }
    return workerRole;
  }

  /**
   * Connects as this role.
   *
   * @param role one created by {@link #createRole}
   */
  public DatabaseConfig configOf(String role) {
    return database.configOf(role);
  }

  /** Creates a role that may only log in; it is dropped with the database. */
  public String createRole() {
    return database.createRole();
  }

  /** The database itself: its URL, and stop and start if it has its own server. */
  public TestDatabase database() {
    return database;
  }

  /** A connection with the session settings that Tasker's functions and triggers need. */
  private Connection connect() throws SQLException {
    var connection = database.connect();
    try (var statement = connection.createStatement()) {
      statement.execute("set search_path = tasker, public; set time zone 'UTC'");
      connection.setAutoCommit(false);
      return connection;
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  /** An idle connection that is still alive, or a new one. */
  private Connection acquire() throws SQLException {
    for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
      if (connection.isValid(1)) {
        connection.rollback(); // the question has begun a transaction
        return connection;
      }
      connection.close();
    }
    return connect();
  }

  /** What {@link #call} does with a connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /** Executes the work in one transaction. */
  <T> T call(Work<T> work) {
    try {
      var connection = acquire();
      try {
        var result = work.on(connection);
        connection.commit();
        idle.add(connection);
        return result;
      } catch (SQLException | RuntimeException | Error e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Work without a result. */
  @FunctionalInterface
  interface Action {
    void on(Connection connection) throws SQLException;
  }

  /** Executes the work in one transaction. */
  void run(Action act) {
    call(
        connection -> {
          act.on(connection);
          return act;
        });
  }

  public void execute(String sql) {
    run(
        connection -> {
          try (var statement = connection.createStatement()) {
            statement.execute(sql);
          }
        });
  }

  /** The first column of the result, as text. */
  public List<@Nullable String> query(String sql) {
    return call(
        connection -> {
          try (var statement = connection.createStatement();
              var rows = statement.executeQuery(sql)) {
            var result = new ArrayList<@Nullable String>();
            while (rows.next()) {
              result.add(rows.getString(1));
            }
            return result;
          }
        });
  }

  @Override
  public void close() {
    for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
      close(connection);
    }
    database.close();
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
