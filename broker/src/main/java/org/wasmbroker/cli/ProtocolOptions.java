package org.wasmbroker.cli;

import org.jspecify.annotations.Nullable;
import org.wasmbroker.app.BrokerConfig;
import org.wasmbroker.app.ProtocolName;
import org.wasmbroker.step.WireName;
import picocli.CommandLine.Option;

/** Where steps come from; the same for all commands that use a protocol. */
final class ProtocolOptions {
  @Option(
      names = "--protocol",
      paramLabel = "NAME",
      description = "standalone, or tasker to work for Tasker (sets protocol).")
  private @Nullable String protocol;

  @Option(
      names = "--namespace",
      paramLabel = "NAME[,NAME...]",
      description = "The Tasker namespaces to serve (sets tasker.namespaces).")
  private @Nullable String namespaces;

  @Option(
      names = "--templates",
      paramLabel = "DIRECTORY",
      description = "Task templates to register with Tasker (sets tasker.templates).")
  private @Nullable String templates;

  @Option(
      names = "--queue",
      paramLabel = "NAME",
      description = "The queue to consume in standalone mode (sets queue.name).")
  private @Nullable String queue;

  /** Applies them as settings. */
  void applyTo(ConfigOptions options) {
    options.put("protocol", protocol);
    options.put("tasker.namespaces", namespaces);
    options.put("tasker.templates", templates);
    options.put("queue.name", queue);
  }

  /** Rejects options that the selected protocol does not use. */
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
          "%s requires --protocol %s".formatted(option, WireName.of(expected)));
    }
  }
}
