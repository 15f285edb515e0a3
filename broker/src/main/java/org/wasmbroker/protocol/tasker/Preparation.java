package org.wasmbroker.protocol.tasker;

import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.Obstacle;

/** What a worker sees to before it takes steps: the databases are what it needs, queues exist. */
final class Preparation {
  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

  /** Tasker's own; a worker makes them too, so that it does not matter who starts first. */
  private static final List<QueueName> ORCHESTRATION =
      Stream.of(
              "orchestration_step_results",
              "orchestration_task_requests",
              "orchestration_task_finalizations")
          .map(QueueName::new)
          .toList();

  private final Database database;
  private final Database queueDatabase;
  private final TaskerConfig config;

  Preparation(Database database, Database queueDatabase, TaskerConfig config) {
    this.database = database;
    this.queueDatabase = queueDatabase;
    this.config = config;
  }

  /**
   * @throws org.wasmbroker.protocol.ProtocolException naming everything that is missing, each with
   *     its remedy
   */
  void run() {
    Obstacle.refuse(
        "Tasker's database", new TaskerSchemaCheck(database, queueDatabase).obstacles());
    if (config.recovery() != null) {
      new BrokerSchema(database).migrate();
    }
    var pgmq = new Pgmq(queueDatabase);
    Stream.concat(ORCHESTRATION.stream(), config.allQueues().stream())
        .forEach(pgmq::createIfMissing);
    LOG.atInfo()
        .addKeyValue("queues", config.allQueues())
        .addKeyValue("recovery", config.recovery() != null)
        .log("ready to take Tasker's steps");
  }
}
