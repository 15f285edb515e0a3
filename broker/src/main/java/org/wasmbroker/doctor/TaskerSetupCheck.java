package org.wasmbroker.doctor;

import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.TemplateCheck;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.document.Problem;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.ServerInfo;
import org.wasmbroker.pgmq.ServerInspector;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.check.TaskerPrivilegeCheck;
import org.wasmbroker.protocol.tasker.check.TaskerSchemaCheck;
import org.wasmbroker.protocol.tasker.registration.TemplateRegistration;
import org.wasmbroker.protocol.tasker.registration.TemplateStore;
import org.wasmbroker.protocol.tasker.template.TemplateDirectory;
import org.wasmbroker.protocol.tasker.template.TemplateException;

/** Checks what a Tasker worker needs. */
final class TaskerSetupCheck {
  private static final String RIGHTS_REMEDY = "grant the role the privileges named in the message";
  private static final String MODULE_REMEDY =
      "put the module into registry.directory, or correct the callable; without it, steps fail"
          + " permanently";

  private final TaskerConfig config;
  private final Database tables;
  private final Database queues;
  private final @Nullable TemplateCheck check;
  private final Findings findings;

  /**
   * @param queues the database of the queues, often the same as {@code tables}
   * @param check checks whether a template can be run; null without an engine
   */
  TaskerSetupCheck(
      TaskerConfig config,
      Database tables,
      Database queues,
      @Nullable TemplateCheck check,
      Findings findings) {
    this.config = config;
    this.tables = tables;
    this.queues = queues;
    this.check = check;
    this.findings = findings;
  }

  void run(BrokerConfig broker) {
    var facts = new ServerCheck("database", broker.database(), findings).run(tables);
    if (facts == null) {
      return;
    }
    session(facts);
    var separate = config.queueDatabase();
    var queueFacts =
        separate == null
            ? facts
            : new ServerCheck("queue database", separate, findings).run(queues);
    if (queueFacts == null) {
      return;
    }
    queueFacts.pgmq().ifPresent(version -> findings.ok("PGMQ", version));
    uuids(facts);
    if (schema()) {
      attempt("rights", this::rights);
      attempt("queue", this::queues);
      attempt("recovery", this::recovery);
      new RolloutCheck(tables, findings).run(broker);
      attempt("template", this::templates);
    }
  }

  private void attempt(String subject, Runnable action) {
    findings.attempt(
        subject,
        RIGHTS_REMEDY,
        () -> {
          action.run();
          return subject;
        });
  }

  private void session(ServerInfo facts) {
    boolean path = List.of(facts.searchPath().split(",\\s*")).contains("tasker");
    if (path && facts.timeZone().equals("UTC")) {
      findings.ok(
          "session",
          "search path %s, time zone %s".formatted(facts.searchPath(), facts.timeZone()));
    } else {
      findings.failed(
          "session",
          "the broker's session settings are lost: search path %s, time zone %s"
              .formatted(facts.searchPath(), facts.timeZone()),
          "connect to PostgreSQL directly, or through a pooler in session mode");
    }
  }

  private void uuids(ServerInfo facts) {
    if (facts.hasUuidV7()) {
      findings.ok("UUIDs", "the database can generate version 7 UUIDs");
    } else {
      findings.failed(
          "UUIDs",
          "the database cannot generate version 7 UUIDs, which Tasker's tables need",
          "run 'create extension pg_uuidv7', or use PostgreSQL 18");
    }
  }

  /** Whether the other checks make sense. */
  private boolean schema() {
    var schema = new TaskerSchemaCheck(tables, queues);
    var problems = findings.attempt("Tasker's schema", RIGHTS_REMEDY, schema::problems);
    if (problems == null) {
      return false;
    }
    if (!problems.isEmpty()) {
      findings.addProblems("Tasker's schema", problems, "");
      return false;
    }
    version(schema);
    return true;
  }

  private void version(TaskerSchemaCheck schema) {
    var newest = findings.attempt("Tasker's schema", RIGHTS_REMEDY, schema::newestMigration);
    if (newest == null) {
      return;
    }
    var known = TaskerSchemaCheck.NEWEST_MIGRATION;
    if (newest.isEmpty()) {
      findings.ok(
          "Tasker's schema",
          "has everything the broker uses; its migrations are not recorded, or the role may not"
              + " read them");
    } else if (newest.orElseThrow() > known) {
      findings.warning(
          "Tasker's schema",
          "has everything the broker uses, with migrations up to %d; this broker was tested up to %d"
              .formatted(newest.orElseThrow(), known),
          "check whether a newer broker is available");
    } else {
      findings.ok(
          "Tasker's schema",
          "has everything the broker uses, with migrations up to %d"
              .formatted(newest.orElseThrow()));
    }
  }

  private void rights() {
    findings.addProblems(
        "rights",
        new TaskerPrivilegeCheck(tables, queues, config).problems(),
        "the role has all the privileges it needs");
  }

  private void queues() {
    var needed =
        new LinkedHashSet<>(
            new TemplateRegistration(tables, queues, config.namespaces()).requiredQueues());
    needed.addAll(config.queues());
    new QueueCheck(queues, findings).run(List.copyOf(needed));
    var schema = new TaskerSchemaCheck(tables, queues);
    for (var queue : config.allQueues()) {
      for (var problem : schema.problems(queue)) {
        findings.failed("queue", problem.description(), problem.remedy());
      }
    }
  }

  private void recovery() {
    if (config.recovery() == null) {
      findings.warning(
          "recovery",
          "is disabled: steps of a worker that dies stay in_progress forever",
          "set tasker.recovery.enabled to true, unless tables cannot be created in this database");
      return;
    }
    var problems = new BrokerSchema(tables, SchemaPart.RECOVERY).problems();
    if (problems.isEmpty()) {
      findings.ok("recovery", "the schema wasm_broker exists");
    } else if (new ServerInspector(tables).canCreateIn("wasm_broker")) {
      findings.ok("recovery", "the broker creates its tables in the schema wasm_broker at startup");
    } else {
      findings.addProblems("recovery", problems, "");
    }
  }

  private void templates() {
    var directory = config.templates();
    if (directory != null) {
      try {
        var loaded = TemplateDirectory.read(directory);
        findings.ok("templates", "%d in %s".formatted(loaded.entries().size(), directory));
        loaded.problems().forEach(this::unreadable);
      } catch (TemplateException problem) {
        problem.problems().forEach(this::unreadable);
      }
    }
    for (var namespace : config.namespaces()) {
      templates(namespace);
    }
  }

  private void unreadable(Problem problem) {
    findings.failed("templates", problem.toString(), "correct the file");
  }

  private void templates(Namespace namespace) {
    var stored = new TemplateStore(tables).findAll(List.of(namespace));
    if (stored.isEmpty()) {
      findings.warning(
          "template",
          "the namespace %s has no templates, so it has no steps".formatted(namespace),
          "register templates with --templates DIRECTORY, or from another worker");
    }
    for (var template : stored) {
      if (check == null) {
        findings.failed(
            "template",
            template + " was not checked because the engine is unavailable",
            "see engine");
        continue;
      }
      var problems = check.check(template).problems();
      if (problems.isEmpty()) {
        findings.ok("template", template + " can be run");
      }
      problems.forEach(
          problem -> findings.failed("template", template + ", " + problem, MODULE_REMEDY));
    }
  }
}
