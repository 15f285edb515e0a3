package org.wasmbroker.protocol.tasker.claim;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.protocol.tasker.claim.ClaimedRow.TemplateKey;
import org.wasmbroker.protocol.tasker.template.TemplateReader;
import org.wasmbroker.step.Document;

/**
 * The task templates of claimed steps, read once per version of their row: every claim returns the
 * row's version, so that a changed template is read again for the next step. Thread-safe.
 */
public final class TemplateCache {
  private static final Logger log = LoggerFactory.getLogger(TemplateCache.class);
  private static final int MAX_ENTRIES = 1000;

  private final Database database;
  private final Map<TemplateKey, CachedTemplate> cached = new ConcurrentHashMap<>();

  /** A template's row, as it was read. */
  sealed interface CachedTemplate {
    record Valid(PreparedTemplate template) implements CachedTemplate {}

    /** The row does not contain a readable template; the message says why. */
    record Invalid(String message) implements CachedTemplate {}
  }

  public TemplateCache(Database database) {
    this.database = database;
  }

  /** The named tasks whose steps declare no events, as far as is known. */
  Set<UUID> tasksWithoutEvents() {
    return cached.entrySet().stream()
        .filter(entry -> !publishesEvents(entry.getValue()))
        .map(entry -> entry.getKey().namedTask())
        .collect(Collectors.toSet());
  }

  private static boolean publishesEvents(CachedTemplate template) {
    return template instanceof CachedTemplate.Valid(var readable) && readable.publishesEvents();
  }

  /** The templates of these rows; unknown ones are read in one round trip. */
  Map<TemplateKey, CachedTemplate> get(Collection<TemplateKey> keys) {
    var answer = new LinkedHashMap<TemplateKey, CachedTemplate>();
    var missing = new LinkedHashMap<UUID, TemplateKey>();
    for (var key : keys) {
      var known = cached.get(key);
      if (known == null) {
        missing.put(key.namedTask(), key);
      } else {
        answer.put(key, known);
      }
    }
    if (!missing.isEmpty()) {
      for (var read : read(missing.keySet()).entrySet()) {
        // The row may have changed since the claim: what was read is used for the requested
        // version.
        var key = missing.get(read.getKey());
        if (key != null) {
          put(key, read.getValue());
          answer.put(key, read.getValue());
        }
      }
    }
    return answer;
  }

  private void put(TemplateKey key, CachedTemplate template) {
    cached.keySet().removeIf(other -> other.namedTask().equals(key.namedTask()));
    if (cached.size() >= MAX_ENTRIES) {
      cached.clear();
    }
    cached.put(key, template);
  }

  private Map<UUID, CachedTemplate> read(Set<UUID> namedTasks) {
    var sql =
        """
        select named_task_uuid, name, version, configuration::text
        from tasker.named_tasks
        where named_task_uuid = any(?)
        """;
    return database.call(
        "read task templates",
        connection -> {
          try (var statement = database.prepare(connection, sql)) {
            statement.setArray(1, SqlArrays.uuids(connection, List.copyOf(namedTasks)));
            try (var rows = statement.executeQuery()) {
              var templates = new LinkedHashMap<UUID, CachedTemplate>();
              while (rows.next()) {
                templates.put(
                    rows.getObject(1, UUID.class),
                    template(rows.getString(2) + " " + rows.getString(3), rows.getString(4)));
              }
              return templates;
            }
          }
        });
  }

  private static CachedTemplate template(String name, String configuration) {
    if (configuration == null || configuration.equals("{}")) {
      return new CachedTemplate.Invalid("the task template " + name + " is empty");
    }
    try {
      var json = Document.of(configuration.getBytes(StandardCharsets.UTF_8));
      return new CachedTemplate.Valid(new PreparedTemplate(TemplateReader.readStored(json)));
    } catch (RuntimeException | StackOverflowError unreadable) {
      // Of any kind: an exception that left this method would lose the steps just claimed.
      log.atError()
          .addKeyValue("template", name)
          .log("a task template cannot be read, its steps fail: {}", unreadable.getMessage());
      return new CachedTemplate.Invalid(
          "the task template %s cannot be read: %s".formatted(name, unreadable.getMessage()));
    }
  }
}
