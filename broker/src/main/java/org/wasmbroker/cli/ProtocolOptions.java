package org.wasmbroker.cli;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.ProtocolName;
import picocli.CommandLine.Option;

/** Where steps come from; the same for all commands that look at a protocol. */
final class ProtocolOptions {
  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "standalone, or tasker to be a worker of Tasker (sets protocol).")
  private @Nullable String protocol;

  @Option(
      names = "--namespace",
      paramLabel = "NAME[,NAME...]",
      description = "Tasker's namespaces whose steps to take (sets tasker.namespaces).")
  private @Nullable String namespaces;

  @Option(
      names = "--templates",
      paramLabel = "DIRECTORY",
      description = "Task templates to register with Tasker (sets tasker.templates).")
  private @Nullable String templates;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "The queue to take steps from, where there is no Tasker (sets queue.name).")
  private @Nullable String queue;

  /** Gives them as settings. */
  void applyTo(ConfigOptions options) {
    options.put("protocol", protocol);
    options.put("tasker.namespaces", namespaces);
    options.put("tasker.templates", templates);
    options.put("queue.name", queue);
  }

  /** Refuses options that mean nothing to the protocol that is in force. */
  void checkAgainst(BrokerConfig config) {
    switch (config.protocol()) {
      case STANDALONE -> {
        reject(namespaces, "--namespace", ProtocolName.TASKER);
        reject(templates, "--templates", ProtocolName.TASKER);
      }
      case TASKER -> reject(queue, "--queue", ProtocolName.STANDALONE);
    }
  }

  private static void reject(@Nullable String value, String option, ProtocolName expected) {
    if (value != null) {
      throw new UsageException(
          "%s is for --protocol %s".formatted(option, expected.name().toLowerCase(Locale.ROOT)));
    }
  }
}
