package org.wasmbroker.app;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.standalone.StandaloneProtocol;
import org.wasmbroker.protocol.tasker.TaskerSession;
import org.wasmbroker.protocol.tasker.worker.TaskerProtocol;
import org.wasmbroker.protocol.tasker.worker.TaskerWorker;
import org.wasmbroker.registry.ModuleRegistry;
import org.wasmbroker.telemetry.EventSink;

/** Creates protocols by name. */
public final class Protocols {
  private Protocols() {}

  /** Opens the connection pool of the protocol's database. */
  public static Database database(BrokerConfig config, String applicationName) {
    return switch (config.protocol()) {
      case STANDALONE -> Database.open(config.database(), applicationName);
      case TASKER -> Database.open(config.database(), applicationName, TaskerSession.SQL);
    };
  }

  static StepProtocol open(
      BrokerConfig config,
      Database database,
      WorkerIdentity worker,
      ModuleRegistry registry,
      EventSink events) {
    return switch (config.protocol()) {
      case STANDALONE -> new StandaloneProtocol(database, config.queue(), worker, events);
      case TASKER ->
          new TaskerProtocol(
              database,
              config.tasker(),
              new TaskerWorker(worker, BrokerVersion.text(), registry::serves, registry::handlers),
              events);
    };
  }

  /** The queues that steps come from. */
  public static List<QueueName> queues(BrokerConfig config) {
    return switch (config.protocol()) {
      case STANDALONE -> List.of(config.queue().queue());
      case TASKER -> config.tasker().allQueues();
    };
  }

  /** The queue that steps come from, or null if there are several. */
  static @Nullable String onlyQueue(BrokerConfig config) {
    var all = queues(config);
    return all.size() == 1 ? all.getFirst().value() : null;
  }

  /** The queues to monitor: those that steps come from, and those that outcomes go to. */
  public static List<QueueName> monitoredQueues(BrokerConfig config) {
    return switch (config.protocol()) {
      case STANDALONE ->
          List.of(config.queue().queue(), config.queue().results(), config.queue().deadLetters());
      case TASKER -> config.tasker().allQueues();
    };
  }
}
