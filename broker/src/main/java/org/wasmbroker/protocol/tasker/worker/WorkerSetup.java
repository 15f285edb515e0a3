package org.wasmbroker.protocol.tasker.worker;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.brokerschema.BrokerSchema;
import org.wasmbroker.brokerschema.SchemaPart;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.RequiredQueues;
import org.wasmbroker.protocol.SetupProblem;
import org.wasmbroker.protocol.tasker.TaskerConfig;
import org.wasmbroker.protocol.tasker.check.TaskerPrivilegeCheck;
import org.wasmbroker.protocol.tasker.check.TaskerSchemaCheck;
import org.wasmbroker.protocol.tasker.registration.TemplateRegistration;
import org.wasmbroker.protocol.tasker.template.TaskTemplate;
import org.wasmbroker.protocol.tasker.template.TemplateDirectory;
import org.wasmbroker.protocol.tasker.template.TemplateDirectory.Entry;
import org.wasmbroker.protocol.tasker.template.TemplateException;
import org.wasmbroker.protocol.tasker.template.TemplateWarnings;

/**
 * Prepares a worker before it claims steps: checks the databases, registers its templates with
 * Tasker, creates its queues.
 */
final class WorkerSetup {
  private static final Logger log = LoggerFactory.getLogger(WorkerSetup.class);

  private static final String DATABASE = "Tasker's database";

  private final Database database;
  private final Database queueDatabase;
  private final TaskerConfig config;
  private final TaskerWorker worker;

  WorkerSetup(Database database, Database queueDatabase, TaskerConfig config, TaskerWorker worker) {
    this.database = database;
    this.queueDatabase = queueDatabase;
    this.config = config;
    this.worker = worker;
  }

  /**
   * @throws ProtocolException naming everything that is missing, each with its remedy
   */
  void run() {
    SetupProblem.throwIfAny(DATABASE, new TaskerSchemaCheck(database, queueDatabase).problems());
    SetupProblem.throwIfAny(
        DATABASE, new TaskerPrivilegeCheck(database, queueDatabase, config).problems());
    if (config.recovery() != null) {
      new BrokerSchema(database, SchemaPart.RECOVERY).migrate();
    }
    var registration = new TemplateRegistration(database, queueDatabase, config.namespaces());
    if (config.templates() != null) {
      registration.register(loadTemplates(config.templates()));
    }
    SetupProblem.throwIfAny(
        DATABASE, RequiredQueues.problems(queueDatabase, requiredQueues(registration)));
    var created = registration.createQueues();
    var pgmq = new Pgmq(queueDatabase);
    config.queues().forEach(pgmq::createIfMissing);
    log.atInfo()
        .addKeyValue("queues", config.allQueues())
        .addKeyValue("created", created)
        .addKeyValue("recovery", config.recovery() != null)
        .log("ready to claim Tasker's steps");
  }

  private Set<QueueName> requiredQueues(TemplateRegistration registration) {
    var required = new LinkedHashSet<>(registration.requiredQueues());
    required.addAll(config.queues());
    return required;
  }

  private List<TaskTemplate> loadTemplates(Path directory) {
    try {
      var loaded = TemplateDirectory.read(directory);
      for (var problem : loaded.problems()) {
        log.error("a task template is not registered: {}", problem);
      }
      var handlers = worker.handlers().get();
      for (var entry : loaded.entries()) {
        for (var warning : TemplateWarnings.of(entry.template(), worker.serves(), handlers)) {
          log.atWarn()
              .addKeyValue("file", entry.file())
              .log("a task template will not behave as written: {}", warning);
        }
      }
      return loaded.entries().stream().map(Entry::template).collect(Collectors.toList());
    } catch (TemplateException unusable) {
      throw new ProtocolException(
          "the task templates cannot be registered: " + unusable.getMessage(),
          ProtocolException.Kind.PERMANENT,
          unusable);
    }
  }
}
