package org.wasmbroker.app;

import java.util.ArrayList;
import java.util.List;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.QueueName;
import org.wasmbroker.protocol.ProtocolException;
import org.wasmbroker.protocol.StepProtocol;
import org.wasmbroker.protocol.WorkerIdentity;
import org.wasmbroker.protocol.standalone.StandaloneProtocol;
import org.wasmbroker.protocol.tasker.Namespace;
import org.wasmbroker.telemetry.BrokerEvents;

/** The protocols by name. */
final class Protocols {
  private Protocols() {}

  /** The pool of connections to the protocol's database. */
  static Database database(BrokerConfig config, String applicationName) {
    return switch (config.protocol()) {
      case STANDALONE -> Database.open(config.database(), applicationName);
      case TASKER ->
          Database.open(
              config.database(),
              applicationName,
              "set search_path = tasker, public; set time zone 'UTC'");
    };
  }

  static StepProtocol open(
      BrokerConfig config, Database database, WorkerIdentity worker, BrokerEvents events) {
    return switch (config.protocol()) {
      case STANDALONE -> new StandaloneProtocol(database, config.queue(), worker, events);
      case TASKER -> throw new ProtocolException("Tasker's protocol is not built in", false, null);
    };
  }

  /** The queues that steps come from. */
  static List<QueueName> queues(BrokerConfig config) {
    return switch (config.protocol()) {
      case STANDALONE -> List.of(config.queue().queue());
      case TASKER -> {
        var tasker = config.tasker();
        var queues = new ArrayList<>(tasker.namespaces().stream().map(Namespace::queue).toList());
        queues.addAll(tasker.queues());
        yield List.copyOf(queues);
      }
    };
  }
}
