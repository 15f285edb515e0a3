package org.wasmbroker.protocol.tasker.registration;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.pgmq.SqlArrays;
import org.wasmbroker.pgmq.SqlFailure;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.step.WireName;

/**
 * Registers the worker with Tasker the way its own workers do: namespaces and task templates are
 * rows, and the queues must exist before the first task does. Every call can be repeated, and made
 * by many workers concurrently.
 */
public final class TemplateRegistration {
  private static final Logger log = LoggerFactory.getLogger(TemplateRegistration.class);

  /** The orchestrator's queues, which Tasker's workers also create if they start first. */
  private static final List<QueueName> ORCHESTRATION =
      List.of(
          new QueueName("orchestration_step_results"),
          new QueueName("orchestration_task_requests"),
          new QueueName("orchestration_task_finalizations"));

  private final Database tables;
  private final Database queues;
  private final Set<Namespace> namespaces;

  /**
   * @param tables the database with Tasker's tables
   * @param queues the one with its queues; often the same
   * @param namespaces that this worker serves
   */
  public TemplateRegistration(Database tables, Database queues, Collection<Namespace> namespaces) {
    this.tables = tables;
    this.queues = queues;
    this.namespaces = new LinkedHashSet<>(namespaces);
  }

  /** What happened to a template. */
  public enum Change {
    INSERTED,
    UPDATED,
    UNCHANGED,
    REFUSED
  }

  /**
   * The result for one template.
   *
   * @param reason why it was rejected, or null
   */
  public record Registration(TaskTemplate template, Change change, @Nullable String reason) {}

  /**
   * Writes the templates into Tasker's tables, each in a transaction of its own. A row that already
   * contains the same template is left unchanged; its {@code identity_strategy} is never modified.
   *
   * @throws SqlFailure if the database cannot be reached or lacks something; a failure that only
   *     this template causes rejects this template only
   */
  public List<Registration> register(Collection<TaskTemplate> templates) {
    var answer = new ArrayList<Registration>();
    for (var template : templates) {
      var registered = register(template);
      log(registered);
      answer.add(registered);
    }
    return List.copyOf(answer);
  }

  private Registration register(TaskTemplate template) {
    if (namespaces.stream().noneMatch(served -> served.value().equals(template.namespace()))) {
      return new Registration(
          template,
          Change.REFUSED,
          "this worker does not serve the namespace " + template.namespace());
    }
    try {
      var change =
          tables.transaction(
              "register task template " + template, connection -> upsert(connection, template));
      return new Registration(template, change, null);
    } catch (SqlFailure failure) {
      if (failure.kind() != SqlFailure.Kind.DATA) {
        throw failure;
      }
      return new Registration(template, Change.REFUSED, failure.getMessage());
    }
  }

  private Change upsert(Connection connection, TaskTemplate template) throws SQLException {
    createNamespace(connection, template.namespace());
    // The snapshot of this statement includes a namespace that another worker has just created.
    var sql =
        """
        with given as (
          select ?::jsonb as configuration)
        insert into tasker.named_tasks as known
          (task_namespace_uuid, name, version, description, configuration, created_at, updated_at)
        select namespace.task_namespace_uuid, ?, ?, given.configuration ->> 'description',
          given.configuration, now(), now()
        from given
        cross join tasker.task_namespaces namespace
        where namespace.name = ?
        on conflict (task_namespace_uuid, name, version) do update
        set description = coalesce(excluded.description, known.description),
          configuration = excluded.configuration,
          updated_at = now()
        where known.configuration is distinct from excluded.configuration
          or known.description is distinct from coalesce(excluded.description, known.description)
        returning xmax = 0
        """;
    try (var statement = tables.prepare(connection, sql)) {
      statement.setString(1, template.json().text());
      statement.setString(2, template.name());
      statement.setString(3, template.version());
      statement.setString(4, template.namespace());
      try (var rows = statement.executeQuery()) {
        return !rows.next()
            ? Change.UNCHANGED
            : rows.getBoolean(1) ? Change.INSERTED : Change.UPDATED;
      }
    }
  }

  private void createNamespace(Connection connection, String namespace) throws SQLException {
    var sql =
        """
        insert into tasker.task_namespaces (name, description, created_at, updated_at)
        select ?, ?, now(), now()
        where not exists (select from tasker.task_namespaces where name = ?)
        on conflict do nothing
        """;
    try (var statement = tables.prepare(connection, sql)) {
      statement.setString(1, namespace);
      statement.setString(2, "Auto-created namespace: " + namespace);
      statement.setString(3, namespace);
      statement.executeUpdate();
    }
  }

  private static void log(Registration registered) {
    if (registered.change() == Change.REFUSED) {
      log.atError()
          .addKeyValue("template", registered.template())
          .addKeyValue("reason", registered.reason())
          .log("task template rejected");
    } else {
      log.atInfo()
          .addKeyValue("template", registered.template())
          .addKeyValue("steps", registered.template().steps().size())
          .addKeyValue("change", WireName.of(registered.change()))
          .log("task template registered");
    }
  }

  /**
   * Creates missing queues: those of the namespaces, the orchestrator's, and those of domain events
   * if any stored template of a namespace declares some. A step that is enqueued while its
   * namespace has no queue is lost for good, so this must happen before the first task.
   *
   * @return the queues that were created
   */
  public List<QueueName> createQueues() {
    var needed = requiredQueues();
    var created =
        queues.transaction(
            "create Tasker's queues", connection -> createMissing(connection, needed));
    for (var queue : created) {
      log.atInfo().addKeyValue("queue", queue).log("queue created");
    }
    return created;
  }

  /** The queues that must exist. */
  public Set<QueueName> requiredQueues() {
    var needed = new LinkedHashSet<QueueName>();
    namespaces.forEach(namespace -> needed.add(namespace.queue()));
    needed.addAll(ORCHESTRATION);
    for (var namespace : namespacesWithEvents()) {
      needed.add(namespace.domainEventQueue());
      needed.add(new QueueName(namespace.domainEventQueue() + "_dlq"));
    }
    return needed;
  }

  private List<Namespace> namespacesWithEvents() {
    var sql =
        """
        select namespace.name
        from tasker.task_namespaces namespace
        where namespace.name = any(?)
          and exists (
            select from tasker.named_tasks task
            where task.task_namespace_uuid = namespace.task_namespace_uuid
              and task.configuration @> '{"steps":[{"publishes_events":[{}]}]}')
        """;
    var names = namespaces.stream().map(Namespace::value).toList();
    return tables.call(
        "look for declared events",
        connection -> {
          try (var statement = tables.prepare(connection, sql)) {
            statement.setArray(1, SqlArrays.texts(connection, names));
            return names(statement).stream().map(Namespace::new).toList();
          }
        });
  }

  /** Needs the privilege to create tables only if a queue is missing. */
  private List<QueueName> createMissing(Connection connection, Set<QueueName> needed)
      throws SQLException {
    var missing = missingQueues(connection, needed);
    if (missing.isEmpty()) {
      return List.of();
    }
    // Older versions of PGMQ take no lock of their own against concurrent creation of a queue.
    execute(connection, "select pg_advisory_xact_lock(hashtextextended('wasm_broker.queues', 0))");
    var still = missingQueues(connection, needed);
    for (var queue : still) {
      try (var statement = queues.prepare(connection, "select pgmq.create(?)")) {
        statement.setString(1, queue.value());
        statement.execute();
      }
    }
    return still;
  }

  private List<QueueName> missingQueues(Connection connection, Set<QueueName> needed)
      throws SQLException {
    var sql =
        """
        select name
        from unnest(?::text[]) with ordinality as needed(name, place)
        where not exists (select from pgmq.meta where queue_name = needed.name)
        order by place
        """;
    try (var statement = queues.prepare(connection, sql)) {
      statement.setArray(
          1, SqlArrays.texts(connection, needed.stream().map(QueueName::value).toList()));
      return names(statement).stream().map(QueueName::new).toList();
    }
  }

  private void execute(Connection connection, String sql) throws SQLException {
    try (var statement = queues.prepare(connection, sql)) {
      statement.execute();
    }
  }

  private static List<String> names(java.sql.PreparedStatement statement) throws SQLException {
    try (var rows = statement.executeQuery()) {
      var names = new ArrayList<String>();
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      return names;
    }
  }
}
