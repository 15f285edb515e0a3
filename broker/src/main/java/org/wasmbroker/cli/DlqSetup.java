package org.wasmbroker.cli;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.pgmq.Database;
import org.wasmbroker.pgmq.Pgmq;
import picocli.CommandLine.Option;

/** What the commands about dead letters have in common: whose they are, and the database. */
final class DlqSetup {
  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description =
          "The queue whose dead letters are meant (sets queue.name); they are on NAME_dlq.")
  private @Nullable String queue;

  BrokerConfig load(ConfigOptions options) {
    options.put("queue.name", queue);
    options.putDefault("log.level", "error");
    var config = options.load();
    if (config.protocol() == ProtocolName.TASKER) {
      throw new UsageException(
          "Tasker has no dead letters: a step that failed for good is in the state error in"
              + " Tasker's tables, and is reset or resolved there, by Tasker's API or command line."
              + " To look at a queue of the standalone protocol, add --set protocol=standalone");
    }
    return config;
  }

  static Database open(BrokerConfig config) {
    var database = Database.open(config.database(), "wasm-broker dlq");
    try {
      var letters = config.queue().deadLetters();
      if (!new Pgmq(database).exists(letters)) {
        throw new UnavailableException(
            "there is no queue %s in this database; --queue or queue.name names the queue of the steps"
                .formatted(letters));
      }
      return database;
    } catch (RuntimeException failure) {
      database.close();
      throw failure;
    }
  }
}
