package org.wasmbroker.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasker's database schema, from the directory of its migration files that {@code
 * scripts/fetch-tasker schema} writes. Tasker's own programs do not migrate at start.
 */
public final class TaskerSchema {
  private static final String SEARCH_PATH = "set search_path = tasker, public";
  private static final String EXISTS_SQL =
      "select to_regclass('tasker.workflow_steps') is not null";

  private TaskerSchema() {}

  /**
   * Applies all migrations in the order of their names, in one transaction; does nothing if the
   * schema exists. The role has to be a superuser, since a migration creates an event trigger.
   *
   * @return whether the schema was created
   */
  public static boolean apply(
      Path migrations, String jdbcUrl, @Nullable String user, @Nullable String password) {
    var files = migrationFiles(migrations);
    var action = "connect to " + jdbcUrl;
    try (var connection = DriverManager.getConnection(jdbcUrl, user, password)) {
      if (exists(connection)) {
        return false;
      }
      connection.setAutoCommit(false);
      for (var file : files) {
        action = "apply " + file.getFileName();
        apply(Files.readString(file), connection);
      }
      action = "commit";
      connection.commit();
      return true;
    } catch (SQLException e) {
      throw new TaskerException("Tasker's schema: could not " + action + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Tasker's schema: could not " + action, e);
    }
  }

  /** Rejects a database without the schema; the orchestrator would start on it nevertheless. */
  static void requireExists(String jdbcUrl, @Nullable String user, @Nullable String password) {
    try (var connection = DriverManager.getConnection(jdbcUrl, user, password)) {
      if (!exists(connection)) {
        throw new TaskerException(
            "%s has no Tasker schema (scripts/fetch-tasker schema downloads its migrations)"
                .formatted(connection.getMetaData().getURL()),
            null);
      }
    } catch (SQLException e) {
      throw new TaskerException("Tasker's schema: could not check for it: " + e.getMessage(), e);
    }
  }

  /** Every file starts with the same search path, as in a session of its own. */
  private static void apply(String migration, Connection connection) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(SEARCH_PATH);
      statement.execute(migration);
    }
  }

  private static boolean exists(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(EXISTS_SQL)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static List<Path> migrationFiles(Path migrations) {
    try (var entries = Files.list(migrations)) {
      var files = entries.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
      if (files.isEmpty()) {
        throw new TaskerException(
            "Tasker's schema: no migrations in %s (scripts/fetch-tasker schema writes them)"
                .formatted(migrations),
            null);
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException("Tasker's schema: cannot read " + migrations, e);
    }
  }
}
