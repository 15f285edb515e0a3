package org.wasmbroker.cli;

import org.wasmbroker.app.BrokerConfig;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a command that reports something: what it is configured with, and the form of the
 * report. Unless told otherwise it logs errors only.
 */
final class ReportOptions {
  @Mixin private final ConfigOptions config = new ConfigOptions();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  ConfigOptions config() {
    return config;
  }

  boolean json() {
    return json;
  }

  BrokerConfig load() {
    config.putDefault("log.level", "error");
    return config.load();
  }
}
