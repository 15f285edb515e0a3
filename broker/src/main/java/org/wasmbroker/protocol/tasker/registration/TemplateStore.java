package org.wasmbroker.protocol.tasker.registration;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.step.Document;

/** Reads the task templates in Tasker's tables, whoever registered them. */
public final class TemplateStore {
  private static final String SELECT =
      """
      select namespace.name, task.name, task.version, task.updated_at,
        coalesce(task.configuration, '{}')::text
      from tasker.named_tasks task
      join tasker.task_namespaces namespace using (task_namespace_uuid)
      """;

  private final Database database;

  public TemplateStore(Database database) {
    this.database = database;
  }

  /**
   * A template as it is stored.
   *
   * @param json the template, or whatever is stored in its place
   */
  public record StoredTemplate(
      String namespace, String name, String version, Instant registeredAt, Document json) {
    @Override
    public String toString() {
      return namespace + "/" + name + "/" + version;
    }
  }

  /** All templates of these namespaces, ordered by name. */
  public List<StoredTemplate> findAll(Collection<Namespace> namespaces) {
    var sql =
        SELECT
            + """
              where namespace.name = any(?)
              order by namespace.name, task.name, task.version
              """;
    return database.call(
        "read the task templates",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            var names = namespaces.stream().map(Namespace::value).toList();
            statement.setArray(1, SqlArrays.texts(connection, names));
            return read(statement);
          }
        });
  }

  /** How many templates these namespaces have. */
  public int count(Collection<Namespace> namespaces) {
    var sql =
        """
        select count(*)
        from tasker.named_tasks task
        join tasker.task_namespaces namespace using (task_namespace_uuid)
        where namespace.name = any(?)
        """;
    return database.call(
        "count the task templates",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            var names = namespaces.stream().map(Namespace::value).toList();
            statement.setArray(1, SqlArrays.texts(connection, names));
            try (var rows = statement.executeQuery()) {
              return rows.next() ? rows.getInt(1) : 0;
            }
          }
        });
  }

  public Optional<StoredTemplate> find(String namespace, String name, String version) {
    var sql = SELECT + "where namespace.name = ? and task.name = ? and task.version = ?";
    return database.call(
        "read a task template",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setString(1, namespace);
            statement.setString(2, name);
            statement.setString(3, version);
            return read(statement).stream().findFirst();
          }
        });
  }

  private static List<StoredTemplate> read(PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var found = new ArrayList<StoredTemplate>();
      while (rows.next()) {
        found.add(
            new StoredTemplate(
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getObject(4, LocalDateTime.class).toInstant(ZoneOffset.UTC),
                Document.of(rows.getString(5).getBytes(StandardCharsets.UTF_8))));
      }
      return found;
    }
  }
}
